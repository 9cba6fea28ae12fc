/**
 * Looking up in Odoo what it has.
 *
 * B1  An order that Odoo has as paid is not sent again to an add-on that does not know repetitions: it is final.
 * B2  An add-on that tells repetitions apart is called once more for its line ids and fiscal number.
 * B3  Not found: after its rest a payment is looked for once more and sent again; a refusal that waited for this is
 *     definite now.
 * B4  Found twice, or with another amount: parked for a person.
 * B5  An open or refused order that Odoo has as paid was paid directly: it is final, and its lease ends.
 * B6  A reference counts only in the group of its configuration.
 */
import { amountOf, isSameAmount } from '../protocol/mod.ts'
import { LOOK_AGAIN_MS, LOOK_MISSES_MAX } from './limits.ts'
import type { FoundOrder, LookAnswer } from './odoo.ts'
import { isPaidInOdoo } from './outbox.ts'
import type { Outcome } from './outcome.ts'
import { backoffMs, paidOf, type Site } from './retry.ts'
import { conclude, NO_LINES, type Paid, park, settle } from './settle.ts'
import { type Group, groupOfConfig, type Hub, type Order } from './state.ts'

export function looked(out: Outcome, site: Site, answer: LookAnswer): void {
  const paid = paidOf(site)
  if (cannotLook(out, site, answer) || paid === null) return
  const { hub, moment, chance } = site
  const { group, item, order } = paid
  if (answer.kind !== 'looked') {
    // What is known of the call before stays as it is: nothing was learnt.
    const lookMisses = item.lookMisses + 1
    // Where looking goes on failing, the call is repeated once the old one must be over, as where no look-up is.
    const isLooked = lookMisses >= LOOK_MISSES_MAX && moment.now >= item.deadAt
    const times = { notBefore: moment.now + backoffMs(lookMisses, chance), lookMisses, isLooked }
    out.changes.push({ kind: 'item_timed', group: group.id, posReference: item.row.posReference, times })
    return
  }
  const { posReference, verdict } = item.row
  const [found, ...more] = answer.orders.filter((one) => isTheOrder(hub, group, order, one))
  if (found === undefined) {
    if (verdict !== null) return conclude(out, site, paid, verdict)
    // [B3]
    const isRested = moment.now >= item.restUntil
    const notBefore = isRested ? moment.now : item.restUntil
    const times = { isLooked: isRested, lookMisses: 0, foundId: null, notBefore }
    out.changes.push({ kind: 'item_timed', group: group.id, posReference, times })
    return
  }
  if (more.length > 0) {
    return park(out, site, paid, { text: moreThanOnce([found, ...more]), theirs: null })
  }
  if (verdict === null && hub.road.tellsCreated) {
    // [B2] Whether it is the same sale, the add-on knows better than an amount.
    const foundId = hasAmountOf(order, found) ? found.orderId : null
    const times = { isLooked: true, lookMisses: 0, notBefore: moment.now, foundId }
    out.changes.push({ kind: 'item_timed', group: group.id, posReference, times })
    return
  }
  if (!hasAmountOf(order, found)) return park(out, site, paid, { text: otherAmount(found), theirs: null })
  settleFound(out, site, paid, found)
}

/** The server has no look-up for us, or does not let us: then calls are repeated, which Odoo's side must bear. */
function cannotLook(out: Outcome, { moment }: Site, answer: LookAnswer): boolean {
  const isRefused = answer.kind === 'failed' && (answer.failure.kind === 'refused' || answer.failure.code === 'ACCESS')
  if (answer.kind !== 'cannot' && !isRefused) return false
  out.changes.push({ kind: 'road_set', values: { canLook: false, sweepLeft: [], sweepAt: moment.now + LOOK_AGAIN_MS } })
  return true
}

/** [B6] */
function isTheOrder(hub: Hub, group: Group, order: Order, found: FoundOrder): boolean {
  if (found.posReference !== order.record.posReference || !isPaidInOdoo(found.state)) return false
  return (
    groupOfConfig(hub.settings.groups, found.configId) === group.id ||
    found.configId === order.record.finalize?.configId
  )
}

/** [B4] */
function hasAmountOf(order: Order, found: FoundOrder): boolean {
  return isSameAmount(amountOf(order.snapshot.json), found.amountTotal)
}

function moreThanOnce(orders: readonly FoundOrder[]): string {
  return `Odoo has this sale more than once: orders ${orders.map(({ orderId }) => orderId).join(', ')}.`
}

function otherAmount({ orderId, amountTotal }: FoundOrder): string {
  return `Odoo has order ${orderId} under this reference, with another amount: ${amountTotal}.`
}

/** [B1] Its line ids and fiscal number stay in Odoo: the look-up does not tell them. */
function settleFound(out: Outcome, site: Site, paid: Pick<Paid, 'group' | 'order'>, found: FoundOrder): void {
  const { posReference } = paid.order.record
  settle(out, site, paid, { orderId: found.orderId, lineIdMap: NO_LINES, fiscal: null })
  const fields = { posReference, orderId: found.orderId }
  out.effects.push({ kind: 'note', event: 'a paid order was found in Odoo', fields })
}

/** [B5] */
export function swept(out: Outcome, site: Site, answer: LookAnswer): void {
  const { hub, call } = site
  if (cannotLook(out, site, answer) || answer.kind !== 'looked' || answer.orders.length === 0) return
  for (const { group: id, posReference } of call.items) {
    const group = hub.groups.get(id)
    const order = group?.orders.get(posReference)
    if (group === undefined || order === undefined || !isSweepable(group, order)) continue
    const [found, ...more] = answer.orders.filter((one) => isTheOrder(hub, group, order, one))
    if (found === undefined) continue
    if (more.length > 0) park(out, site, { group, order }, { text: moreThanOnce([found, ...more]), theirs: null })
    else settleFound(out, site, { group, order }, found)
  }
}

/** What has begun on the hub's own road has its answer there. */
function isSweepable(group: Group, { record }: Order): boolean {
  const isOpen = record.state === 'open' || record.state === 'refused'
  return isOpen && (group.outbox.get(record.posReference)?.call ?? null) === null
}
