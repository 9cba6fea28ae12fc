import { type OutboxRow, pendingCount } from '../core/outbox.ts'
import type { SecondPayment, VersionEntry } from '../core/outcome.ts'
import { type Hub, type Order, orderOf, type Refusal } from '../core/state.ts'
import { oldestPending } from '../core/status.ts'
import { amountOf, type GroupId, type Ms, type Opaque, type OrderState, type PosReference } from '../protocol/mod.ts'
import { type Ageing, type Attention, ageingOf, attentionOf, attentionOfPayments } from './attention.ts'
import type { Engine } from './engine.ts'
import type { Clock, Reading, Store, StoreFailure } from './ports.ts'

/** Counts for probes and people; all of the whole hub, groups together. */
export type Counts = {
  readonly connectedTerminals: number
  readonly activeLeases: number
  readonly tableLocks: number
  /** Active orders: open, finalizing, refused, parked. */
  readonly orders: number
  /** Paid orders that Odoo has not confirmed. */
  readonly pendingForward: number
  readonly oldestPendingMs: Ms
}

/** How it stands with Odoo. */
export type OdooView = {
  /** False: no ODOO_URL is set. */
  readonly isConfigured: boolean
  readonly state: 'online' | 'offline'
  /** Why it is away, for people; `since` in milliseconds since 1970. */
  readonly trouble: { readonly code: string; readonly text: string; readonly since: Ms } | null
  /** Orders that Odoo has taken since the hub started, and when the last one was. */
  readonly takenCount: number
  readonly takenAt: Ms | null
}

/** An order for a list: without its content. */
export type OrderLine = {
  readonly group: GroupId
  readonly posReference: PosReference
  readonly state: OrderState
  readonly version: number
  readonly tableId: number | null
  readonly status: string | null
  /** Of its last change; milliseconds since 1970. */
  readonly at: Ms
  readonly amount: number | null
}

/** All there is to say about one order. */
export type OrderStory = OrderLine & {
  readonly snapshot: Opaque
  readonly orderId: number | null
  readonly fiscal: Opaque | null
  readonly refusal: Refusal | null
  readonly outbox: OutboxRow | null
  readonly versions: readonly VersionEntry[]
  readonly secondPayments: readonly SecondPayment[]
}

export type Readiness = { readonly ready: boolean; readonly reasons: readonly string[] }

/** Read-only answers for the window. */
export interface View {
  counts(): Counts
  readiness(): Readiness
  isClockSet(): boolean
  odoo(): OdooView
  ageing(): Ageing
  /** What needs a person, oldest first. */
  attention(countMax: number): Reading<readonly Attention[]>
  /** Active orders, last change first. */
  orders(countMax: number): Reading<readonly OrderLine[]>
  /** The groups that have an order of that reference. */
  groupsOf(posReference: PosReference): Reading<readonly GroupId[]>
  /** Null: there is no such order. */
  story(group: GroupId, posReference: PosReference): Reading<OrderStory | null>
  failure(): StoreFailure | null
}

export function createView(engine: Engine, clock: Clock, store: Store): View {
  return {
    ...createOrderView(engine, clock, store),
    counts: () => countsOf(engine, clock),
    readiness() {
      const { failure, hub } = engine.state
      if (failure !== null) return { ready: false, reasons: [failure.text] }
      return hub === null ? { ready: false, reasons: ['The hub is starting.'] } : { ready: true, reasons: [] }
    },
    isClockSet: () => engine.state.isClockSet,
    failure: () => engine.state.failure,
  }
}

type OrderView = Pick<View, 'odoo' | 'ageing' | 'attention' | 'orders' | 'groupsOf' | 'story'>

