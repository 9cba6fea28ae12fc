/**
 * Payments, up to "written down, waiting for Odoo" (PROTOCOL.md, Finalize).
 *
 * F1  A finalize needs no lease; a v2 sender is refused while another live terminal holds the order, and keeps it.
 * F2  From v1, or when the holder is in its grace, it is taken, and the holder hears who paid.
 * F3  It is the next version, in state `finalizing`, in one commit; the lease ends, the table's lock stays.
 * F4  A v2 sender hears ORDER_FINALIZE_QUEUED at once; a v1 sender hears a retryable error after 10 s.
 * F5  The same finalize again gets the answer that stands, from any terminal at any time.
 * F6  Another content for a paid order is kept as a second payment; nothing of it goes to Odoo.
 * F7  A finalize wins over a discard; one on a refused order is a new attempt.
 */
import { type Said, sameJson } from '../protocol/mod.ts'
import type { SaidBy } from './command.ts'
import { payRow } from './forward.ts'
import { type Asker, endGrant, holderName, isHolder, noteDenied, runningGrant } from './grant.ts'
import { revokeLease } from './lease.ts'
import { SECOND_PAYMENTS_MAX, WAITERS_MAX } from './limits.ts'
import {
  answeredBefore,
  finalizeAnswer,
  isConflict,
  msgIdOf,
  orderUpdated,
  refuse,
  refusePaid,
  storeVersion,
  tellConflict,
  WAITING_FOR_ODOO,
  type Write,
  whyFull,
} from './order.ts'
import { forgetting } from './order_memory.ts'
import { sessionMissing } from './outbox.ts'
import { type Outcome, tell, tellGroup } from './outcome.ts'
import { type Grant, type Group, type Hub, type Moment, type Order, orderOf, terminalOnLine } from './state.ts'

/** How long a v1 terminal waits before it hears that Odoo is away. */
export const V1_PATIENCE_MS = 10_000

export function finalizeOrder(out: Outcome, asker: Asker, message: Said<'ORDER_FINALIZE'>, command: SaidBy): void {
  const { group, terminal, moment } = asker
  const { posReference, snapshot } = message
  const { facts, digest } = command
  const order = orderOf(group, posReference)
  const msgId = msgIdOf(asker, message)
  const stored = order?.record.version ?? 0
  const statedBase = terminal.protocol === 2 ? (message.baseVersion ?? null) : null
  const baseVersion = statedBase ?? stored
  const about = { kind: 'finalize', posReference, baseVersion, statedBase } as const
  const write: Write = { ...about, snapshot, facts, digest, msgId, fence: null }
  if (answeredBefore(out, asker, order, write) !== 'new') return
  if (order !== undefined && (order.record.state === 'finalizing' || order.record.state === 'final')) {
    return finalizeAgain(out, asker, order, message, write)
  }
  if (order?.record.state === 'parked') {
    keepIfOther(out, asker, order, message, write)
    return refusePaid(out, asker, order, msgId)
  }
  const lease = runningGrant(group, 'lease', posReference, moment.now)
  if (isHeldByOther(asker, lease)) return refuseHeld(out, asker, lease, write)
  if (terminal.protocol === 2 && isConflict(asker, order, baseVersion)) return tellConflict(out, asker, order, write)
  const full = whyFull(asker, order, write)
  if (full !== null) return refuse(out, asker, { code: 'HUB_FULL', message: full, posReference, msgId })
  takePayment(out, asker, message, write, lease)
}

function isHeldByOther(asker: Asker, lease: Grant | undefined): lease is Grant {
  if (lease === undefined || isHolder(lease, asker.terminal) || asker.terminal.protocol === 1) return false
  return asker.hub.terminals.get(lease.holder)?.phase === 'live'
}

function refuseHeld(out: Outcome, asker: Asker, lease: Grant, write: Write): void {
  const { hub, group, terminal } = asker
  const { posReference, msgId } = write
  noteDenied(out, asker, lease)
  const version = orderOf(group, posReference)?.record.version ?? 0
  const error = `Held by ${holderName(hub, lease)}`
  const words = {
    type: 'ORDER_FINALIZE_ERROR',
    posReference,
    error,
    retryable: false,
    code: 'LEASE_HELD',
    version,
  } as const
  tell(out, terminal, msgId === null ? words : { ...words, msgId })
}

