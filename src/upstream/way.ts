import type { OdooFailure } from '../core/odoo.ts'
import type { Clock } from '../engine/ports.ts'
import type { HttpFetch, HttpReply, HttpRequest } from './http.ts'
import type { Api, OdooSettings } from './settings.ts'

/** What a method answered, as JSON text; or why there is no answer. */
export type Said = { readonly ok: true; readonly json: string } | { readonly ok: false; readonly failure: OdooFailure }

/** A `search_read` on `pos.order`. */
export type Search = {
  readonly domain: readonly (readonly [field: string, operator: string, value: string | readonly string[]])[]
  readonly order: string
  readonly offset: number
  readonly limit: number
}

/** A `search_read` on any model, from its newest record on. */
export type Reading = {
  readonly model: string
  readonly domain: readonly (readonly [field: string, operator: string, value: string])[]
  readonly fields: readonly string[]
  readonly limit: number
}

export const SEARCH_FIELDS = ['id', 'pos_reference', 'state', 'amount_total', 'config_id'] as const
export const SEARCH_MODEL = 'pos.order'

/** One of the ways to the server. Each signs in by itself, and once more if that is not good any longer. Never rejects. */
export interface Way {
  readonly api: Api
  /** The snapshot, as the text of a JSON object. */
  finalize(snapshot: string): Promise<Said>
  /** The snapshots, as the text of a JSON array. */
  batch(snapshots: string): Promise<Said>
  /** Null: this way has no look-up. */
  readonly search: ((search: Search) => Promise<Said>) | null
  /** Null: this way has no look-up. */
  readonly read: ((reading: Reading) => Promise<Said>) | null
  /**
   * Calls the method of finalize without its argument: the answer shows whether it is there, and no order can come of
   * it. Null: on this way nobody can tell what such a call would do.
   */
  readonly dry: (() => Promise<Said>) | null
  /** Secrets that were given out by the server, so that no text shows them. */
  secrets(): readonly string[]
}

export type WayParts = {
  readonly settings: OdooSettings
  readonly fetch: HttpFetch
  readonly clock: Clock
}

export function said(json: string): Said {
  return { ok: true, json }
}

export function unsaid(failure: OdooFailure): Extract<Said, { ok: false }> {
  return { ok: false, failure }
}

export type Post = { readonly path: string; readonly headers?: HttpRequest['headers']; readonly body: string }

/** The address of a path under the server's own. */
export function addressOf(settings: OdooSettings, path: string): string {
  return `${settings.url.replace(/\/+$/, '')}${path}`
}

export function post({ settings, fetch }: WayParts, { path, headers, body }: Post): ReturnType<HttpFetch> {
  const json = { 'Content-Type': 'application/json', Accept: 'application/json' }
  return exchange({ settings, fetch }, { method: 'POST', path, headers: { ...json, ...headers }, body })
}

export function get(parts: Pick<WayParts, 'settings' | 'fetch'>, path: string): ReturnType<HttpFetch> {
  return exchange(parts, { method: 'GET', path, headers: { Accept: 'application/json' }, body: null })
}

type Sent = Pick<HttpRequest, 'method' | 'body' | 'headers'> & { readonly path: string }

function exchange({ settings, fetch }: Pick<WayParts, 'settings' | 'fetch'>, sent: Sent): ReturnType<HttpFetch> {
  const { connectTimeoutMs, answerTimeoutMs, answerBytesMax, appVersion } = settings
  const headers = { 'User-Agent': `pos-hub/${appVersion}`, ...sent.headers }
  return fetch({
    method: sent.method,
    url: addressOf(settings, sent.path),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, printable(value)])),
    body: sent.body,
    ...{ connectTimeoutMs, answerTimeoutMs, answerBytesMax },
  })
}

/** A header takes nothing else, and a line break in one would begin another. */
function printable(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '?')
}

export function isYes({ status }: HttpReply): boolean {
  return status >= 200 && status < 300
}
