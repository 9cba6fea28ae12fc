/**
 * What a store gives back at start, and the hub that is made of it.
 *
 * R1  After a restart sessions, locks and leases all run for the longest time to live; no deadline lies further ahead.
 * R2  What is remembered after a start is what was remembered before.
 * R3  A call that ran when the hub ended is one whose end nobody knows.
 */
import type { Epoch, GroupId, Ms } from '../protocol/mod.ts'
import { assert } from './assert.ts'
import { grantKey } from './grant.ts'
import { PAID_PATIENCE_MS } from './limits.ts'
import { rememberClosed } from './order_memory.ts'
import { createRoad, deadAfter, isUnanswered, type OutboxRow, saysPaid } from './outbox.ts'
import { putRow } from './outbox_memory.ts'
import { type Change, recordOf, type TerminalRecord } from './outcome.ts'
import {
  type Closed,
  createGroup,
  dayKey,
  type Floor,
  type Group,
  type Hub,
  type KnownToken,
  type Moment,
  type Order,
  type Settings,
  type Table,
  type Terminal,
  type TicketMessage,
  ticketKey,
} from './state.ts'
import { setDeadline } from './terminal_memory.ts'

export type StoredGrant = Extract<Change, { kind: 'granted' }>['grant']

export type StoredGroup = {
  readonly id: GroupId
  readonly seq: number
  /** Active orders, oldest change first. */
  readonly orders: readonly Order[]
  /** The newest closures, oldest change first, at most `CLOSED_KEPT_MAX`. */
  readonly closed: readonly Closed[]
  /** Closures up to this seq may be missing from `closed`. */
  readonly closedFloor: number
  readonly grants: readonly StoredGrant[]
  /** Oldest first. */
  readonly outbox: readonly OutboxRow[]
  readonly tables: readonly Table[]
  readonly floors: readonly Floor[]
  /** Oldest day first. */
  readonly tickets: readonly { readonly day: string; readonly orderType: string; readonly number: number }[]
  /** Oldest first. */
  readonly ticketMessages: readonly TicketMessage[]
}

export type Stored = {
  readonly epoch: Epoch
  readonly fence: number
  /** The newest wall time on the disk; 0 on an empty one. */
  readonly newestWall: Ms
  /** Least lately active first. */
  readonly terminals: readonly TerminalRecord[]
  readonly groups: readonly StoredGroup[]
  /** The add-on's answers say whether they made the order. */
  readonly tellsCreated: boolean
  /** Oldest check first. */
  readonly tokens: readonly KnownToken[]
}

/** `newestDay` is the business day of `stored.newestWall`. */
export function hubFrom(stored: Stored, settings: Settings, moment: Moment, newestDay: string): Hub {
  const hub: Hub = {
    settings,
    epoch: stored.epoch,
    fence: stored.fence,
    newestWall: stored.newestWall,
    newestDay,
    groups: new Map(),
    terminals: new Map(),
    lines: new Map(),
    contests: new Map(),
    odoo: 'offline',
    road: { ...createRoad(moment.now, settings.odoo !== null), tellsCreated: stored.tellsCreated },
    signIns: new Map(stored.tokens.map((token) => [token.digest, token])),
    snapshotChars: 0,
    nextDeadline: Number.POSITIVE_INFINITY,
  }
  setDeadline(hub, hub.road.nextAt)
  const until = moment.now + Math.max(settings.leaseMs, settings.lockMs)
  for (const group of stored.groups) hub.groups.set(group.id, restoreGroup(hub, group, { until, now: moment.now }))
  for (const record of stored.terminals) {
    const terminal: Terminal = { ...record, phase: 'grace', line: null, heardAt: 0, pingAt: 0, graceUntil: until }
    hub.terminals.set(record.terminalId, terminal)
    setDeadline(hub, until)
  }
  return hub
}

function restoreGroup(hub: Hub, stored: StoredGroup, { until, now }: { readonly until: Ms; readonly now: Ms }): Group {
  const group = createGroup(stored.id)
  group.seq = stored.seq
  for (const order of stored.orders) {
    group.orders.set(order.record.posReference, order)
    hub.snapshotChars += order.snapshot.json.length
  }
  for (const row of stored.outbox) restoreRow(hub, group, row, now)
  for (const closed of stored.closed) rememberClosed(group, closed)
  group.closedFloor = stored.closedFloor
  for (const { kind, key, holder, fence } of stored.grants) {
    group.grants.set(grantKey(kind, key), { kind, key, holder, fence, deadline: until, line: null, denied: new Set() })
    setDeadline(hub, until)
  }
  for (const table of stored.tables) group.tables.set(table.tableId, table)
  for (const floor of stored.floors) group.floors.set(floor.floorId, floor)
  for (const ticket of stored.tickets) group.tickets.set(dayKey(ticket), ticket.number)
  for (const message of stored.ticketMessages) group.ticketMessages.set(ticketKey(message), message)
  return group
}

/** [R3] */
function restoreRow(hub: Hub, group: Group, row: OutboxRow, now: Ms): void {
  putRow(group, row)
  const item = group.outbox.get(row.posReference)
  assert(item !== undefined, 'a row that was put is there')
  const record = group.orders.get(row.posReference)?.record
  const isPatient = row.kind === 'forward' && row.attempts === 0 && record !== undefined && saysPaid(record)
  item.notBefore = isPatient ? now + PAID_PATIENCE_MS : now
  if (isUnanswered(item)) item.deadAt = deadAfter(hub, now)
}

/** All that must be the same before and after a restart, in a form that compares ([R2]). */
export function remembered(hub: Hub): unknown {
  return {
    epoch: hub.epoch,
    fence: hub.fence,
    tellsCreated: hub.road.tellsCreated,
    tokens: sortBy([...hub.signIns.values()], ({ digest }) => digest),
    terminals: sortBy([...hub.terminals.values()].map(recordOf), ({ terminalId }) => terminalId),
    groups: sortBy([...hub.groups.values()].filter(isKeptGroup).map(rememberedGroup), ({ id }) => id),
  }
}

function isKeptGroup(group: Group): boolean {
  return group.seq > 0 || group.grants.size > 0 || group.tickets.size > 0
}

function rememberedGroup(group: Group) {
  const orders = [...group.orders.values()].map(({ record, snapshot, messages, secondPayments }) => ({
    record,
    snapshot: snapshot.json,
    messages: [...messages.values()],
    secondPayments: [...secondPayments].sort(),
  }))
  const grants = [...group.grants.values()].map(({ kind, key, holder, fence }) => ({ kind, key, holder, fence }))
  return {
    id: group.id,
    seq: group.seq,
    orders: sortBy(orders, ({ record }) => record.posReference),
    outbox: sortBy(
      [...group.outbox.values()].map(({ row }) => ({
        ...row,
        verdict: row.verdict === null ? null : { ...row.verdict, theirs: row.verdict.theirs?.json ?? null },
      })),
      ({ posReference }) => posReference,
    ),
    closed: [...group.closed.values()],
    grants: sortBy(grants, ({ kind, key }) => grantKey(kind, key)),
    tables: sortBy([...group.tables.values()], ({ tableId }) => String(tableId)),
    floors: sortBy([...group.floors.values()], ({ floorId }) => String(floorId)),
    tickets: sortBy([...group.tickets], ([day]) => day),
    ticketMessages: [...group.ticketMessages.values()],
  }
}

function sortBy<T>(list: readonly T[], key: (item: T) => string): T[] {
  return [...list].sort((left, right) => (key(left) < key(right) ? -1 : 1))
}
