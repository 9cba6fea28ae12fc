/**
 * What becomes of a paid order.
 *
 * J1  Odoo has made it: final, and all are told Odoo's number of it.
 * J2  Odoo refused it, and no earlier call can have made it: refused, open for correction, and all are told.
 * J3  A refusal while an earlier call may still be carried out is no answer yet: the order goes on being tried.
 * J4  Odoo has the reference with other content: parked for a person, with what Odoo has.
 * J5  What is closed or given back to people leaves the outbox in the same commit.
 * J6  An order of Odoo is one sale: named for another one, that is parked for a person.
 */
import { Opaque } from '../protocol/mod.ts'
import { endGrant, runningGrant } from './grant.ts'
import { tellRevoked } from './lease.ts'
import type { OutboxItem, OutboxRow, Verdict } from './outbox.ts'
import { type Outcome, tellGroup } from './outcome.ts'
import type { Finalize, FinalResult, Group, Hub, Moment, Order, OrderRecord, Refusal } from './state.ts'

export type Paid = { readonly group: Group; readonly item: OutboxItem; readonly order: Order }

type Where = { readonly hub: Hub; readonly moment: Moment }

export const NO_LINES = new Opaque('{}')

/**
 * [J6] The reference of another sale that is this very order of Odoo, among the last closed ones and those that this
 * very answer closes; null where there is none.
 */
export function otherSaleOf(
  out: Outcome,
  hub: Hub,
  paid: Pick<Paid, 'group' | 'order'>,
  orderId: number,
): string | null {
  const { group, order } = paid
  if (orderId === 0) return null
  for (const change of out.changes) {
    if (change.kind !== 'order_marked' || change.record.result?.orderId !== orderId) continue
    return change.record.posReference
  }
  for (const one of hub.groups.values()) {
    for (const closed of one.closed.values()) {
      if (closed.orderId !== orderId) continue
      if (one !== group || closed.posReference !== order.record.posReference) return closed.posReference
    }
  }
  return null
}

/** [J1] */
export function settle(out: Outcome, where: Where, paid: Pick<Paid, 'group' | 'order'>, result: FinalResult): void {
  const { hub, moment } = where
  const { group, order } = paid
  const other = otherSaleOf(out, hub, paid, result.orderId)
  if (other !== null) {
    const text = `Odoo names its order ${result.orderId}, and that is the sale ${JSON.stringify(other)} already.`
    return needPerson(out, where, paid, { state: 'parked', refusal: { code: 'PARKED', text, theirs: null } })
  }
  const { posReference, version, finalize } = order.record
  const record = mark(out, where, paid, { state: 'final', result, finalize: cleared(finalize) })
  out.changes.push({ kind: 'odoo_took', at: moment.wall })
  const lease = runningGrant(group, 'lease', posReference, moment.now)
  if (lease !== undefined) {
    endGrant(out, hub, group, lease)
    tellRevoked(out, { hub, group }, lease, { reason: 'Order paid in Odoo' })
  }
  const { orderId, lineIdMap, fiscal } = result
  const msgId = finalize?.msgId ?? null
  tellGroup(out, group.id, {
    type: 'ORDER_FINALIZED',
    ...{ posReference, orderId, lineIdMap, version, seq: record.seq },
    ...(fiscal !== null && { fiscal }),
    ...(msgId !== null && { msgId }),
  })
  const settledId = finalize?.settledOrderId ?? null
  if (settledId !== null && settledId !== orderId) {
    const fields = { posReference, orderId, toldByTerminal: settledId }
    out.effects.push({ kind: 'note', event: 'a terminal named another order of Odoo for this sale', fields })
  }
}

function cleared(finalize: Finalize | null): Finalize | null {
  return finalize === null ? null : { ...finalize, refusal: null }
}

