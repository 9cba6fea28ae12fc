import { isJsonObject } from '../protocol/mod.ts'
import { type Answer, type Incoming, json, notFound, parseJson } from './answer.ts'
import { bareError, type OdooError, statusOf } from './error.ts'
import { describe, execute, hasMethod, isModel, type ModelCall, missingArgument } from './model.ts'
import { type Plan, settled, type World } from './plan.ts'

/** `/json/2/<model>/<method>`: bare results, errors with statuses of their own. */

const PATH = /^\/json\/2\/([a-z0-9_.]+)\/([A-Za-z0-9_]+)$/
const BEARER = /^bearer\s+(.+)$/i

const WORDS = { way: 'json2' as const, fail, deny }

/** Argument names that every method of that name takes. */
const ARGUMENTS: { readonly [method: string]: readonly string[] } = {
  hub_finalize_snapshot: ['snapshot'],
  hub_batch_sync: ['snapshots'],
  search_read: ['domain', 'fields', 'offset', 'limit', 'order'],
  search_count: ['domain', 'limit'],
  has_group: ['group_ext_id', 'ids'],
}

export function planJson2(world: World, incoming: Incoming): Plan {
  const [, model = '', method = ''] = PATH.exec(incoming.path) ?? []
  const end = (answer: Answer) => settled({ ...WORDS, what: `${model}.${method}` }, answer)
  const refuse = (name: string, message: string) => end(fail({ name: `werkzeug.exceptions.${name}`, message }))
  const database = incoming.headers.get('X-Odoo-Database')
  if (model === '' || incoming.method !== 'POST') return end(notFound())
  if (database !== null && database !== world.databaseName) return end(notFound())
  const key = BEARER.exec(incoming.headers.get('Authorization') ?? '')?.[1] ?? ''
  const user = world.users.ownerOf(key.trim())
  if (user === null) return end(deny())
  const parsed = parseJson(incoming.body)
  if (!parsed.ok || !isJsonObject(parsed.value)) return refuse('BadRequest', 'could not parse the body as json')
  const { context: _, ...kwargs } = parsed.value
  const call: ModelCall = { model, method, args: [], kwargs, user }
  if (!isModel(model)) return refuse('NotFound', `the model '${model}' does not exist`)
  if (!method.startsWith('_')) {
    if (!hasMethod(world, call)) return refuse('NotFound', `The method '${model}.${method}' does not exist`)
    const missing = missingArgument(call)
    if (missing !== null) return refuse('UnprocessableEntity', `missing a required argument: '${missing}'`)
    const extra = Object.keys(kwargs).find((name) => ARGUMENTS[method]?.includes(name) === false)
    if (extra !== undefined) return refuse('UnprocessableEntity', `got an unexpected keyword argument '${extra}'`)
  }
  const { what, snapshots } = describe(call)
  return {
    ...WORDS,
    what,
    snapshots,
    isWrite: what === 'finalize' || what === 'batch',
    perform: (quirk) => {
      const done = execute(world, call, quirk)
      return done.ok ? json(done.value) : fail(done.error)
    },
  }
}

function fail(error: OdooError): Answer {
  return json(bareError(error), { status: statusOf(error) })
}

function deny(): Answer {
  const error = { name: 'werkzeug.exceptions.Unauthorized', message: 'Invalid apikey' }
  return json(bareError(error), { status: 401, headers: { 'WWW-Authenticate': 'bearer' } })
}
