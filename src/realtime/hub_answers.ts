import type { ErrorCode, Next } from '../protocol/mod.ts'
import { refusalOf } from './hub_codes.ts'
import type { Leases } from './hub_leases.ts'
import { versionAfter } from './hub_outcome.ts'
import type { Outgoing } from './hub_outgoing.ts'
import type { View } from './hub_view.ts'
import { baseOf, type Heard, isObject, sameValue, snapshotOf } from './hub_words.ts'
import type { OutboxEntry } from './outbox.ts'
import type {
  ConflictEvent,
  FinalizedEvent,
  FinalizeErrorEvent,
  OrderClosedEvent,
  OrderUpdatedEvent,
} from './transport.ts'

export type AnswersParts = {
  readonly view: View
  readonly leases: Leases
  readonly outgoing: Outgoing
  isOld(): boolean
  terminalId(): string | null
  renewSignIn(): void
  updated(event: OrderUpdatedEvent): void
  closed(event: OrderClosedEvent): void
  finalized(event: FinalizedEvent): void
  finalizeFailed(event: FinalizeErrorEvent): void
  conflict(event: ConflictEvent): void
}

/** Payments whose end this page has not heard; a day's sales of a busy till without Odoo. */
const PAID_MAX = 2_000

/** What the hub says about orders: to what was sent, and of what others did. */
export class Answers {
  readonly #parts: AnswersParts
  /** Payments that the hub has written down and Odoo has not confirmed, as they were sent. */
  readonly #paid = new Map<string, OutboxEntry>()

  constructor(parts: AnswersParts) {
    this.#parts = parts
  }

  updated(message: Heard<'ORDER_UPDATED'>): void {
    const { view, outgoing, terminalId } = this.#parts
    const { posReference, version, snapshot, sourceTerminal, state } = message
    if (version < (view.orders.get(posReference)?.version ?? 0)) return
    if (sourceTerminal !== terminalId()) outgoing.bases.broke(posReference)
    view.put({ posReference, version, snapshot, state })
    this.#parts.updated({ posReference, version, snapshot, sourceTerminal, state })
  }

  accepted(message: Heard<'ORDER_ACCEPTED'>): void {
    const entry = this.#parts.outgoing.answered(message.msgId, message.posReference)
    if (entry !== undefined) this.#saved(entry, message.version)
  }

  conflicted(message: Heard<'CONFLICT'>): void {
    const { view, outgoing } = this.#parts
    const { posReference, hubVersion, hubSnapshot, msgId } = message
    const entry = outgoing.answered(msgId, posReference)
    outgoing.bases.broke(posReference)
    const state = view.orders.get(posReference)?.state ?? 'open'
    if (hubSnapshot !== null) view.put({ posReference, version: hubVersion, snapshot: hubSnapshot, state })
    if (entry === undefined) return this.#parts.conflict({ posReference, hubVersion, hubSnapshot, local: null })
    const isDraft = entry.kind === 'snapshot' || entry.kind === 'release'
    // What is stored is what was sent: its acceptance was lost on the way, or another terminal offered the same.
    if (isDraft && sameValue(snapshotOf(entry), hubSnapshot)) this.#saved(entry, hubVersion)
    else void outgoing.conflicted(entry, { hubVersion, hubSnapshot })
  }

  /** An old hub acknowledges nothing; asked for the lease behind a snapshot, it tells the version it has stored. */
  granted({ posReference, version }: Heard<'LEASE_GRANTED'>): void {
    const { outgoing, isOld } = this.#parts
    const entry = isOld() ? outgoing.underway(posReference) : undefined
    if (entry === undefined || (entry.kind !== 'snapshot' && entry.kind !== 'release')) return
    if (version > (baseOf(entry) ?? 0)) this.#saved(entry, version)
    else outgoing.defer(entry)
  }

  denied(message: Heard<'LEASE_DENIED'>): void {
    const entry = this.#parts.outgoing.answered(message.msgId, message.posReference)
    if (entry !== undefined) this.#denied(entry, message.code)
  }

  available(posReference: string): void {
    this.#parts.outgoing.again(posReference)
  }

