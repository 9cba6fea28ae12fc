import type { OdooFailure } from '../../src/core/odoo.ts'
import type { OdooOrder } from '../../src/engine/ports.ts'
import { Opaque, PosReference } from '../../src/protocol/mod.ts'
import type { HttpFailure, HttpFetch, HttpReply, HttpRequest } from '../../src/upstream/http.ts'
import { createOdoo, type OdooRoad } from '../../src/upstream/odoo.ts'
import { ODOO_DEFAULTS, type OdooSettings } from '../../src/upstream/settings.ts'
import { FakeClock } from '../engine/fake_clock.ts'
import { KeptLog } from '../support/clock.ts'

export const SETTINGS: OdooSettings = {
  ...ODOO_DEFAULTS,
  url: 'http://odoo.test',
  db: 'shop',
  user: 'hub',
  password: 'secret-password',
  apiKey: null,
  deviceId: 'hub-1',
  appVersion: '0.1.0',
}

export function order(reference = 'A-1', json = '{"lines":[]}', configId: number | null = 3): OdooOrder {
  return { posReference: PosReference.parse(reference), configId, snapshot: new Opaque(json), isDiscarded: false }
}

type Answer = {
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  readonly body: unknown
}

/** What a server says to one request: JSON, or text as it is. */
export function reply({ status = 200, headers = {}, body }: Answer): HttpReply {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { ok: true, status, headers: new Map(Object.entries(headers)), body: text }
}

export function result(value: unknown): HttpReply {
  return reply({ body: { jsonrpc: '2.0', id: 1, result: value } })
}

export function fault(name: string, message: string): HttpReply {
  const error = { code: 200, message: 'Odoo Server Error', data: { name, message, debug: '(traceback)' } }
  return reply({ body: { jsonrpc: '2.0', id: 1, error } })
}

export const MADE = { status: 'ok', pos_reference: 'A-1', order_id: 41, created: true, line_id_map: {}, fiscal: {} }

export type Call = {
  readonly path: string
  readonly headers: HttpRequest['headers']
  readonly text: string
  /** The body, or an empty object. */
  readonly body: { readonly [key: string]: unknown }
}

export type Server = (call: Call, count: number) => HttpReply | HttpFailure

export type Stage = {
  readonly road: OdooRoad
  readonly calls: Call[]
  readonly clock: FakeClock
  readonly log: KeptLog
}

/** A road to a server that is a function. */
export function stage(settings: Partial<OdooSettings>, server: Server): Stage {
  const calls: Call[] = []
  const clock = new FakeClock()
  const log = new KeptLog()
  const fetch: HttpFetch = async ({ url, headers, body }) => {
    const { pathname } = new URL(url)
    const call = { path: pathname, headers, text: body ?? '', body: JSON.parse(body ?? '{}') }
    calls.push(call)
    return server(call, calls.length)
  }
  return { road: createOdoo({ settings: { ...SETTINGS, ...settings }, fetch, clock, log }), calls, clock, log }
}

/** What a JSON-RPC request calls: `common.authenticate`, or the method that `execute_kw` is about. */
export function methodOf({ body }: Call): string {
  const { service, method, args } = (body['params'] ?? {}) as { service?: string; method?: string; args?: unknown[] }
  return method === 'execute_kw' ? String(args?.[4]) : `${service}.${method}`
}

export function argumentsOf({ body }: Call): readonly unknown[] {
  return (body['params'] as { args: unknown[] }).args
}

/** Odoo over `/jsonrpc` where the user is 2, and everything else is said by `server`. */
export function signedIn(server: Server): Server {
  return (call, count) => (methodOf(call) === 'common.authenticate' ? result(2) : server(call, count))
}

/** A failure in short. */
export function short(failure: OdooFailure): string {
  const { kind, code, scope, mayHaveLanded } = failure
  return `${code} ${kind} ${scope}${mayHaveLanded ? ' landed' : ''}`
}

export function lost(trouble: HttpFailure['trouble'] = 'lost', isSent = true): HttpFailure {
  return { ok: false, trouble, isSent, reason: 'as the test wants it' }
}