/** [F3] */
function takePayment(
  out: Outcome,
  asker: Asker,
  message: Said<'ORDER_FINALIZE'>,
  write: Write,
  lease: Grant | undefined,
): void {
  const { hub, group, terminal, moment } = asker
  const { posReference, msgId, digest } = write
  const { configId, settled } = message
  const finalize = {
    configId,
    msgId,
    digest,
    since: moment.wall,
    settledOrderId: settled?.orderId ?? null,
    refusal: null,
  }
  const record = storeVersion(out, asker, write, { state: 'finalizing', finalize })
  const missing = sessionMissing(hub, configId)
  const paid = payRow(group, { posReference, configId, version: record.version, since: moment.wall })
  const row = missing === null ? paid : { ...paid, trouble: missing }
  out.changes.push({ kind: 'outbox_put', group: group.id, row })
  out.changes.push({ kind: 'item_timed', group: group.id, posReference, times: { notBefore: moment.now } })
  if (isHolder(lease, terminal)) endGrant(out, hub, group, lease)
  else if (lease !== undefined)
    revokeLease(out, asker, lease, { reason: `Order paid by ${terminal.name}`, snapshot: write.snapshot })
  const { version, seq } = record
  if (msgId === null) addWaiter(out, asker, posReference, 0)
  else {
    const words = { type: 'ORDER_FINALIZE_QUEUED', posReference, version, msgId, seq } as const
    tell(out, terminal, { ...words, reason: missing?.text ?? WAITING_FOR_ODOO })
  }
  if (missing === null) return
  const { code, text: error } = missing
  const words = { type: 'ORDER_FINALIZE_ERROR', posReference, version, retryable: true, error, code } as const
  tellGroup(out, group.id, words, asker.line)
}

/** [F5] [F6] */
function finalizeAgain(out: Outcome, asker: Asker, order: Order, message: Said<'ORDER_FINALIZE'>, write: Write): void {
  const { terminal } = asker
  const differs = keepIfOther(out, asker, order, message, write)
  if (!differs) noteSettled(out, asker, order, message)
  const isWaiting = order.record.state === 'finalizing' && write.msgId === null
  if (isWaiting) addWaiter(out, asker, write.posReference, order.waiters.length)
  else tell(out, terminal, finalizeAnswer(order, write.msgId, differs))
}

/** A terminal has Odoo's word by the direct road while ours goes on: then a refusal is no refusal. */
function noteSettled(
  out: Outcome,
  { group, moment }: Asker,
  { record, snapshot }: Order,
  message: Said<'ORDER_FINALIZE'>,
): void {
  const { finalize, state } = record
  const settledOrderId = message.settled?.orderId ?? null
  if (state !== 'finalizing' || finalize === null || settledOrderId === null || finalize.settledOrderId !== null) return
  const next = { ...record, finalize: { ...finalize, settledOrderId }, seq: group.seq + 1, at: moment.wall }
  out.changes.push({ kind: 'order_marked', group: group.id, record: next, message: null })
  tellGroup(out, group.id, orderUpdated({ record: next, snapshot }))
}

/**
 * [F6] Money may have been taken twice: what differs is written down for a person, each content once. True if it
 * differs.
 */
function keepIfOther(out: Outcome, asker: Asker, order: Order, message: Said<'ORDER_FINALIZE'>, write: Write): boolean {
  const { group, terminal, moment } = asker
  const { posReference, snapshot, digest, msgId } = write
  if (isSameSale(order, message, digest)) return false
  if (order.secondPayments.has(digest)) return true
  const fields = { posReference, by: terminal.name }
  if (order.secondPayments.size >= SECOND_PAYMENTS_MAX) {
    out.effects.push({ kind: 'note', event: 'too many second payments for one order; this one is not kept', fields })
    return true
  }
  const { version, seq } = order.record
  const author = { author: terminal.terminalId, authorName: terminal.name, at: moment.wall }
  out.changes.push({
    kind: 'second_payment',
    group: group.id,
    payment: { posReference, digest, msgId, configId: message.configId, ...author, snapshot },
    message: msgId === null ? null : { msgId, kind: 'second', digest, version, seq },
    ...(msgId === null ? {} : forgetting(order)),
  })
  out.effects.push({ kind: 'note', event: 'second payment kept', fields })
  return true
}

/** Without a digest of its payment (paid directly, or corrected since) the stored content is what was paid. */
function isSameSale({ record, snapshot }: Order, message: Said<'ORDER_FINALIZE'>, digest: string): boolean {
  const { finalize, result } = record
  if (result !== null && result.orderId === message.settled?.orderId) return true
  return finalize === null || finalize.digest === ''
    ? sameJson(snapshot.json, message.snapshot.json)
    : finalize.digest === digest
}

function addWaiter(out: Outcome, asker: Asker, posReference: Write['posReference'], waiting: number): void {
  if (waiting >= WAITERS_MAX) {
    return refuse(out, asker, { code: 'HUB_FULL', message: 'Too many terminals wait for this order', posReference })
  }
  const waiter = { line: asker.line, at: asker.moment.now + V1_PATIENCE_MS }
  out.changes.push({ kind: 'waiter_added', group: asker.group.id, posReference, waiter })
}

/** [F4] v1 terminals whose patience is over. */
export function waitersDue(out: Outcome, hub: Hub, group: Group, moment: Moment): void {
  for (const posReference of group.waiting) {
    const order = group.orders.get(posReference)
    const due = order?.waiters.filter((waiter) => waiter.at <= moment.now) ?? []
    if (order === undefined || due.length === 0) continue
    out.changes.push({ kind: 'waiters_told', group: group.id, posReference, now: moment.now })
    const trouble = sessionMissing(hub, order.record.finalize?.configId ?? null)
    for (const { line } of due) tell(out, terminalOnLine(hub, line), finalizeAnswer(order, null, false, trouble))
  }
}
