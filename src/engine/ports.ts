import type { Ms, Role } from '../protocol/mod.ts'

/** Two clocks, because one of them jumps. */
export interface Clock {
  /** Monotonic milliseconds from any origin: for every deadline. A step of the wall clock never shows here. */
  now(): Ms
  /** Milliseconds since 1970: for people, business days, tokens and audit. May jump in either direction. */
  wall(): Ms
  /** Calls `wake` once when `now()` has reached `time`; the result calls it off. */
  at(time: Ms, wake: () => void): () => void
}

export type LogFields = { readonly [key: string]: unknown }

/** One event, one line. Never a secret; a snapshot at `debug` at most. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  fatal(event: string, fields?: LogFields): void
}

/** Who a token speaks for. */
export type Identity = {
  /** Stable name of the person or till in the token; a v2 session is bound to it. */
  readonly subject: string
  /** For people's eyes: "Till 1". */
  readonly name: string
  readonly role: Role
  /** The `pos.config` ids it is good for; empty means all. The first one is its home. */
  readonly configIds: readonly number[]
}

export type SignInResult =
  | { readonly ok: true; readonly identity: Identity }
  | {
      readonly ok: false
      readonly code: 'TOKEN_REFUSED' | 'TOKEN_EXPIRED' | 'SIGN_IN_UNAVAILABLE'
      readonly reason: string
    }

/** The one door for tokens. Never throws: a check that cannot be made is `SIGN_IN_UNAVAILABLE`. */
export interface SignIn {
  check(token: string): Promise<SignInResult>
}
