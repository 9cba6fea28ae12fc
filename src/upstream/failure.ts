import type { FailureCode, FailureKind, OdooFailure } from '../core/odoo.ts'
import type { Ms } from '../protocol/mod.ts'
import { FAILURE_WORDS } from './failure_words.ts'
import type { HttpFailure, HttpTrouble } from './http.ts'
import { REASON_CHARS_MAX } from './limits.ts'

type Manner = readonly [kind: FailureKind, scope: OdooFailure['scope'], landed?: 'may have landed']

/**
 * What each code means where nothing else is known. Whatever tells that the server, its set-up or the hub's user is
 * not right is no refusal of an order: the orders wait. `ACCESS` is among these, because a right that is missing stops
 * every order in the same way, and a till can do nothing about it.
 */
const MANNERS: { readonly [code in FailureCode]: Manner } = {
  CONNECTION_REFUSED: ['transient', 'server'],
  CONNECTION_LOST: ['ambiguous', 'call', 'may have landed'],
  NAME_UNKNOWN: ['transient', 'server'],
  TLS: ['transient', 'server'],
  CONNECT_TIMEOUT: ['transient', 'server'],
  TIMEOUT: ['ambiguous', 'call', 'may have landed'],
  BAD_GATEWAY: ['transient', 'server', 'may have landed'],
  UNAVAILABLE: ['transient', 'server'],
  SERVER_ERROR: ['ambiguous', 'call', 'may have landed'],
  MAINTENANCE: ['transient', 'server'],
  RATE_LIMITED: ['transient', 'server'],
  COLLISION: ['transient', 'call'],
  TOO_LARGE: ['ambiguous', 'call', 'may have landed'],
  BAD_JSON: ['ambiguous', 'call', 'may have landed'],
  NOT_ODOO: ['transient', 'server'],
  LOGIN_PAGE: ['transient', 'server'],
  DATABASE_SELECTOR: ['transient', 'server'],
  WRONG_DATABASE: ['transient', 'server'],
  ADDON_MISSING: ['transient', 'server'],
  SIGN_IN: ['unauthorised', 'server'],
  ACCESS: ['unauthorised', 'server'],
  VALIDATION: ['refused', 'call'],
  BAD_DATA: ['refused', 'call'],
  CLOSED_PERIOD: ['refused', 'call'],
  CLIENT_OUTDATED: ['refused', 'call'],
  NO_OPEN_SESSION: ['waiting', 'call'],
}

export type Cause = {
  /** Odoo's own reason. */
  readonly says?: string | undefined
  /** What the hub saw. */
  readonly detail?: string | undefined
  readonly kind?: FailureKind
  readonly scope?: OdooFailure['scope']
  readonly mayHaveLanded?: boolean
  readonly retryAfterMs?: Ms | null
}

export function failureOf(code: FailureCode, cause: Cause = {}): OdooFailure {
  const [kind, scope, landed] = MANNERS[code]
  const says = tidy(cause.says ?? '')
  const detail = tidy(cause.detail ?? '')
  const words = [FAILURE_WORDS[code].en, says && `Odoo says: ${says}`, detail && `(${detail})`]
  return {
    kind: cause.kind ?? kind,
    code,
    text: words.filter((part) => part !== '').join(' '),
    scope: cause.scope ?? scope,
    mayHaveLanded: cause.mayHaveLanded ?? landed !== undefined,
    retryAfterMs: cause.retryAfterMs ?? null,
  }
}

/** A reason on one line, cut. Odoo 12 adds a line "None" to its messages. */
export function tidy(reason: string): string {
  const line = reason
    .replace(/\nNone$/, '')
    .replace(/\s+/g, ' ')
    .trim()
  return line.length <= REASON_CHARS_MAX ? line : `${line.slice(0, REASON_CHARS_MAX - 1).toWellFormed()}…`
}

/** The failure of a call that can make no order: a look-up, a sign-in, a probe. */
export function harmless(failure: OdooFailure): OdooFailure {
  return { ...failure, mayHaveLanded: false }
}

/** Odoo may quote what it was sent; `secrets` never show. */
export function hideSecrets(text: string, secrets: readonly (string | null)[]): string {
  let hidden = text
  for (const secret of secrets) if (secret !== null && secret !== '') hidden = hidden.replaceAll(secret, '***')
  return hidden
}

const TROUBLES: { readonly [trouble in HttpTrouble]: FailureCode } = {
  unreachable: 'CONNECTION_REFUSED',
  name: 'NAME_UNKNOWN',
  tls: 'TLS',
  connect_timeout: 'CONNECT_TIMEOUT',
  lost: 'CONNECTION_LOST',
  timeout: 'TIMEOUT',
  too_large: 'TOO_LARGE',
  not_http: 'NOT_ODOO',
}

/** No answer came. What was never sent cannot have landed, and its connection is the server's matter. */
export function wireFailure({ trouble, isSent, reason }: HttpFailure): OdooFailure {
  const unsent: Cause = isSent ? {} : { kind: 'transient', scope: 'server', mayHaveLanded: false }
  return failureOf(TROUBLES[trouble], { detail: reason, ...unsent })
}
