import type { OdooFailure } from '../core/odoo.ts'
import { isJsonObject } from '../protocol/mod.ts'
import { exceptionFailure } from './exception.ts'
import { failureOf, wireFailure } from './failure.ts'
import type { HttpReply } from './http.ts'
import { pageFailure, readRetryAfter } from './page.ts'
import { parseJson } from './slice.ts'
import {
  addressOf,
  isYes,
  post,
  type Said,
  SEARCH_FIELDS,
  SEARCH_MODEL,
  said,
  unsaid,
  type Way,
  type WayParts,
} from './way.ts'

const OLDER = 'an Odoo before 19 has no json2: set ODOO_API to auto'

/** Odoo's `/json/2`, from 19 on: a key instead of a sign-in, named arguments, bare results, real statuses. */
export class Json2 implements Way {
  readonly api = 'json2'
  readonly #parts: WayParts

  constructor(parts: WayParts) {
    this.#parts = parts
  }

  secrets(): readonly string[] {
    return []
  }

  finalize(snapshot: string): Promise<Said> {
    const { model, finalizeMethod } = this.#parts.settings
    return this.#call(model, finalizeMethod, `{"snapshot":${snapshot}}`)
  }

  batch(snapshots: string): Promise<Said> {
    const { model, batchMethod } = this.#parts.settings
    return this.#call(model, batchMethod, `{"snapshots":${snapshots}}`)
  }

  readonly search: Way['search'] = (search) =>
    this.#call(SEARCH_MODEL, 'search_read', JSON.stringify({ fields: SEARCH_FIELDS, ...search }))

  readonly read: Way['read'] = ({ model, ...reading }) => this.#call(model, 'search_read', JSON.stringify(reading))

  readonly dry: Way['dry'] = () => {
    const { model, finalizeMethod } = this.#parts.settings
    return this.#call(model, finalizeMethod, '{}')
  }

  async #call(model: string, method: string, ...[body]: readonly [body: string]): Promise<Said> {
    const { settings, clock } = this.#parts
    const key = keyOf(settings)
    if (key === null) return unsaid(failureOf('SIGN_IN', { detail: 'ODOO_API_KEY is not set' }))
    const path = `/json/2/${encodeURIComponent(model)}/${encodeURIComponent(method)}`
    const database = settings.db === null ? {} : { 'X-Odoo-Database': settings.db }
    const reply = await post(this.#parts, { path, headers: { Authorization: `bearer ${key}`, ...database }, body })
    if (!reply.ok) return unsaid(wireFailure(reply))
    if (isYes(reply) && parseJson(reply.body) !== undefined) return said(reply.body.trim())
    const wall = clock.wall()
    const asked = { url: addressOf(settings, path), missing: 'WRONG_DATABASE', hint: OLDER, wall } as const
    return unsaid(readError(reply, wall) ?? pageFailure(reply, asked))
  }
}

/** The key that opens `/json/2`; null if there is none. A password is no key, unless this way was asked for by name. */
export function keyOf({ api, apiKey, password }: WayParts['settings']): string | null {
  return apiKey ?? (api === 'json2' ? password : null)
}

/** {name, message, arguments}; null where a page answers. Its status says less than the name of its exception. */
function readError(reply: HttpReply, wall: number): OdooFailure | null {
  const error = parseJson(reply.body)
  if (!isJsonObject(error)) return null
  const { name, message } = error
  if (typeof name !== 'string' || typeof message !== 'string') return null
  if (reply.status === 429)
    return failureOf('RATE_LIMITED', { says: message, retryAfterMs: readRetryAfter(reply, wall) })
  return exceptionFailure({ name, message })
}