function createOrderView(engine: Engine, clock: Clock, store: Store): OrderView {
  return {
    odoo: () => odooOf(engine.state.hub),
    ageing: () => (engine.state.hub === null ? NO_AGEING : ageingOf(engine.state.hub, clock.wall())),
    attention(countMax) {
      const { hub } = engine.state
      if (hub === null) return NOT_NOW
      const found = attentionOf(hub, clock.wall(), countMax)
      for (const group of hub.groups.keys()) {
        const read = store.secondPayments(group)
        if (!read.ok) return read
        found.push(...attentionOfPayments(group, read.value))
      }
      return { ok: true, value: found.sort((left, right) => left.since - right.since).slice(0, countMax) }
    },
    orders(countMax) {
      const { hub } = engine.state
      return hub === null ? NOT_NOW : { ok: true, value: linesOf(hub, countMax) }
    },
    groupsOf(posReference) {
      const { hub } = engine.state
      if (hub === null) return NOT_NOW
      const groups: GroupId[] = []
      for (const group of hub.groups.values()) {
        if (orderOf(group, posReference) !== undefined) groups.push(group.id)
        else {
          const found = store.findOrder(group.id, posReference)
          if (!found.ok) return found
          if (found.order !== null) groups.push(group.id)
        }
      }
      return { ok: true, value: groups }
    },
    story: (group, posReference) => storyOf(engine, store, { group, posReference }),
  }
}

const NO_AGEING: Ageing = { count: 0, oldestMs: 0, over1h: 0, over12h: 0, over20h: 0 }

const NOT_NOW = { ok: false, failure: { kind: 'io', text: 'The hub cannot write to its disk just now.' } } as const

function odooOf(hub: Hub | null): OdooView {
  if (hub === null) return { isConfigured: false, state: 'offline', trouble: null, takenCount: 0, takenAt: null }
  const { trouble, takenCount, takenAt } = hub.road
  return { isConfigured: hub.settings.odoo !== null, state: hub.odoo, trouble, takenCount, takenAt }
}

function linesOf(hub: Hub, countMax: number): OrderLine[] {
  const all = [...hub.groups.values()].flatMap((group) =>
    [...group.orders.values()].map((order) => ({ group: group.id, order })),
  )
  all.sort((left, right) => right.order.record.at - left.order.record.at)
  return all.slice(0, countMax).map(({ group, order }) => lineOf(group, order))
}

function lineOf(group: GroupId, { record, snapshot }: Order): OrderLine {
  const { posReference, state, version, tableId, status, at } = record
  return { group, posReference, state, version, tableId, status, at, amount: amountOf(snapshot.json) }
}

type Place = { readonly group: GroupId; readonly posReference: PosReference }

function storyOf(engine: Engine, store: Store, { group: id, posReference }: Place): Reading<OrderStory | null> {
  const group = engine.state.hub?.groups.get(id)
  const known = group === undefined ? undefined : orderOf(group, posReference)
  const found = known === undefined ? store.findOrder(id, posReference) : { ok: true as const, order: known }
  if (!found.ok) return found
  if (found.order === null) return { ok: true, value: null }
  const versions = store.story(id, posReference)
  if (!versions.ok) return versions
  const payments = store.secondPayments(id)
  if (!payments.ok) return payments
  const { record, snapshot } = found.order
  return {
    ok: true,
    value: {
      ...lineOf(id, found.order),
      snapshot,
      orderId: record.result?.orderId ?? null,
      fiscal: record.result?.fiscal ?? null,
      refusal: record.finalize?.refusal ?? null,
      outbox: group?.outbox.get(posReference)?.row ?? null,
      versions: versions.value,
      secondPayments: payments.value.filter((one) => one.posReference === posReference),
    },
  }
}

function countsOf(engine: Engine, clock: Clock): Counts {
  const counts = {
    connectedTerminals: 0,
    activeLeases: 0,
    tableLocks: 0,
    orders: 0,
    pendingForward: 0,
    oldestPendingMs: 0,
  }
  const { hub } = engine.state
  if (hub === null) return counts
  const now = clock.now()
  const wall = clock.wall()
  for (const terminal of hub.terminals.values()) if (terminal.phase === 'live') counts.connectedTerminals++
  for (const group of hub.groups.values()) {
    for (const { kind, deadline } of group.grants.values()) {
      if (deadline <= now) continue
      if (kind === 'lease') counts.activeLeases++
      else counts.tableLocks++
    }
    counts.orders += group.orders.size
    counts.pendingForward += pendingCount(group)
    counts.oldestPendingMs = Math.max(counts.oldestPendingMs, oldestPending(group, { wall }))
  }
  return counts
}
