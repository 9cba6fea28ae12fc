import type { LineId } from '../core/command.ts'
import type { BatchAnswer, FinalizeAnswer, LookAnswer, ProbeAnswer } from '../core/odoo.ts'
import type { AuditEntry, Kept, SecondPayment, VersionEntry } from '../core/outcome.ts'
import type { Order, OrderRecord } from '../core/state.ts'
import type { Stored } from '../core/stored.ts'
import type { GroupId, Ms, Opaque, PosReference, Role } from '../protocol/mod.ts'

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
  /** For people's eyes: "Till 1". Empty: the device has a name of its own. */
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

/** Why the disk refused; a value, never thrown across the port. */
export type StoreFailure = {
  readonly kind: 'full' | 'readonly' | 'gone' | 'io' | 'busy' | 'damaged'
  /** For people: what is wrong and what to do. */
  readonly text: string
}

export type Found =
  | { readonly ok: true; readonly order: Order | null }
  | { readonly ok: false; readonly failure: StoreFailure }
export type Recovered =
  | { readonly ok: true; readonly stored: Stored }
  | { readonly ok: false; readonly failure: StoreFailure }

/** What was read, or why the disk did not let us. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: StoreFailure }

/** `since` in milliseconds since 1970, by the wall clock of the change. */
export type PaidPage = { readonly since: Ms; readonly offset: number; readonly countMax: number }

export type PaidOrder = Pick<OrderRecord, 'posReference' | 'state' | 'at'> & {
  /** Odoo's id; null while it is not known. */
  readonly orderId: number | null
  readonly snapshot: Opaque
}

/** The memory that outlives the process. Synchronous: drizzle commits an async callback early. */
export interface Store {
  /** All of it or none, and on the disk when it returns null. */
  commit(changes: readonly Kept[]): StoreFailure | null
  /** A closed order that is not in memory any more. */
  findOrder(group: GroupId, posReference: PosReference): Found
  /** Everything, at start and after a failure: opens anew and proves that it can write before it answers. */
  recover(): Recovered
  /** The story of an order: its versions, oldest first. */
  story(group: GroupId, posReference: PosReference): Reading<readonly VersionEntry[]>
  /** Take-overs and the like, newest first. */
  audit(group: GroupId, countMax: number): Reading<readonly AuditEntry[]>
  /** Those that no person has looked at yet, oldest first. */
  secondPayments(group: GroupId): Reading<readonly SecondPayment[]>
  /** Orders that are final or finalizing and changed at or after `since`, oldest change first, from `offset`. */
  paidOrders(group: GroupId, page: PaidPage): Reading<readonly PaidOrder[]>
  close(): void
}

/** Runs work soon, but after everything that is waiting now: so that many frames share one commit. */
export type Defer = (work: () => void) => void

/** A terminal's socket. Calls on a line that is gone do nothing. */
export interface Line {
  /** Never used twice while the hub runs. */
  readonly id: LineId
  readonly address: string
  send(frame: string): void
  join(topic: string): void
  /** To every line that joined the topic, but not to this one. Keeps its order with `send`. */
  publish(topic: string, frame: string): void
  ping(): void
  close(code: number, reason: string): void
  /** Without a handshake: for a peer that does not answer. */
  cut(): void
  /** What waits because the peer does not read, in bytes. */
  bufferedBytes(): number
}

/** All lines together. */
export interface Hall {
  publish(topic: string, frame: string): void
}

/** Randomness and hashing: the house has neither of its own. */
export interface Chance {
  /** 128 random bits, printable. */
  secret(): string
  /** A short public name, unlikely to come twice in a shop. */
  name(): string
  /** A digest of at least 128 bits, printable; the same on every machine, because it is stored. */
  digest(text: string): string
  /** From 0 up to 1, evenly spread. */
  fraction(): number
}

/** One order on its way to Odoo. */
export type OdooOrder = {
  readonly posReference: PosReference
  /** The `pos.config` it was sold at; null where no terminal said. */
  readonly configId: number | null
  /** As the terminal sent it. */
  readonly snapshot: Opaque
  /** It was discarded: what its snapshot says of its status is out of date. */
  readonly isDiscarded: boolean
}

/** The road to Odoo: one call, one result; no retry (but one new sign-in), no memory of orders. Never rejects. */
export interface Odoo {
  /** `hub_finalize_snapshot`: makes the order of a paid snapshot, or names the one that is there. */
  finalize(order: OdooOrder): Promise<FinalizeAnswer>
  /** `hub_batch_sync`. */
  batch(orders: readonly OdooOrder[]): Promise<BatchAnswer>
  /** Odoo's orders under these references, in any state. */
  look(references: readonly string[]): Promise<LookAnswer>
  /** Odoo's orders of that time, oldest first, from `offset`; at most 500. `since` is in milliseconds since 1970. */
  list(since: Ms, offset: number): Promise<LookAnswer>
  /** The cheapest call that needs a sign-in. */
  probe(): Promise<ProbeAnswer>
}