/** [J3] A definite no, or an odd yes: at once if nothing else can have made the order, else when that is known. */
export function judge(out: Outcome, where: Where, paid: Paid, verdict: Verdict & Pick<Refusal, 'code'>): void {
  const { hub, moment } = where
  const { group, item, order } = paid
  const { row } = item
  const isOdd = verdict.code === 'PARKED' && hub.road.canLook
  const isSettled = (order.record.finalize?.settledOrderId ?? null) !== null
  if (row.unansweredAt === null && !isOdd && !(isSettled && hub.road.canLook)) {
    return conclude(out, where, paid, verdict)
  }
  const { code, text } = verdict
  const next: OutboxRow = { ...row, sentAt: null, verdict, trouble: { code, text } }
  out.changes.push({ kind: 'outbox_put', group: group.id, row: next })
  // What was answered just now does not run any more; only calls before it may.
  const deadAt = row.unansweredAt === null ? moment.now : item.deadAt
  const times = { notBefore: moment.now, deadAt, isLooked: false }
  out.changes.push({ kind: 'item_timed', group: group.id, posReference: row.posReference, times })
}

/** [J2] */
export function conclude(out: Outcome, where: Where, paid: Paid, verdict: Verdict): void {
  const { code, text, theirs } = verdict
  const isSettled = (paid.order.record.finalize?.settledOrderId ?? null) !== null
  // A terminal has Odoo's word that it is paid: not for correction then, but for a person.
  if (code === 'PARKED' || isSettled) return park(out, where, paid, { text, theirs })
  const refusal = code === 'CLIENT_OUTDATED' ? code : 'ODOO_REFUSED'
  needPerson(out, where, paid, { state: 'refused', refusal: { code: refusal, text, theirs } })
}

/** [J4] */
export function park(
  out: Outcome,
  where: Where,
  paid: Pick<Paid, 'group' | 'order'>,
  why: Pick<Verdict, 'text' | 'theirs'>,
): void {
  needPerson(out, where, paid, { state: 'parked', refusal: { code: 'PARKED', ...why } })
}

type Needs = { readonly state: 'refused' | 'parked'; readonly refusal: Refusal }

function needPerson(out: Outcome, where: Where, paid: Pick<Paid, 'group' | 'order'>, { state, refusal }: Needs): void {
  const { group, order } = paid
  const { posReference, version } = order.record
  const finalize = order.record.finalize ?? unpaidHere(where.moment)
  const next = { ...finalize, refusal }
  const { seq } = mark(out, where, paid, { state, finalize: next })
  const { code, text: error } = refusal
  const { msgId } = finalize
  tellGroup(out, group.id, {
    type: 'ORDER_FINALIZE_ERROR',
    ...{ posReference, version, seq, error, code, retryable: false },
    ...(msgId !== null && { msgId }),
  })
  const event = state === 'refused' ? 'Odoo refused an order' : 'an order waits for a person'
  out.effects.push({ kind: 'note', event, fields: { posReference, reason: error } })
}

/** No payment of it came through the hub: what Odoo has of it is all that is known. Equal to no digest. */
export const NO_PAYMENT = '-'

function unpaidHere({ wall }: Moment): Finalize {
  return { configId: 0, msgId: null, digest: NO_PAYMENT, since: wall, settledOrderId: null, refusal: null }
}

/** [J5] The order in its new state, and nothing of it on its way. */
export function mark(
  out: Outcome,
  { moment }: Where,
  { group, order }: Pick<Paid, 'group' | 'order'>,
  becomes: Partial<Pick<OrderRecord, 'state' | 'finalize' | 'result'>>,
): OrderRecord {
  const { posReference } = order.record
  const record: OrderRecord = { ...order.record, ...becomes, seq: seqAfter(out, group), at: moment.wall }
  out.changes.push({ kind: 'order_marked', group: group.id, record, message: null })
  if (group.outbox.has(posReference)) out.changes.push({ kind: 'outbox_dropped', group: group.id, posReference })
  return record
}

/** One answer may change several orders, and each change has a number of its own. */
function seqAfter(out: Outcome, group: Group): number {
  let seq = group.seq
  for (const change of out.changes)
    if (change.kind === 'order_marked' && change.group === group.id) seq = change.record.seq
  return seq + 1
}
