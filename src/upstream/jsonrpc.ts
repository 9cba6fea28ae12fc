import type { OdooFailure } from '../core/odoo.ts'
import { isJsonObject } from '../protocol/mod.ts'
import { readId } from './answer.ts'
import { exceptionFailure } from './exception.ts'
import { failureOf, harmless, wireFailure } from './failure.ts'
import { pageFailure } from './page.ts'
import { parseJson, sliceFields } from './slice.ts'
import {
  addressOf,
  post,
  type Said,
  SEARCH_FIELDS,
  SEARCH_MODEL,
  said,
  unsaid,
  type Way,
  type WayParts,
} from './way.ts'

/** Odoo's own calls, from 12 on: `common.authenticate`, then `object.execute_kw`. All arguments are JSON text. */

type User = { readonly ok: true; readonly db: string; readonly uid: number }
type Signed = User | { readonly ok: false; readonly failure: OdooFailure }
type Execution = { readonly model: string; readonly method: string; readonly args: string; readonly kwargs?: string }

const PATH = '/jsonrpc'

export class JsonRpc implements Way {
  readonly api = 'jsonrpc'
  readonly #parts: WayParts
  #lastId = 0
  /** One sign-in serves all calls that wait for it. */
  #user: Promise<Signed> | null = null

  constructor(parts: WayParts) {
    this.#parts = parts
  }

  secrets(): readonly string[] {
    return []
  }

  finalize(snapshot: string): Promise<Said> {
    const { model, finalizeMethod: method } = this.#parts.settings
    return this.#execute({ model, method, args: snapshot })
  }

  batch(snapshots: string): Promise<Said> {
    const { model, batchMethod: method } = this.#parts.settings
    return this.#execute({ model, method, args: snapshots })
  }

  readonly search: Way['search'] = ({ domain, ...page }) => {
    const kwargs = JSON.stringify({ fields: SEARCH_FIELDS, ...page })
    return this.#execute({ model: SEARCH_MODEL, method: 'search_read', args: JSON.stringify(domain), kwargs })
  }

  readonly read: Way['read'] = ({ model, domain, fields, limit }) => {
    const kwargs = JSON.stringify({ fields, limit })
    return this.#execute({ model, method: 'search_read', args: JSON.stringify(domain), kwargs })
  }

  readonly dry: Way['dry'] = () => {
    const { model, finalizeMethod: method } = this.#parts.settings
    return this.#execute({ model, method, args: '' })
  }

  /** A sign-in that is not good any longer is made anew once; what Odoo denied, it did not carry out. */
  async #execute(execution: Execution): Promise<Said> {
    const user = await this.#signIn()
    if (!user.ok) return unsaid(user.failure)
    const first = await this.#run(user, execution)
    if (first.ok || first.failure.code !== 'SIGN_IN') return this.#heard(first)
    this.#user = null
    const again = await this.#signIn()
    return again.ok ? this.#heard(await this.#run(again, execution)) : unsaid(again.failure)
  }

  /** Whatever is wrong with who we are or where: the next call begins with a sign-in. */
  #heard(answer: Said): Said {
    if (!answer.ok && (answer.failure.code === 'SIGN_IN' || answer.failure.code === 'WRONG_DATABASE')) this.#user = null
    return answer
  }

  #run({ db, uid }: User, { model, method, args, kwargs = '{}' }: Execution): Promise<Said> {
    const plain = [db, uid, this.#secret(), model, method].map((value) => JSON.stringify(value))
    return this.#call('object', 'execute_kw', `${plain.join(',')},[${args}],${kwargs}`)
  }

  #secret(): string {
    const { apiKey, password } = this.#parts.settings
    return apiKey ?? password ?? ''
  }

  async #signIn(): Promise<Signed> {
    const running = this.#user ?? this.#authenticate()
    this.#user = running
    const signed = await running
    if (!signed.ok && this.#user === running) this.#user = null
    return signed
  }

  async #authenticate(): Promise<Signed> {
    const { user } = this.#parts.settings
    if (user === null) return refusedSignIn('ODOO_USER is not set')
    if (this.#secret() === '') return refusedSignIn('neither ODOO_PASSWORD nor ODOO_API_KEY is set')
    const db = await this.#database()
    if (!db.ok) return { ok: false, failure: harmless(db.failure) }
    const args = [db.json, JSON.stringify(user), JSON.stringify(this.#secret()), '{}']
    const answer = await this.#call('common', 'authenticate', args.join(','))
    if (!answer.ok) return { ok: false, failure: harmless(answer.failure) }
    const uid = readId(parseJson(answer.json))
    const name = String(parseJson(db.json))
    return uid === null
      ? refusedSignIn(`Odoo does not know this user and password in ${name}`)
      : { ok: true, db: name, uid }
  }

  /** The name of the database, as JSON text: as configured, or the only one there. */
  async #database(): Promise<Said> {
    const { db } = this.#parts.settings
    if (db !== null) return said(JSON.stringify(db))
    const answer = await this.#call('db', 'list', '')
    const list = answer.ok ? parseJson(answer.json) : null
    const [only, ...more] = Array.isArray(list) ? list : []
    if (typeof only === 'string' && more.length === 0) return said(JSON.stringify(only))
    if (more.length > 0) {
      return unsaid(failureOf('WRONG_DATABASE', { detail: 'ODOO_DB is not set, and the server has several databases' }))
    }
    if (!answer.ok && answer.failure.code !== 'SIGN_IN') return answer
    const detail = 'ODOO_DB is not set, and the server does not list its databases'
    return unsaid(failureOf('WRONG_DATABASE', { detail }))
  }

  async #call(service: string, method: string, args: string): Promise<Said> {
    this.#lastId++
    const params = `{"service":"${service}","method":"${method}","args":[${args}]}`
    const body = `{"jsonrpc":"2.0","method":"call","id":${this.#lastId},"params":${params}}`
    const reply = await post(this.#parts, { path: PATH, body })
    if (!reply.ok) return unsaid(wireFailure(reply))
    const known = readEnvelope(reply.body)
    if (known !== null) return known
    const url = addressOf(this.#parts.settings, PATH)
    return unsaid(pageFailure(reply, { url, missing: 'NOT_ODOO', wall: this.#parts.clock.wall() }))
  }
}

function refusedSignIn(detail: string): Signed {
  return { ok: false, failure: failureOf('SIGN_IN', { detail }) }
}

/** What stands in a JSON-RPC answer; null where it is none. A method that returns nothing has no `result`. */
export function readEnvelope(text: string): Said | null {
  const envelope = parseJson(text)
  if (!isJsonObject(envelope)) return null
  const { error } = envelope
  if (isJsonObject(error)) return unsaid(readError(error))
  const result = sliceFields(text, ['result']).get('result')
  if (result !== undefined) return said(result)
  return envelope['jsonrpc'] === '2.0' ? said('null') : null
}

/** {code, message, data: {name, message}}; `message` outside is always "Odoo Server Error". */
function readError({ message, data }: { readonly [key: string]: unknown }): OdooFailure {
  const inner = isJsonObject(data) ? data : {}
  const name = typeof inner['name'] === 'string' ? inner['name'] : undefined
  const reason = [inner['message'], message].find((one) => typeof one === 'string' && one !== '')
  return exceptionFailure({ name, message: typeof reason === 'string' ? reason : 'no reason was given' })
}
