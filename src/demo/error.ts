/** Odoo's exceptions, with the words and shapes that real servers of each series were recorded with. */

export type Series = 12 | 14 | 17 | 19

export type OdooError = {
  /** The exception's full name: `odoo.exceptions.UserError`, `builtins.TypeError`. */
  readonly name: string
  readonly message: string
}

/** `error.data.exception_type` of series 12. */
const TYPES_OF_12: ReadonlyMap<string, string> = new Map([
  ['odoo.exceptions.UserError', 'user_error'],
  ['odoo.exceptions.ValidationError', 'validation_error'],
  ['odoo.exceptions.AccessError', 'access_error'],
  ['odoo.exceptions.AccessDenied', 'access_denied'],
  ['odoo.exceptions.MissingError', 'missing_error'],
])

/** What `/json/2` answers with; every other exception is a 500. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ['werkzeug.exceptions.BadRequest', 400],
  ['werkzeug.exceptions.Unauthorized', 401],
  ['odoo.exceptions.AccessDenied', 403],
  ['odoo.exceptions.AccessError', 403],
  ['odoo.exceptions.MissingError', 404],
  ['werkzeug.exceptions.NotFound', 404],
  ['odoo.exceptions.UserError', 422],
  ['odoo.exceptions.ValidationError', 422],
  ['werkzeug.exceptions.UnprocessableEntity', 422],
])

export function statusOf(error: OdooError): number {
  return STATUSES.get(error.name) ?? 500
}

/** The `error` member of a JSON-RPC answer. */
export function rpcError(error: OdooError, series: Series): object {
  const data = series === 12 ? dataOf12(error) : { ...bareError(error) }
  return { code: series === 19 ? 0 : 200, message: 'Odoo Server Error', data }
}

/** The body of an error of `/json/2`; `error.data` of the later series. */
export function bareError({ name, message }: OdooError): object {
  return { name, message, arguments: [message], context: {}, debug: '(traceback)' }
}

/** Series 12 has two arguments for its own exceptions and joins them with a line break, also where one is `None`. */
function dataOf12({ name, message }: OdooError): object {
  const kind = TYPES_OF_12.get(name) ?? 'internal_error'
  const rest = kind === 'user_error' ? [''] : kind === 'internal_error' || kind === 'access_denied' ? [] : [null]
  const tail = rest.map((one) => `\n${one ?? 'None'}`).join('')
  return {
    name,
    debug: '(traceback)',
    message: `${message}${tail}`,
    arguments: [message, ...rest],
    exception_type: kind,
  }
}

export function userError(message: string): OdooError {
  return { name: 'odoo.exceptions.UserError', message }
}

export function validationError(message: string): OdooError {
  return { name: 'odoo.exceptions.ValidationError', message }
}

export function valueError(message: string): OdooError {
  return { name: 'builtins.ValueError', message }
}

export function typeError(message: string): OdooError {
  return { name: 'builtins.TypeError', message }
}

export function accessDenied(series: Series): OdooError {
  return { name: 'odoo.exceptions.AccessDenied', message: series === 12 ? 'Access denied' : 'Access Denied' }
}

/** Somebody who has signed in, and may not see what belongs to the point of sale. */
export function accessError(series: Series, model: string): OdooError {
  const name = 'odoo.exceptions.AccessError'
  if (series === 12) {
    const rights = 'Only users with the following access level are currently allowed to do that:\n- Point of Sale/User'
    const message = `Sorry, you are not allowed to access this document. ${rights}\n\n(Document model: ${model})`
    return { name, message }
  }
  const groups = 'This operation is allowed for the following groups:\n\t- Point of Sale/User'
  const advice = 'Contact your administrator to request access if necessary.'
  return { name, message: `You are not allowed to access '${model}' (${model}) records.\n\n${groups}\n\n${advice}` }
}

export function unknownDatabase(series: Series, database: string): OdooError {
  const socket = series >= 17 ? 'connection to server on socket "…" failed: ' : ''
  return { name: 'psycopg2.OperationalError', message: `${socket}FATAL:  database "${database}" does not exist\n` }
}

export function unknownModel(model: string): OdooError {
  return userError(`Object ${model} doesn't exist`)
}

type Member = { readonly series: Series; readonly model: string; readonly method: string }

export function unknownMethod({ series, model, method }: Member): OdooError {
  const name = 'builtins.AttributeError'
  if (series === 19) return { name, message: `The method '${model}.${method}' does not exist` }
  if (series === 17) return { name, message: `The method '${method}' does not exist on the model '${model}'` }
  return { name, message: `type object '${model}' has no attribute '${method}'` }
}

export function privateMethod({ series, model, method }: Member): OdooError {
  const such = series === 19 ? `'${model}.${method}'` : method
  const message = `Private methods (such as ${such}) cannot be called remotely.`
  return { name: 'odoo.exceptions.AccessError', message }
}

/** Two calls wrote the same row, and Odoo has given up repeating the later one. */
export function serializationFailure(series: Series): OdooError {
  const name = series === 12 ? 'psycopg2.extensions.TransactionRollbackError' : 'psycopg2.errors.SerializationFailure'
  return { name, message: 'could not serialize access due to concurrent update\n' }
}
