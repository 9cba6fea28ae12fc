/**
 * What people may do with an order that needs them.
 *
 * M1  Retry: a parked, refused or resting order goes to Odoo now; one that a terminal is correcting does not.
 * M2  Entered by hand: a parked or refused order is final, with a note and, if known, Odoo's number.
 * M3  Second payments that were looked at leave the list, with a note.
 * M4  Each of these is in the audit, with who did it.
 */
import type { Asked } from './command.ts'
import { holderName, runningGrant } from './grant.ts'
import { orderUpdated } from './order.ts'
import { newRow, saysPaid } from './outbox.ts'
import { createOutcome, type Outcome, type PersonDid, type Reply, tellGroup } from './outcome.ts'
import { mark, NO_LINES, NO_PAYMENT, otherSaleOf, settle } from './settle.ts'
import { type Group, type Hub, type Moment, type Order, orderOf } from './state.ts'

type Wisher = { readonly hub: Hub; readonly group: Group; readonly moment: Moment; readonly asked: Asked }

export function asked(hub: Hub, command: Asked, moment: Moment): Outcome {
  const out = createOutcome()
  const group = hub.groups.get(command.group)
  const order = group === undefined ? undefined : orderOf(group, command.posReference)
  const reply =
    group === undefined || order === undefined ? UNKNOWN : grant(out, { hub, group, moment, asked: command }, order)
  out.effects.push({ kind: 'reply', ask: command.ask, reply })
  return out
}

const UNKNOWN: Reply = { ok: false, code: 'ORDER_UNKNOWN', text: 'The hub has no order of that reference.' }

function grant(out: Outcome, wisher: Wisher, order: Order): Reply {
  switch (wisher.asked.wish.kind) {
    case 'retry':
      return retry(out, wisher, order)
    case 'entered':
      return enter(out, wisher, order, wisher.asked.wish)
    case 'payments_settled':
      return settlePayments(out, wisher, order, wisher.asked.wish.note)
  }
}

/** [M1] */
function retry(out: Outcome, wisher: Wisher, order: Order): Reply {
  const { hub, group, moment } = wisher
  const { posReference, state, version, finalize } = order.record
  const isStopped = state === 'parked' || state === 'refused'
  if (finalize?.digest === NO_PAYMENT)
    return nothing('It was paid at Odoo itself: there is nothing to send. See to it there.')
  if (isStopped && finalize !== null) {
    const lease = runningGrant(group, 'lease', posReference, moment.now)
    if (lease !== undefined)
      return { ok: false, code: 'LEASE_HELD', text: `${holderName(hub, lease)} is working on it.` }
    // A refused order may have been corrected since: then what goes is not what was paid at first.
    const digest = state === 'refused' ? '' : finalize.digest
    const paid = { ...finalize, digest, refusal: null }
    const record = mark(out, wisher, { group, order }, { state: 'finalizing', finalize: paid })
    const row = newRow({ posReference, kind: 'finalize', configId: finalize.configId, version, since: finalize.since })
    out.changes.push({ kind: 'outbox_put', group: group.id, row })
    tellGroup(out, group.id, orderUpdated({ record, snapshot: order.snapshot }))
  } else {
    const item = group.outbox.get(posReference)
    if (item === undefined) return nothing('It is not on its way to Odoo, and nothing stopped it.')
    if (item.row.isParked)
      out.changes.push({ kind: 'outbox_put', group: group.id, row: { ...item.row, isParked: false } })
  }
  const { now } = moment
  const configId = group.outbox.get(posReference)?.row.configId ?? finalize?.configId ?? null
  out.changes.push({ kind: 'item_timed', group: group.id, posReference, times: { notBefore: now } })
  out.changes.push({ kind: 'lane_timed', configId, times: { notBefore: now } })
  if (hub.road.probeAt !== null) out.changes.push({ kind: 'road_set', values: { probeAt: now } })
  audit(out, wisher, 'retried', null)
  return { ok: true }
}

function nothing(text: string): Reply {
  return { ok: false, code: 'NOTHING_TO_DO', text }
}

/** [M2] */
function enter(
  out: Outcome,
  wisher: Wisher,
  order: Order,
  wish: { readonly note: string; readonly orderId: number },
): Reply {
  const { group } = wisher
  const { posReference, state } = order.record
  const other = otherSaleOf(out, wisher.hub, { group, order }, wish.orderId)
  if (other !== null) return nothing(`Odoo's order ${wish.orderId} is the sale ${JSON.stringify(other)} already.`)
  const isForwardParked = group.outbox.get(posReference)?.row.isParked === true
  // One that nothing gets through, and that no call is about just now, may be dealt with by hand too.
  const isStuck = state === 'finalizing' && group.outbox.get(posReference)?.call === null
  if (state === 'parked' || state === 'refused' || isStuck || (isForwardParked && saysPaid(order.record))) {
    settle(out, wisher, { group, order }, { orderId: wish.orderId, lineIdMap: NO_LINES, fiscal: null })
  } else if (isForwardParked) out.changes.push({ kind: 'outbox_dropped', group: group.id, posReference })
  else return nothing(`It does not wait for a person: it is ${state}.`)
  audit(out, wisher, 'entered_by_hand', wish.note)
  return { ok: true }
}

/** [M3] */
function settlePayments(out: Outcome, wisher: Wisher, order: Order, note: string): Reply {
  const { group, moment } = wisher
  const { posReference } = order.record
  if (order.secondPayments.size === 0) return nothing('It has no second payment.')
  out.changes.push({ kind: 'payments_settled', group: group.id, posReference, at: moment.wall, note })
  audit(out, wisher, 'payments_settled', note)
  return { ok: true }
}

/** [M4] */
function audit(
  out: Outcome,
  { group, moment, asked: { person, posReference } }: Wisher,
  what: PersonDid,
  reason: string | null,
): void {
  const who = { actor: '', actorName: person, actorSubject: person } as const
  const entry = { at: moment.wall, what, ...who, subject: posReference, loser: null, loserName: null, reason }
  out.changes.push({ kind: 'audited', group: group.id, entry })
  out.effects.push({ kind: 'note', event: what, fields: { posReference, by: person } })
}
