import type { Ms } from '../protocol/mod.ts'

/** The ways to the server: the add-on's own routes, Odoo's `/jsonrpc` (12 and later), Odoo's `/json/2` (19 and later). */
export type Api = 'rest' | 'jsonrpc' | 'json2'

export type OdooSettings = {
  /** Like `https://odoo.example.com`, with or without a path; no query. */
  readonly url: string
  readonly api: Api | 'auto'
  /** Null: the only one that the server has. */
  readonly db: string | null
  readonly user: string | null
  readonly password: string | null
  /** Stands for the password over `jsonrpc`; `json2` takes nothing else. */
  readonly apiKey: string | null
  /** Where the add-on's own routes begin. */
  readonly restPrefix: string
  /** The model that the add-on's methods are on. Look-ups always read `pos.order`. */
  readonly model: string
  readonly finalizeMethod: string
  readonly batchMethod: string
  /** From the name of the server to a connection that a request can be sent on. */
  readonly connectTimeoutMs: Ms
  /** From there to the last byte of the answer. */
  readonly answerTimeoutMs: Ms
  readonly answerBytesMax: number
  /** What the hub calls itself. */
  readonly deviceId: string
  readonly appVersion: string
}

export const ODOO_DEFAULTS = {
  api: 'auto',
  restPrefix: '/pos-api/v1',
  model: 'pos.order',
  finalizeMethod: 'hub_finalize_snapshot',
  batchMethod: 'hub_batch_sync',
  connectTimeoutMs: 5_000,
  answerTimeoutMs: 30_000,
  answerBytesMax: 8 * 1024 * 1024, // 500 orders of a look-up are 100 kB; keeps a mistaken address out of memory.
} as const satisfies Partial<OdooSettings>
