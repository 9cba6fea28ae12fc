/** The words between the rules and the road to Odoo: what may be asked, and every way in which it may end. */
import type { GroupId, Ms, Opaque, PosReference } from '../protocol/mod.ts'

/**
 * What became of a call that brought no answer of the add-on:
 * `transient`: Odoo was not there or not able; the call can be made again. `ambiguous`: sent, and nothing came back:
 * Odoo may still carry it out. `refused`: a definite no about this order. `waiting`: a definite "not now".
 * `unauthorised`: the hub's own sign-in is not good.
 */
export type FailureKind = 'transient' | 'ambiguous' | 'refused' | 'waiting' | 'unauthorised'

export type FailureCode =
  | 'CONNECTION_REFUSED'
  | 'CONNECTION_LOST'
  | 'NAME_UNKNOWN'
  | 'TLS'
  | 'CONNECT_TIMEOUT'
  | 'TIMEOUT'
  | 'BAD_GATEWAY'
  | 'UNAVAILABLE'
  | 'SERVER_ERROR'
  | 'MAINTENANCE'
  | 'RATE_LIMITED'
  | 'COLLISION'
  | 'TOO_LARGE'
  | 'BAD_JSON'
  | 'NOT_ODOO'
  | 'LOGIN_PAGE'
  | 'DATABASE_SELECTOR'
  | 'WRONG_DATABASE'
  | 'ADDON_MISSING'
  | 'SIGN_IN'
  | 'ACCESS'
  | 'VALIDATION'
  | 'BAD_DATA'
  | 'CLOSED_PERIOD'
  | 'CLIENT_OUTDATED'
  | 'NO_OPEN_SESSION'

export type OdooFailure = {
  readonly kind: FailureKind
  readonly code: FailureCode
  /** For people: what is wrong and what to do, with Odoo's own reason where it gave one. Never a secret. */
  readonly text: string
  /** `server`: nothing else would get through either; `call`: it was about this call. */
  readonly scope: 'server' | 'call'
  /** Odoo may have carried the call out, or may still do so. */
  readonly mayHaveLanded: boolean
  /** How long the server asked us to wait. */
  readonly retryAfterMs: Ms | null
}

export type Failed = { readonly kind: 'failed'; readonly failure: OdooFailure }

/** Odoo's order for a sale. */
export type Made = {
  readonly kind: 'made'
  readonly orderId: number
  readonly lineIdMap: Opaque
  readonly fiscal: Opaque | null
  /** Whether this very call made it; null where the add-on does not say. */
  readonly created: boolean | null
}

/** Odoo has this reference with other content; `theirs` is its answer as it came. */
export type Conflicting = {
  readonly kind: 'conflict'
  readonly orderId: number | null
  readonly theirs: Opaque
  readonly text: string
}

/** "Yes", but no order: no id, or another reference. Not a success. */
export type NoOrder = { readonly kind: 'no_order'; readonly theirs: Opaque; readonly text: string }

export type FinalizeAnswer = Made | Conflicting | NoOrder | Failed

/** `stored`: taken, and it names no order, as for a draft. */
export type ItemAnswer = FinalizeAnswer | { readonly kind: 'stored' }

/** By `posReference`; an order that is missing was not answered. */
export type BatchAnswer = { readonly kind: 'batched'; readonly results: ReadonlyMap<string, ItemAnswer> } | Failed

/** An order as Odoo lists it. */
export type FoundOrder = {
  readonly posReference: string
  readonly orderId: number
  /** Odoo's own: `draft`, `paid`, `done`, `invoiced`, `cancel`. */
  readonly state: string
  readonly amountTotal: number | null
  readonly configId: number | null
}

/** `cannot`: this way to the server has no look-up. */
export type LookAnswer =
  | { readonly kind: 'looked'; readonly orders: readonly FoundOrder[] }
  | { readonly kind: 'cannot' }
  | Failed

/** Null: Odoo is there, and the hub's sign-in is good. */
export type ProbeAnswer = { readonly kind: 'probed'; readonly failure: OdooFailure | null }

/** One order in a call; its content is read when the call is made. */
export type CallItem = {
  readonly group: GroupId
  readonly posReference: PosReference
  readonly version: number
  readonly configId: number | null
  /** The version that went said that it is paid. */
  readonly wasPaid?: boolean
}

/** A call to be made, after its intent is on the disk. */
export type OdooCall = {
  /** Never used twice while the hub's memory lives. */
  readonly id: number
  readonly what: 'finalize' | 'batch' | 'look' | 'sweep' | 'probe'
  /** One for `finalize` and `look`, none for `probe`. */
  readonly items: readonly CallItem[]
}

export type OdooAnswer =
  | { readonly what: 'finalize'; readonly answer: FinalizeAnswer }
  | { readonly what: 'batch'; readonly answer: BatchAnswer }
  | { readonly what: 'look' | 'sweep'; readonly answer: LookAnswer }
  | { readonly what: 'probe'; readonly answer: ProbeAnswer }
