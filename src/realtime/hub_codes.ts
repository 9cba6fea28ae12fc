import type { ErrorCode, Next } from '../protocol/mod.ts'
import type { Refusal } from './transport.ts'

/** The table of codes without its texts: the whole one would bring all schemas into the browser. A test compares. */

const COME_BACK: readonly ErrorCode[] = [
  'HUB_UNAVAILABLE',
  'SHUTTING_DOWN',
  'SLOW_READER',
  'SILENT',
  'AUTH_TIMEOUT',
  'RATE_LIMITED',
  'TOO_MANY_CONNECTIONS',
  'SIGN_IN_UNAVAILABLE',
  'BUSY',
]

const LATER: readonly ErrorCode[] = [
  ...COME_BACK,
  'LEASE_HELD',
  'TABLE_LOCKED',
  'HUB_FULL',
  'ODOO_AWAY',
  'NO_OPEN_SESSION',
]

const SIGN_IN: readonly ErrorCode[] = [
  'AUTH_REQUIRED',
  'TOKEN_REFUSED',
  'TOKEN_EXPIRED',
  'CONFIG_NOT_ALLOWED',
  'SIGNED_IN_ELSE',
  'REVOKED',
]

const REBASE: readonly ErrorCode[] = ['CONFLICT', 'NO_LEASE', 'STALE_FENCE', 'ODOO_REFUSED']
const UPGRADE: readonly ErrorCode[] = ['UNKNOWN_TYPE', 'CLIENT_OUTDATED']

export function nextOf(code: ErrorCode): Next {
  if (LATER.includes(code)) return 'later'
  if (SIGN_IN.includes(code)) return 'sign_in'
  if (REBASE.includes(code)) return 'rebase'
  return UPGRADE.includes(code) ? 'upgrade' : 'never'
}

const STAY_AWAY: readonly ErrorCode[] = [
  'AUTH_REQUIRED',
  'TOKEN_REFUSED',
  'TOKEN_EXPIRED',
  'CONFIG_NOT_ALLOWED',
  'SIGNED_IN_ELSE',
  'REPLACED',
  'MALFORMED',
  'TOO_LARGE',
  'REVOKED',
]

/**
 * Why a socket was closed. Numbers of the protocol that are newer than this table count by their range: below 4500
 * come back, from there on never; all others are a line that dropped.
 */
export function closeRefusal(number: number, reason: string): Refusal {
  const known = number >= 4500 ? STAY_AWAY[number - 4500] : COME_BACK[number - 4000]
  if (known !== undefined) return refusalOf(known, reason === '' ? known : reason)
  if (number >= 4500 && number < 5000) return { code: 'CLIENT_OUTDATED', message: reason, next: 'never' }
  return refusalOf('HUB_UNAVAILABLE', reason === '' ? 'The hub cannot be reached just now.' : reason)
}

export function refusalOf(code: ErrorCode, message: string): Refusal {
  return { code, message, next: nextOf(code) }
}
