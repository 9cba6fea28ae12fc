/**
 * Orders and their versions. Judged in this order (PROTOCOL.md, Versions):
 *
 * V1  A msgId that the order knows: with the same content the same answer, nothing stored; with other content refused.
 * V2  What was paid never becomes unpaid: a finalizing, parked or final order takes no snapshot.
 * V3  Only the holder of the lease writes, with the fence of that grant if it names one.
 * V4  A base version behind the stored one is a conflict, and the stored snapshot goes back.
 * V5  A base version ahead of the stored one is a conflict for v2 in the same epoch; v1, and what a v2 terminal brings
 *     from another epoch, is taken up to a bound.
 * V6  An accepted snapshot becomes max(stored, base) + 1; the sender hears ORDER_ACCEPTED, all others ORDER_UPDATED.
 * V7  A snapshot is kept as it came.
 * V8  An accepted snapshot reopens a discarded order; a refused one stays refused until it is finalized anew.
 * V9  A bound that is passed is refused, and said.
 */
import {
  ERRORS,
  type ErrorCode,
  type HubWords,
  isActive,
  type MsgId,
  type Opaque,
  type OrderState,
  type PosReference,
  type SnapshotFacts,
  type TerminalId,
} from '../protocol/mod.ts'
import { forwardVersion } from './forward.ts'
import { type Asker, isHolder, renew, runningGrant } from './grant.ts'
import { denyLease, noLease } from './lease.ts'
import { ORDERS_ACTIVE_MAX, SNAPSHOT_CHARS_MAX, SNAPSHOT_CHARS_WITH_PAYMENTS_MAX, VERSION_AHEAD_MAX } from './limits.ts'
import { forgetting } from './order_memory.ts'
import type { SessionMissing } from './outbox.ts'
import { type Outcome, tell, tellGroup } from './outcome.ts'
import { type Message, type MessageKind, type Order, type OrderRecord, orderOf } from './state.ts'

/** What a terminal wants to become the next version of an order. */
export type Write = {
  readonly kind: 'snapshot' | 'release' | 'finalize'
  readonly posReference: PosReference
  readonly baseVersion: number
  /** What the terminal said that it had seen; null if it did not say. */
  readonly statedBase: number | null
  readonly snapshot: Opaque
  readonly facts: SnapshotFacts
  readonly digest: string
  readonly msgId: MsgId | null
  readonly fence: number | null
}

/**
 * True: the sender may let the order go. Not so if it was refused for now, nor if it was saved before: what the sender
 * holds now was granted since.
 */
export function saveSnapshot(out: Outcome, asker: Asker, write: Write): boolean {
  const { group, terminal, moment } = asker
  const { posReference, msgId } = write
  const order = orderOf(group, posReference)
  const before = answeredBefore(out, asker, order, write)
  if (before !== 'new') return false
  if (order !== undefined && isPaid(order.record.state)) {
    refusePaid(out, asker, order, msgId)
    return true
  }
  const lease = runningGrant(group, 'lease', posReference, moment.now)
  if (!isHolder(lease, terminal) || (write.fence !== null && write.fence !== lease.fence)) {
    denyLease(out, asker, posReference, noLease(asker, lease, msgId ?? undefined))
    return false
  }
  renew(out, asker, lease)
  if (isConflict(asker, order, write.baseVersion)) {
    tellConflict(out, asker, order, write)
    return false
  }
  const full = whyFull(asker, order, write)
  if (full !== null) {
    refuse(out, asker, { code: 'HUB_FULL', message: full, posReference, msgId })
    return false
  }
  const state = order?.record.state === 'refused' ? 'refused' : 'open'
  const record = storeVersion(out, asker, write, { state, finalize: order?.record.finalize ?? null })
  if (msgId === null) return true
  tell(out, terminal, { type: 'ORDER_ACCEPTED', posReference, version: record.version, msgId, seq: record.seq })
  return true
}

/** v1 has no msgId: what a v1 terminal sends under that name is not one. */
export function msgIdOf(asker: Asker, message: { readonly msgId?: MsgId | undefined }): MsgId | null {
  return asker.terminal.protocol === 2 ? (message.msgId ?? null) : null
}

