import type { FoundOrder, LookAnswer } from '../core/odoo.ts'
import { isPaidInOdoo } from '../core/outbox.ts'
import { amountOf, type GroupId, isSameAmount, type Ms, type PosReference } from '../protocol/mod.ts'
import type { Odoo, Store, StoreFailure } from './ports.ts'

/** One reference about which hub and Odoo do not agree. */
export type Difference = {
  readonly kind: 'missing_in_odoo' | 'missing_in_hub' | 'amount_differs' | 'twice_in_odoo' | 'other_order_id'
  readonly posReference: string
  /** As the hub has it: Odoo's id, and what the snapshot says is paid. */
  readonly hub: Ours | null
  readonly odoo: readonly { readonly orderId: number; readonly amount: number | null }[]
}

type Ours = { readonly state: string; readonly orderId: number | null; readonly amount: number | null }

export type Reconciliation =
  | { readonly ok: true; readonly compared: number; readonly differences: readonly Difference[] }
  /** For people: what was in the way. */
  | { readonly ok: false; readonly text: string }

export type ReconcileParts = {
  readonly odoo: Odoo
  readonly store: Pick<Store, 'paidOrders' | 'findOrder'>
  readonly groups: readonly GroupId[]
}

const PAGE = 500
/** Half a million orders: years of a large shop. */
const PAGES_MAX = 1_000
const TOO_MANY = 'There are more orders since then than can be compared: say a later time.'
/** Differences that are told: more than a person can read. */
const DIFFERENCES_MAX = 10_000
/** Where a sale and its order lie on both sides of `since`, both are still found. */
const MARGIN_MS = 24 * 3_600_000

/**
 * Compares what the hub has as final or finalizing since then with Odoo's paid orders, by reference. Orders of
 * configurations that the hub never sold at are not looked at.
 */
export async function reconcile(parts: ReconcileParts, since: Ms): Promise<Reconciliation> {
  const hub = await hubOrders(parts, since)
  if (typeof hub === 'string') return { ok: false, text: hub }
  const listed = await odooOrders(parts.odoo, since - MARGIN_MS)
  if (typeof listed === 'string') return { ok: false, text: listed }
  const missing = [...hub.keys()].filter((reference) => !listed.has(reference))
  const late = await lookUp(parts.odoo, missing)
  if (typeof late === 'string') return { ok: false, text: late }
  for (const [reference, orders] of late) listed.set(reference, orders)
  const differences: Difference[] = []
  let compared = 0
  for (const [reference, ours] of hub) {
    compared += ours.length
    for (const order of ours) differences.push(...compare(reference, order, listed.get(reference) ?? []))
  }
  const configs = configsOf(hub, listed)
  for (const [posReference, orders] of listed) {
    if (hub.has(posReference) || !orders.some(({ configId }) => configId !== null && configs.has(configId))) continue
    const known = knownHere(parts, posReference)
    if (!known.ok) return { ok: false, text: known.failure.text }
    const about = { posReference, hub: known.order, odoo: orders.map(told) }
    if (orders.length > 1) differences.push({ kind: 'twice_in_odoo', ...about })
    else if (!HELD.has(known.order?.state ?? '')) differences.push({ kind: 'missing_in_hub', ...about })
  }
  return { ok: true, compared, differences: differences.slice(0, DIFFERENCES_MAX) }
}

/** Two groups may have an order of the same reference. */
type HubOrders = Map<string, Ours[]>

async function hubOrders({ store, groups }: ReconcileParts, since: Ms): Promise<HubOrders | string> {
  const found: HubOrders = new Map()
  for (const group of groups) {
    const ours = await ordersOf(store, { group, since })
    if (typeof ours === 'string') return ours
    for (const [reference, order] of ours) found.set(reference, [...(found.get(reference) ?? []), order])
  }
  return found
}