  queued(message: Heard<'ORDER_FINALIZE_QUEUED'>): void {
    const { view, outgoing, leases } = this.#parts
    const { posReference, version, msgId, reason } = message
    const entry = outgoing.answered(msgId, posReference)
    if (entry === undefined) return
    const snapshot = snapshotOf(entry) ?? {}
    view.put({ posReference, version, snapshot, state: 'finalizing' })
    leases.forget(posReference)
    if (this.#paid.size < PAID_MAX) this.#paid.set(posReference, entry)
    void outgoing.accepted(entry, { kind: 'queued', reason })
  }

  finalized(message: Heard<'ORDER_FINALIZED'>): void {
    const { view, outgoing, leases } = this.#parts
    const { posReference, orderId, lineIdMap, msgId, fiscal = null, differs = false } = message
    const entry = outgoing.answered(msgId, posReference)
    const event: FinalizedEvent = { posReference, orderId, lineIdMap, fiscal, differs, road: 'hub' }
    view.close(posReference)
    outgoing.bases.broke(posReference)
    leases.forget(posReference)
    this.#paid.delete(posReference)
    if (entry?.kind === 'finalize') void outgoing.accepted(entry, { kind: 'final', event })
    this.#parts.finalized(event)
    this.#parts.closed({ posReference, state: 'final', orderId, fiscal })
  }

  finalizeFailed(message: Heard<'ORDER_FINALIZE_ERROR'>): void {
    const { view, outgoing } = this.#parts
    const { posReference, error, retryable, code, msgId } = message
    const entry = outgoing.answered(msgId, posReference)
    const known = view.orders.get(posReference)
    const state = retryable ? 'finalizing' : code === 'PARKED' ? 'parked' : 'refused'
    if (known !== undefined && code !== 'LEASE_HELD') view.put({ ...known, state })
    if (!retryable && code !== 'LEASE_HELD') this.#paid.delete(posReference)
    if (entry?.kind === 'finalize') {
      if (code === 'LEASE_HELD') outgoing.defer(entry)
      else if (retryable) void outgoing.accepted(entry, { kind: 'queued', reason: error })
      else void outgoing.refuse(entry, refusalOf(code, error))
    }
    this.#parts.finalizeFailed({ posReference, error, retryable, code })
  }

  discarded({ posReference }: Heard<'ORDER_DISCARDED'>): void {
    const { view, outgoing, leases } = this.#parts
    const entry = outgoing.underway(posReference)
    view.close(posReference)
    outgoing.bases.broke(posReference)
    leases.forget(posReference)
    if (entry?.kind === 'discard') {
      void outgoing.accepted(entry, { kind: 'saved', version: versionAfter(entry) })
    }
    this.#parts.closed({ posReference, state: 'discarded', orderId: null, fiscal: null })
  }

  /** A refusal that has no message of its own. */
  refused(message: Heard<'ERROR'>): void {
    const { outgoing, renewSignIn } = this.#parts
    const { code, message: text, next, msgId } = message
    if (next === 'sign_in') renewSignIn()
    const entry = msgId === undefined ? undefined : outgoing.answered(msgId, '')
    if (entry === undefined) return
    if (code === 'NO_LEASE' || code === 'STALE_FENCE') this.#denied(entry, code)
    else if (isPassing(next)) outgoing.defer(entry)
    else void outgoing.refuse(entry, { code, message: text, next })
  }

  /** An old hub was sent it, and does not say that it has it: whoever asks for the lease next hears the version. */
  said(entry: OutboxEntry): void {
    const { leases, outgoing } = this.#parts
    const { posReference, kind } = entry
    if (kind === 'snapshot' || kind === 'release') void leases.borrow(posReference, versionAfter(entry))
    else if (kind === 'discard') void outgoing.refuse(entry, refusalOf('UNKNOWN_TYPE', 'This hub is too old for it.'))
  }

  /**
   * Payments of which the end was missed: the same payment again gets the answer that stands, and a hub that has lost
   * them, because an older copy of its data was put back, gets them anew.
   */
  missed(message: Heard<'SYNC_INIT'>, isOther: boolean): readonly OutboxEntry[] {
    const active = new Map<string, string>()
    for (const { posReference, state } of message.orders) active.set(posReference, state)
    const closed = new Set<string>()
    for (const { posReference } of message.closed) closed.add(posReference)
    const missed = [...this.#paid].filter(([posReference]) => {
      const state = active.get(posReference)
      if (isOther) return state === undefined || state === 'open'
      return closed.has(posReference) || (message.mode === 'full' && state === undefined)
    })
    for (const [posReference] of missed) this.#paid.delete(posReference)
    return missed.map(([, entry]) => entry)
  }

  #saved(entry: OutboxEntry, version: number): void {
    const { view, outgoing } = this.#parts
    const { posReference } = entry
    const snapshot = snapshotOf(entry)
    const known = view.orders.get(posReference)
    if (isObject(snapshot) && version > (known?.version ?? 0)) {
      view.put({ posReference, version, snapshot, state: known?.state === 'refused' ? 'refused' : 'open' })
      outgoing.bases.wrote(posReference, version)
    }
    void outgoing.accepted(entry, { kind: 'saved', version })
  }

  /** The lease is not held: where nobody has it, it is asked for; else the entry waits until it is free. */
  #denied(entry: OutboxEntry, code: ErrorCode): void {
    const { leases, outgoing, view } = this.#parts
    if (code !== 'NO_LEASE' && code !== 'STALE_FENCE') return outgoing.defer(entry)
    const { posReference } = entry
    const asked = leases.borrow(posReference, view.orders.get(posReference)?.version ?? baseOf(entry) ?? 0)
    void asked.then((answer) => {
      if (answer.granted || answer.code === 'ORDER_FINAL') outgoing.resend(entry)
      else outgoing.defer(entry)
    })
  }
}

/** It may be taken another time. */
function isPassing(next: Next): boolean {
  return next === 'later' || next === 'sign_in'
}