export function fenceOf(asker: Asker, message: { readonly fence?: number | undefined }): number | null {
  return asker.terminal.protocol === 2 ? (message.fence ?? null) : null
}

/** [V1] Answers a msgId that the order knows; `new` if it does not, or there is none. */
export function answeredBefore(
  out: Outcome,
  asker: Asker,
  order: Order | undefined,
  write: { readonly kind: MessageKind; readonly digest: string; readonly msgId: MsgId | null },
): 'new' | 'same' | 'reused' {
  const { digest, msgId } = write
  const known = msgId === null ? undefined : order?.messages.get(msgId)
  if (known === undefined || order === undefined || msgId === null) return 'new'
  const sameKind = known.kind === write.kind || (known.kind === 'second' && write.kind === 'finalize')
  const { posReference } = order.record
  if (!sameKind || known.digest !== digest) {
    refuse(out, asker, { code: 'MSG_ID_REUSED', message: ERRORS.MSG_ID_REUSED.meaning, posReference, msgId })
    return 'reused'
  }
  if (known.kind === 'finalize' || known.kind === 'second')
    tell(out, asker.terminal, finalizeAnswer(order, msgId, known.kind === 'second'))
  else if (known.kind === 'discard')
    tell(out, asker.terminal, discarded(posReference, asker.terminal.terminalId, known.seq))
  else
    tell(out, asker.terminal, { type: 'ORDER_ACCEPTED', posReference, version: known.version, msgId, seq: known.seq })
  return 'same'
}

export function isPaid(state: OrderState): boolean {
  return state === 'finalizing' || state === 'parked' || state === 'final'
}

/** [V2] */
export function refusePaid(out: Outcome, asker: Asker, order: Order, msgId: MsgId | null): void {
  const { terminal } = asker
  const { posReference, state, version: hubVersion } = order.record
  if (terminal.protocol === 2) {
    return refuse(out, asker, { code: 'ORDER_FINAL', message: ERRORS.ORDER_FINAL.meaning, posReference, msgId })
  }
  if (state === 'final') return tell(out, terminal, finalizeAnswer(order, null, false))
  tell(out, terminal, { type: 'CONFLICT', posReference, hubVersion, hubSnapshot: order.snapshot })
}

/** [V4] [V5] */
export function isConflict(asker: Asker, order: Order | undefined, baseVersion: number): boolean {
  const stored = order?.record.version ?? 0
  const { protocol, foreign } = asker.terminal
  const aheadMax = protocol === 1 || foreign ? VERSION_AHEAD_MAX : 0
  return baseVersion < stored || baseVersion > stored + aheadMax
}

export function tellConflict(
  out: Outcome,
  asker: Asker,
  order: Order | undefined,
  write: { readonly posReference: PosReference; readonly msgId: MsgId | null },
): void {
  const { posReference, msgId } = write
  const stored = { hubVersion: order?.record.version ?? 0, hubSnapshot: order?.snapshot ?? null }
  const words = { type: 'CONFLICT', posReference, ...stored } as const
  tell(out, asker.terminal, msgId === null ? words : { ...words, msgId })
}

/** [V9] */
export function whyFull(
  asker: Asker,
  order: Order | undefined,
  write: Pick<Write, 'kind' | 'snapshot'>,
): string | null {
  const { hub, group } = asker
  const isPayment = write.kind === 'finalize'
  const isNew = order === undefined || !isActive(order.record.state)
  if (isNew && !isPayment && group.orders.size >= ORDERS_ACTIVE_MAX) return 'Too many orders are open; close old ones'
  const before = isNew ? 0 : order.snapshot.json.length
  const chars = hub.snapshotChars - before + write.snapshot.json.length
  // Money was taken already: a payment still has room where nothing else has.
  const charsMax = isPayment ? SNAPSHOT_CHARS_WITH_PAYMENTS_MAX : SNAPSHOT_CHARS_MAX
  return chars > charsMax ? 'The open orders are too large together' : null
}

type Becomes = Pick<OrderRecord, 'state' | 'finalize'>