/** Each page begins at the time at which the last one ended: an order that changes meanwhile comes again, none is missed. */
async function ordersOf(
  store: Pick<Store, 'paidOrders'>,
  { group, since }: { readonly group: GroupId; readonly since: Ms },
): Promise<Map<string, Ours> | string> {
  const found = new Map<string, Ours>()
  let from = { since, offset: 0 }
  for (let page = 0; page < PAGES_MAX; page++) {
    const read = store.paidOrders(group, { ...from, countMax: PAGE })
    if (!read.ok) return read.failure.text
    for (const { posReference, state, orderId, snapshot } of read.value) {
      found.set(posReference, { state, orderId, amount: amountOf(snapshot.json) })
    }
    const last = read.value.at(-1)
    if (last === undefined || read.value.length < PAGE) return found
    from = last.at > from.since ? { since: last.at, offset: 0 } : { ...from, offset: from.offset + PAGE }
    await othersFirst()
  }
  return TOO_MANY
}

/** The tills do not wait until years of orders are read. */
function othersFirst(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

type ByReference = Map<string, FoundOrder[]>

async function odooOrders(odoo: Odoo, since: Ms): Promise<ByReference | string> {
  const found: ByReference = new Map()
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await odoo.list(since, page * PAGE)
    if (answer.kind !== 'looked') return whyNot(answer)
    for (const order of answer.orders) add(found, order)
    if (answer.orders.length < PAGE) return found
  }
  return TOO_MANY
}

async function lookUp(odoo: Odoo, references: readonly string[]): Promise<ByReference | string> {
  const found: ByReference = new Map()
  for (let at = 0; at < references.length; at += PAGE) {
    const answer = await odoo.look(references.slice(at, at + PAGE))
    if (answer.kind !== 'looked') return whyNot(answer)
    for (const order of answer.orders) add(found, order)
  }
  return found
}

function whyNot(answer: Exclude<LookAnswer, { kind: 'looked' }>): string {
  if (answer.kind === 'failed') return answer.failure.text
  return 'This way to Odoo (rest) cannot list orders. Set ODOO_API=jsonrpc, with ODOO_DB, to compare.'
}

function add(found: ByReference, order: FoundOrder): void {
  // Those without a reference are not of a till; all of them together would look like one order made many times.
  if (!isPaidInOdoo(order.state) || order.posReference === '') return
  const orders = found.get(order.posReference) ?? []
  // Pages may overlap where orders come in meanwhile.
  if (!orders.some(({ orderId }) => orderId === order.orderId)) orders.push(order)
  found.set(order.posReference, orders)
}

function compare(posReference: string, order: Ours, orders: readonly FoundOrder[]): Difference[] {
  const { state, orderId, amount } = order
  const about = { posReference, hub: order, odoo: orders.map(told) }
  if (orders.length > 1) return [{ kind: 'twice_in_odoo', ...about }]
  const [only] = orders
  if (only === undefined) return state === 'final' ? [{ kind: 'missing_in_odoo', ...about }] : []
  if (orderId !== null && orderId !== 0 && orderId !== only.orderId) return [{ kind: 'other_order_id', ...about }]
  const { amountTotal } = only
  return isSameAmount(amount, amountTotal) ? [] : [{ kind: 'amount_differs', ...about }]
}

function told({ orderId, amountTotal }: FoundOrder) {
  return { orderId, amount: amountTotal }
}

/** Those at which the hub has sold in this time, as Odoo tells it. */
function configsOf(hub: HubOrders, listed: ByReference): Set<number> {
  const configs = new Set<number>()
  for (const reference of hub.keys()) {
    for (const { configId } of listed.get(reference) ?? []) if (configId !== null) configs.add(configId)
  }
  return configs
}

/** What is on its way to Odoo, or on people's list, is no news; an order that the hub has as open or discarded is. */
const HELD: ReadonlySet<string> = new Set(['finalizing', 'refused', 'parked', 'final'])

type Known = { readonly ok: true; readonly order: Ours | null } | { readonly ok: false; readonly failure: StoreFailure }

/** As it is now: it may have been sold since the hub's orders were read. */
function knownHere({ store, groups }: ReconcileParts, reference: string): Known {
  let known: Ours | null = null
  for (const group of groups) {
    const found = store.findOrder(group, reference as PosReference)
    if (!found.ok) return found
    if (found.order === null) continue
    const { record, snapshot } = found.order
    const { state, result } = record
    if (known === null || HELD.has(state)) {
      known = { state, orderId: result?.orderId ?? null, amount: amountOf(snapshot.json) }
    }
  }
  return { ok: true, order: known }
}
