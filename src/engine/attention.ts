import { PAID_PATIENCE_MS } from '../core/limits.ts'
import { type OutboxItem, saysPaid, sessionMissing } from '../core/outbox.ts'
import type { SecondPayment } from '../core/outcome.ts'
import type { Group, Hub, Order } from '../core/state.ts'
import { amountOf, type GroupId, type Ms, type PosReference } from '../protocol/mod.ts'

/** Why an order stands on the list of those that a person should look at. Never renamed: notes and scripts use them. */
export type Cause =
  /** Odoo said no; open for correction on every terminal. */
  | 'REFUSED'
  /** Not for correction: Odoo has other content, or made two. */
  | 'PARKED'
  /** No open session in Odoo; goes by itself when one opens. */
  | 'NO_OPEN_SESSION'
  /** Paid more than an hour ago, and Odoo has not made it. */
  | 'WAITING'
  /** Odoo said no to an order that was only forwarded. */
  | 'FORWARD_REFUSED'
  /** A terminal wrote "paid" and never finalized; forwarded, and Odoo names no order yet. */
  | 'PAID_NOT_FINALIZED'
  /** Another payment for a paid order: money may have been taken twice. */
  | 'SECOND_PAYMENT'
  /** Open, and nobody has touched it for seven days. */
  | 'UNTOUCHED'

export type Action = 'retry' | 'correct' | 'entered' | 'payments_settled' | 'export'

export type Attention = {
  readonly group: GroupId
  readonly posReference: PosReference
  readonly cause: Cause
  /** In Odoo's words where there are any. */
  readonly text: string
  /** Milliseconds since 1970. */
  readonly since: Ms
  /** What the guest pays, where the snapshot tells it. */
  readonly amount: number | null
  readonly actions: readonly Action[]
}

const WAITING_MS = 3_600_000
const UNTOUCHED_MS = 7 * 24 * 3_600_000

/** Everything in memory that needs a person, oldest first; at most `countMax`. */
export function attentionOf(hub: Hub, wall: Ms, countMax: number): Attention[] {
  const found: Attention[] = []
  for (const group of hub.groups.values()) {
    for (const order of group.orders.values()) {
      const one = ofOrder(hub, group, order, wall)
      if (one !== null) found.push(one)
    }
    for (const { row } of group.outbox.values()) {
      if (!row.isParked || group.orders.has(row.posReference)) continue
      const { posReference, since, trouble } = row
      const about = { group: group.id, posReference, since, amount: null }
      found.push({ ...about, cause: 'FORWARD_REFUSED', text: trouble?.text ?? '', actions: ['retry', 'entered'] })
    }
  }
  return found.sort((left, right) => left.since - right.since).slice(0, countMax)
}

export function attentionOfPayments(group: GroupId, payments: readonly SecondPayment[]): Attention[] {
  return payments.map(({ posReference, at, authorName, snapshot }) => ({
    group,
    posReference,
    cause: 'SECOND_PAYMENT',
    text: `${authorName} took another payment for this order. Nothing of it went to Odoo.`,
    since: at,
    amount: amountOf(snapshot.json),
    actions: ['payments_settled', 'export'],
  }))
}

type Found = Pick<Attention, 'cause' | 'text' | 'since' | 'actions'>

function ofOrder(hub: Hub, group: Group, order: Order, wall: Ms): Attention | null {
  const item = group.outbox.get(order.record.posReference)
  const found = ofState(order) ?? ofRow(hub, order, item, wall) ?? ofAge(order, wall)
  if (found === null) return null
  const { posReference } = order.record
  return { group: group.id, posReference, ...found, amount: amountOf(order.snapshot.json) }
}

function ofState({ record }: Order): Found | null {
  const { state, finalize, at } = record
  if (state !== 'refused' && state !== 'parked') return null
  const about = { text: finalize?.refusal?.text ?? '', since: finalize?.since ?? at }
  return state === 'refused'
    ? { ...about, cause: 'REFUSED', actions: ['correct', 'retry', 'entered', 'export'] }
    : { ...about, cause: 'PARKED', actions: ['retry', 'entered', 'export'] }
}

function ofRow(hub: Hub, order: Order, item: OutboxItem | undefined, wall: Ms): Found | null {
  if (item === undefined) return null
  const { row } = item
  const { since, trouble } = row
  if (row.isParked) {
    return {
      cause: 'FORWARD_REFUSED',
      text: trouble?.text ?? '',
      since,
      actions: ['correct', 'retry', 'entered', 'export'],
    }
  }
  if (row.kind === 'forward') {
    // A payment mostly comes right behind; only where none does is it a case for people.
    if (row.attempts === 0 && wall - since < PAID_PATIENCE_MS) return null
    const text = trouble?.text ?? 'A terminal says that it is paid, and has not finalized it.'
    return saysPaid(order.record) ? { cause: 'PAID_NOT_FINALIZED', text, since, actions: ['retry', 'export'] } : null
  }
  const missing = sessionMissing(hub, row.configId)
  if (missing !== null || trouble?.code === 'NO_OPEN_SESSION') {
    const text = trouble?.text ?? missing?.text ?? ''
    return { cause: 'NO_OPEN_SESSION', text, since, actions: ['retry', 'export'] }
  }
  if (wall - since < WAITING_MS) return null
  const text = trouble?.text ?? hub.road.trouble?.text ?? 'It waits for Odoo.'
  return { cause: 'WAITING', text, since, actions: ['retry', 'entered', 'export'] }
}

function ofAge({ record }: Order, wall: Ms): Found | null {
  if (record.state !== 'open' || wall - record.at < UNTOUCHED_MS) return null
  return {
    cause: 'UNTOUCHED',
    text: 'Nobody has touched this order for seven days.',
    since: record.at,
    actions: ['export'],
  }
}

/** How long guests' payments have been waiting for their order in Odoo: a law of fiscal numbers sets 24 hours. */
export type Ageing = {
  /** Paid, and not final. */
  readonly count: number
  readonly oldestMs: Ms
  readonly over1h: number
  readonly over12h: number
  readonly over20h: number
}

export function ageingOf(hub: Hub, wall: Ms): Ageing {
  const ages: Ms[] = []
  for (const group of hub.groups.values()) {
    for (const { record } of group.orders.values()) {
      const since = paidSince(group, record)
      if (since !== null) ages.push(Math.max(0, wall - since))
    }
  }
  const over = (hours: number) => ages.filter((age) => age >= hours * 3_600_000).length
  let oldestMs = 0
  for (const age of ages) oldestMs = Math.max(oldestMs, age)
  return { count: ages.length, oldestMs, over1h: over(1), over12h: over(12), over20h: over(20) }
}

function paidSince(group: Group, record: Order['record']): Ms | null {
  if (saysPaid(record)) return group.outbox.get(record.posReference)?.row.since ?? record.at
  return record.state === 'open' ? null : (record.finalize?.since ?? null)
}