/** [V6] Writes the next version down and tells all others. */
export function storeVersion(out: Outcome, asker: Asker, write: Write, becomes: Becomes): OrderRecord {
  const { group, terminal, line, moment } = asker
  const { kind, posReference, baseVersion, statedBase, snapshot, facts, digest, msgId } = write
  const order = orderOf(group, posReference)
  const previous = order?.record.version ?? 0
  const version = Math.max(previous, baseVersion) + 1
  const seq = group.seq + 1
  const author = terminal.terminalId
  const { configId, ...read } = facts
  const record: OrderRecord = {
    posReference,
    version,
    seq,
    ...read,
    author,
    at: moment.wall,
    result: null,
    ...becomes,
  }
  const message: Message | null = msgId === null ? null : { msgId, kind, digest, version, seq }
  const entry = { version, baseVersion: statedBase, kind, author, authorName: terminal.name, at: moment.wall, snapshot }
  const forgets = message === null ? {} : forgetting(order)
  out.changes.push({ kind: 'order_versioned', group: group.id, record, entry, message, previous, ...forgets })
  tellGroup(out, group.id, orderUpdated({ record, snapshot }), line)
  if (kind !== 'finalize') forwardVersion(out, asker, record, configId ?? terminal.configId)
  return record
}

export function orderUpdated(order: Pick<Order, 'record' | 'snapshot'>): HubWords {
  const { posReference, version, author: sourceTerminal, seq, state } = order.record
  return { type: 'ORDER_UPDATED', posReference, version, snapshot: order.snapshot, sourceTerminal, seq, state }
}

export function discarded(posReference: PosReference, sourceTerminal: TerminalId, seq: number): HubWords {
  return { type: 'ORDER_DISCARDED', posReference, sourceTerminal, seq }
}

export const WAITING_FOR_ODOO = 'Written down; Odoo has not answered yet. The hub goes on trying.'

const CODE_OF: { readonly [state in OrderState]?: 'PARKED' | 'ODOO_REFUSED' } = {
  parked: 'PARKED',
  discarded: 'ODOO_REFUSED',
}

const DISCARDED_SINCE = 'Odoo refused the payment, and the order was discarded since.'

/** Where a paid order stands, for whoever asks; `msgId` is null for v1. */
export function finalizeAnswer(
  order: Order,
  msgId: MsgId | null,
  differs: boolean,
  trouble: SessionMissing | null = null,
): HubWords {
  const { posReference, state, version, seq, result, finalize } = order.record
  const more = { ...(msgId !== null && { msgId }), ...(differs && { differs }) }
  if (result !== null) {
    const { orderId, lineIdMap, fiscal } = result
    const words = { type: 'ORDER_FINALIZED', posReference, orderId, lineIdMap, version, seq, ...more } as const
    return fiscal === null ? words : { ...words, fiscal }
  }
  if (state === 'finalizing' && msgId !== null) {
    return { type: 'ORDER_FINALIZE_QUEUED', posReference, version, reason: WAITING_FOR_ODOO, seq, ...more, msgId }
  }
  const code = finalize?.refusal?.code ?? CODE_OF[state] ?? trouble?.code ?? 'ODOO_AWAY'
  const isDiscarded = state === 'discarded'
  const error = isDiscarded ? DISCARDED_SINCE : (finalize?.refusal?.text ?? trouble?.text ?? ERRORS[code].meaning)
  const told = msgId === null ? {} : { msgId }
  return {
    type: 'ORDER_FINALIZE_ERROR',
    posReference,
    error,
    retryable: state === 'finalizing',
    code,
    version,
    ...told,
  }
}

export type Refusal = {
  readonly code: ErrorCode
  readonly message: string
  readonly posReference?: PosReference
  readonly msgId?: MsgId | null
}

/**
 * A refusal that has no message of its own. A v1 terminal has no word for it: its line is closed with "come back", so
 * that it knows that the work was not taken.
 */
export function refuse(out: Outcome, asker: Asker, refusal: Refusal): void {
  const { terminal, line } = asker
  if (terminal.protocol === 1) {
    out.effects.push({ kind: 'close', line, code: 'BUSY' })
    return
  }
  const { code, message, posReference, msgId } = refusal
  const about = { ...(posReference !== undefined && { posReference }), ...(msgId != null && { msgId }) }
  tell(out, terminal, { type: 'ERROR', code, message, next: ERRORS[code].next, ...about })
}
