import type { OdooFailure } from '../core/odoo.ts'
import type { Identity, SignInResult } from '../engine/ports.ts'

/** What a check found. Only `no` is Odoo's word against a token; `away` leaves open what it would have said. */
export type Verdict = Yes | No | Away

export type Yes = { readonly kind: 'yes'; readonly identity: Identity }

export type No = {
  readonly kind: 'no'
  readonly code: 'TOKEN_REFUSED' | 'TOKEN_EXPIRED'
  /** For people. */
  readonly reason: string
}

export type Away = {
  readonly kind: 'away'
  readonly failure: OdooFailure
  /** Nothing came back at all: others will hear nothing either. */
  readonly isSilent: boolean
}

export function yes(identity: Identity): Yes {
  return { kind: 'yes', identity }
}

export function refused(reason: string): No {
  return { kind: 'no', code: 'TOKEN_REFUSED', reason }
}

export function expired(): No {
  return { kind: 'no', code: 'TOKEN_EXPIRED', reason: 'This sign-in is over. Sign in to Odoo again.' }
}

export function away(failure: OdooFailure, isSilent = false): Away {
  return { kind: 'away', failure, isSilent }
}

export function resultOf(verdict: Yes | No): SignInResult {
  if (verdict.kind === 'yes') return { ok: true, identity: verdict.identity }
  return { ok: false, code: verdict.code, reason: verdict.reason }
}

export function unavailable(reason: string): SignInResult {
  return { ok: false, code: 'SIGN_IN_UNAVAILABLE', reason }
}
