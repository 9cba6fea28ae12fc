/**
 * Versions that Odoo should see: completed orders, and drafts where that is wanted.
 *
 * W1  Completed orders (paid, ended, discarded) are forwarded; drafts only if the hub is told to; the newest version.
 * W2  A snapshot that says "paid" waits 60 s for its payment first.
 * W3  Finalizing, refused, parked and final orders are never forwarded; a payment takes the row over.
 * W4  Each order of a batch has a result of its own; one that is refused is parked and holds nothing up.
 * W5  A batch that was refused as a whole is sent again one by one.
 * W6  "Paid, not finalized" ends when Odoo's result names an order: then it is final.
 * W7  A newer version that came during the call is sent next.
 * W8  An order whose snapshot says that it has ended leaves the active set when Odoo has it and nobody holds it.
 */
import { runningGrant } from './grant.ts'
import { OUTBOX_MAX, PAID_PATIENCE_MS } from './limits.ts'
import type { BatchAnswer, ItemAnswer, OdooFailure } from './odoo.ts'
import {
  deadAfter,
  isForwarded,
  mayLand,
  newRow,
  type OutboxItem,
  type OutboxRow,
  saysEnded,
  saysPaid,
  type Trouble,
} from './outbox.ts'
import { type Outcome, tellGroup } from './outcome.ts'
import { rest, type Site, type Where, waitForSession } from './retry.ts'
import { mark, settle } from './settle.ts'
import type { Group, Hub, Moment, Order, OrderRecord } from './state.ts'

type Stored = { readonly hub: Hub; readonly group: Group; readonly moment: Moment }

/** Puts the new version of an order on its way, or takes off what Odoo need not see any more. */
export function forwardVersion(out: Outcome, where: Stored, record: OrderRecord, configId: number | null): void {
  const { hub, group, moment } = where
  const { posReference, version } = record
  const known = group.outbox.get(posReference)
  if (!isWanted(hub, record)) {
    // While a call runs, or was given up and may still be carried out, its row stays: a payment has to know of it.
    if (known !== undefined && !mayLand(known))
      out.changes.push({ kind: 'outbox_dropped', group: group.id, posReference })
    return
  }
  if (known === undefined && group.outbox.size >= OUTBOX_MAX && !saysPaid(record)) {
    const fields = { posReference }
    out.effects.push({ kind: 'note', event: 'too much waits for Odoo; this order is not forwarded', fields })
    return
  }
  const fresh = newRow({ posReference, kind: 'forward', configId, version, since: known?.row.since ?? moment.wall })
  // What is known of calls that run or were given up stays: an old one must be over before the next.
  const row =
    known === undefined
      ? fresh
      : { ...known.row, configId, version, sentVersion: sentOf(known.row, version), isParked: false }
  out.changes.push({ kind: 'outbox_put', group: group.id, row })
  const before = group.orders.get(posReference)
  const isPaidNow = saysPaid(record) && (before === undefined || !saysPaid(before.record))
  if (known !== undefined && !known.row.isParked && !isPaidNow) return
  const notBefore = moment.now + (saysPaid(record) ? PAID_PATIENCE_MS : 0)
  out.changes.push({ kind: 'item_timed', group: group.id, posReference, times: { notBefore } })
}

/** Without an Odoo only what is paid waits for one: nobody ever needs the rest. */
function isWanted({ settings: { odoo } }: Hub, record: OrderRecord): boolean {
  return (odoo !== null || saysPaid(record)) && isForwarded(record, odoo?.forwardsDrafts ?? false)
}

/** A discard has no version of its own: what is on the way under this number is not it. */
function sentOf({ sentVersion }: OutboxRow, version: number): number | null {
  return sentVersion === version ? null : sentVersion
}

/** [W3] The row of a payment; what is known of earlier calls for the reference stays with it. */
export function payRow(
  group: Group,
  row: Pick<OutboxRow, 'posReference' | 'configId' | 'version' | 'since'>,
): OutboxRow {
  const known = group.outbox.get(row.posReference)
  const fresh = newRow({ ...row, kind: 'finalize' })
  if (known === undefined) return fresh
  const { sentAt, sentVersion, unansweredAt } = known.row
  return { ...fresh, sentAt, sentVersion, unansweredAt }
}

export function forwardsAnswered(out: Outcome, site: Site, answer: BatchAnswer): void {
  const { hub, call } = site
  for (const { group: id, posReference, wasPaid } of call.items) {
    const group = hub.groups.get(id)
    const item = group?.outbox.get(posReference)
    if (group === undefined || item === undefined) continue
    const where = { group, item }
    const isLanded = answer.kind !== 'failed' || !answer.failure.mayHaveLanded
    const order = group.orders.get(posReference)
    const made = answer.kind === 'batched' ? answer.results.get(posReference) : undefined
    if (item.row.kind === 'finalize') overtaken(out, site, where, answer)
    else if (wasPaid === true && made?.kind === 'made' && order?.record.state === 'open' && !saysPaid(order.record)) {
      // It was written as a draft again meanwhile; what was paid never becomes unpaid.
      const { orderId, lineIdMap, fiscal } = made
      settle(out, site, { group, order }, { orderId, lineIdMap, fiscal })
    } else if (isLanded && !isStillForwarded(hub, group, item)) {
      out.changes.push({ kind: 'outbox_dropped', group: group.id, posReference })
    } else if (answer.kind === 'failed') batchFailed(out, site, where, answer.failure)
    else oneAnswered(out, site, where, answer.results.get(posReference) ?? UNSAID)
  }
}

/** It may have become a draft again since it was put on the way. */
export function isStillForwarded(hub: Hub, group: Group, { row }: OutboxItem): boolean {
  const order = group.orders.get(row.posReference)
  return order === undefined || isWanted(hub, order.record)
}

