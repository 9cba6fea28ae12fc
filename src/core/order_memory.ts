/** How evolve keeps orders in memory: active ones whole, closed ones by name, the last closed ones whole. */
import { isActive, type Ms, type MsgId, type Opaque } from '../protocol/mod.ts'
import { assert } from './assert.ts'
import { trimOldest } from './bounded.ts'
import { CLOSED_KEPT_MAX, CLOSED_WHOLE_CHARS_MAX, CLOSED_WHOLE_MAX, MESSAGES_PER_ORDER_MAX } from './limits.ts'
import type { Kept } from './outcome.ts'
import {
  type Closed,
  type Group,
  type Hub,
  type Message,
  type Order,
  type OrderRecord,
  orderOf,
  type Waiter,
} from './state.ts'

export function keepOrder(hub: Hub, group: Group, record: OrderRecord, snapshot: Opaque | null, noted: Noted): void {
  const known = orderOf(group, record.posReference)
  const content = snapshot ?? known?.snapshot
  assert(content !== undefined, 'an order is marked only after it was stored')
  assert(known === undefined || record.version >= known.record.version, 'a version never falls')
  assert(known?.record.state !== 'final' || record.state === 'final', 'what was paid never becomes unpaid')
  assert(record.seq > group.seq, 'seq grows with every change')
  group.seq = record.seq
  if (known !== undefined && isActive(known.record.state)) hub.snapshotChars -= known.snapshot.json.length
  const order: Order = known ?? {
    record,
    snapshot: content,
    messages: new Map(),
    secondPayments: new Set(),
    waiters: [],
  }
  order.record = record
  order.snapshot = content
  keepMessage(order.messages, noted)
  if (isActive(record.state)) hub.snapshotChars += content.json.length
  place(group, order)
}

export function loadOrder(group: Group, order: Order): void {
  assert(!isActive(order.record.state), 'active orders are always in memory')
  keepWhole(group, order)
}

/** The newest stays in any case: it is about to be asked for. */
function keepWhole(group: Group, order: Order): void {
  const { closedWhole } = group
  closedWhole.delete(order.record.posReference)
  closedWhole.set(order.record.posReference, order)
  trimOldest(closedWhole, CLOSED_WHOLE_MAX)
  let chars = 0
  for (const { snapshot } of closedWhole.values()) chars += snapshot.json.length
  for (const [posReference, { snapshot }] of closedWhole) {
    if (chars <= CLOSED_WHOLE_CHARS_MAX || closedWhole.size === 1) return
    closedWhole.delete(posReference)
    chars -= snapshot.json.length
  }
}

export function keepSecondPayment(group: Group, change: SecondPaymentChange): void {
  const order = orderOf(group, change.payment.posReference)
  assert(order !== undefined, 'a second payment belongs to an order')
  order.secondPayments.add(change.payment.digest)
  keepMessage(order.messages, change)
}

type SecondPaymentChange = Extract<Kept, { readonly kind: 'second_payment' }>

/** A msgId to know from here on, and the oldest one to forget for it; disk and memory forget the same. */
export type Noted = { readonly message: Message | null; readonly forgets?: MsgId }

function keepMessage(messages: Map<MsgId, Message>, { message, forgets }: Noted): void {
  if (forgets !== undefined) messages.delete(forgets)
  if (message !== null) messages.set(message.msgId, message)
}

/** The msgId that an order forgets when it gets to know one more. */
export function forgetting(order: Order | undefined): { readonly forgets?: MsgId } {
  const { messages } = order ?? {}
  if (messages === undefined || messages.size < MESSAGES_PER_ORDER_MAX) return {}
  const [oldest] = messages.keys()
  return oldest === undefined ? {} : { forgets: oldest }
}

function place(group: Group, order: Order): void {
  const { posReference, state } = order.record
  if (state !== 'finalizing') {
    // Whoever waited hears what became of it with everybody else.
    order.waiters = []
    group.waiting.delete(posReference)
  }
  if (isActive(state)) {
    group.closedWhole.delete(posReference)
    group.closed.delete(posReference)
    group.orders.set(posReference, order)
    return
  }
  group.orders.delete(posReference)
  keepWhole(group, order)
  rememberClosed(group, closedOf(order.record))
}

export function addWaiter(group: Group, posReference: OrderRecord['posReference'], waiter: Waiter): void {
  orderOf(group, posReference)?.waiters.push({ ...waiter })
  group.waiting.add(posReference)
}

/** Lets go of those whose time has come by `now`. */
export function dropWaiters(group: Group, posReference: OrderRecord['posReference'], now: Ms): void {
  const order = orderOf(group, posReference)
  if (order !== undefined) order.waiters = order.waiters.filter((waiter) => waiter.at > now)
  if (order === undefined || order.waiters.length === 0) group.waiting.delete(posReference)
}

export function* waitersOf(group: Group): Iterable<Waiter> {
  for (const posReference of group.waiting) yield* group.orders.get(posReference)?.waiters ?? []
}

/** What a delta says of a closed order. */
export function closedOf(record: OrderRecord): Closed {
  const { posReference, state, seq, result } = record
  if (result === null) return { posReference, state, seq }
  const { orderId, fiscal } = result
  return fiscal === null ? { posReference, state, seq, orderId } : { posReference, state, seq, orderId, fiscal }
}

/** Keeps closures in the order of their changes; a delta cannot reach behind one that was let go. */
export function rememberClosed(group: Group, closed: Closed): void {
  group.closed.delete(closed.posReference)
  group.closed.set(closed.posReference, closed)
  for (const [posReference, oldest] of group.closed) {
    if (group.closed.size <= CLOSED_KEPT_MAX) return
    group.closed.delete(posReference)
    group.closedFloor = oldest.seq
  }
}
