import type { Ms } from '../protocol/mod.ts'

export type HttpRequest = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string | null
  readonly connectTimeoutMs: Ms
  readonly answerTimeoutMs: Ms
  readonly answerBytesMax: number
}

/** An answer of whatever listens there, with any status; `headers` by names in lower case. */
export type HttpReply = {
  readonly ok: true
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/**
 * `unreachable`: nobody listens, or no way leads there. `name`: the name has no address. `tls`: no connection that can
 * be trusted. `connect_timeout`: no connection in time. `lost`: the connection ended before the answer did.
 * `timeout`: no whole answer in time. `too_large`: the answer is longer than allowed. `not_http`: what answers speaks
 * something else.
 */
export type HttpTrouble =
  | 'unreachable'
  | 'name'
  | 'tls'
  | 'connect_timeout'
  | 'lost'
  | 'timeout'
  | 'too_large'
  | 'not_http'

export type HttpFailure = {
  readonly ok: false
  readonly trouble: HttpTrouble
  /** A connection was there, so that the request may have arrived. False: not a byte of it was sent. */
  readonly isSent: boolean
  /** For people: what the system said. */
  readonly reason: string
}

/**
 * One exchange on a connection of its own: never follows a redirect, never sends a request twice, checks certificates.
 * Never rejects.
 */
export type HttpFetch = (request: HttpRequest) => Promise<HttpReply | HttpFailure>