const UNSAID: ItemAnswer = {
  kind: 'failed',
  failure: {
    kind: 'transient',
    code: 'BAD_DATA',
    text: 'Odoo did not answer for this order.',
    scope: 'call',
    mayHaveLanded: false,
    retryAfterMs: null,
  },
}

/** The order was paid while its version was on the way: the payment goes its own road, and now it may. */
function overtaken(out: Outcome, site: Site, { group, item }: Where, answer: BatchAnswer): void {
  const { row } = item
  const itsAnswer = answer.kind === 'failed' ? answer : answer.results.get(row.posReference)
  // Taken, or not answered for: Odoo may have made it, and a refusal of the payment is not definite then.
  const mayHaveLanded = itsAnswer?.kind !== 'failed' || itsAnswer.failure.mayHaveLanded
  const unansweredAt = mayHaveLanded ? row.sentAt : row.unansweredAt
  out.changes.push({ kind: 'outbox_put', group: group.id, row: { ...row, sentAt: null, unansweredAt } })
  if (!mayHaveLanded) return
  const deadAt = deadAfter(site.hub, site.moment.now)
  const { posReference } = row
  out.changes.push({ kind: 'item_timed', group: group.id, posReference, times: { deadAt, isLooked: false } })
}

function batchFailed(out: Outcome, site: Site, where: Where, failure: OdooFailure): void {
  const { group, item } = where
  if (failure.kind === 'waiting') waitForSession(out, site, where, failure)
  if (failure.kind !== 'refused') {
    rest(out, site, where, failure)
    // One of them may be what brings the batch down.
    const isSplit = failure.kind !== 'waiting' && site.call.items.length > 1 && item.row.attempts >= 2
    const { posReference } = item.row
    if (isSplit) out.changes.push({ kind: 'item_timed', group: group.id, posReference, times: { isAlone: true } })
    return
  }
  if (site.call.items.length === 1) return parkRow(out, where, failure)
  // [W5]
  const { posReference } = item.row
  out.changes.push({ kind: 'outbox_put', group: group.id, row: { ...item.row, sentAt: null } })
  const times = { isAlone: true, notBefore: site.moment.now }
  out.changes.push({ kind: 'item_timed', group: group.id, posReference, times })
}

/** [W4] */
function oneAnswered(out: Outcome, site: Site, where: Where, answer: ItemAnswer): void {
  const { group, item } = where
  switch (answer.kind) {
    case 'failed':
      if (answer.failure.kind === 'refused') return parkRow(out, where, answer.failure)
      if (answer.failure.kind === 'waiting') waitForSession(out, site, where, answer.failure)
      return rest(out, site, where, answer.failure)
    case 'conflict':
      return parkRow(out, where, { code: 'CONFLICT', text: answer.text })
    case 'made':
    case 'stored':
    case 'no_order':
      return taken(out, site, { group, item }, answer)
  }
}

/** Odoo has it. [W6] [W7] */
function taken(
  out: Outcome,
  site: Site,
  { group, item }: Where,
  answer: Exclude<ItemAnswer, { kind: 'failed' }>,
): void {
  const { moment } = site
  const { row } = item
  const { posReference } = row
  const order = group.orders.get(posReference)
  if (order !== undefined && saysPaid(order.record)) {
    if (answer.kind === 'made' && row.sentVersion === row.version) {
      const { orderId, lineIdMap, fiscal } = answer
      return settle(out, site, { group, order }, { orderId, lineIdMap, fiscal })
    }
    if (answer.kind !== 'made') return rest(out, site, { group, item }, NO_ORDER_YET)
  }
  if (row.sentVersion === row.version) {
    if (order !== undefined && saysEnded(order.record)) return endOrder(out, site, group, order)
    out.changes.push({ kind: 'outbox_dropped', group: group.id, posReference })
    out.changes.push({ kind: 'odoo_took', at: moment.wall })
    return
  }
  const next: OutboxRow = { ...row, sentAt: null, unansweredAt: null, trouble: null, attempts: 0 }
  out.changes.push({ kind: 'outbox_put', group: group.id, row: next })
}

/** [W8] Nobody is at it, and Odoo knows: it need not stand among the open ones for ever. A new version reopens it. */
function endOrder(out: Outcome, site: Site, group: Group, order: Order): void {
  const { moment } = site
  const { posReference, author } = order.record
  const isHeld = runningGrant(group, 'lease', posReference, moment.now) !== undefined
  if (isHeld) out.changes.push({ kind: 'outbox_dropped', group: group.id, posReference })
  else {
    const { seq } = mark(out, site, { group, order }, { state: 'discarded', finalize: null })
    tellGroup(out, group.id, { type: 'ORDER_DISCARDED', posReference, sourceTerminal: author, seq })
  }
  out.changes.push({ kind: 'odoo_took', at: moment.wall })
}

const NO_ORDER_YET: OdooFailure = {
  kind: 'transient',
  code: 'BAD_DATA',
  text: 'Odoo took the paid order, but made no order of it yet.',
  scope: 'call',
  mayHaveLanded: false,
  retryAfterMs: null,
}

function parkRow(out: Outcome, { group, item }: Where, { code, text }: Trouble): void {
  const { row } = item
  const { posReference } = row
  const next: OutboxRow = { ...row, sentAt: null, unansweredAt: null, trouble: { code, text }, isParked: true }
  // A newer version came meanwhile: it is another one that Odoo may well take.
  const isParked = row.sentVersion === row.version
  out.changes.push({ kind: 'outbox_put', group: group.id, row: { ...next, isParked } })
  const event = 'Odoo refused a forwarded order'
  if (isParked) out.effects.push({ kind: 'note', event, fields: { posReference, code, text } })
}
