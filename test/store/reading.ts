import type { Kept } from '../../src/core/outcome.ts'
import type { Message, Order } from '../../src/core/state.ts'
import type { Stored, StoredGroup } from '../../src/core/stored.ts'
import type { Reading, Store } from '../../src/engine/ports.ts'
import type { GroupId } from '../../src/protocol/mod.ts'
import { reference, SHOP } from './changes.ts'

/** What a store gives back, in a form that compares: no classes, and the order of rows only where it is promised. */

/** A store on tables of its own, for one test. */
export type Opened = {
  readonly store: Store
  /** Another store on the same tables, which knows nothing: as a hub has it that starts later. */
  next(): Store
  [Symbol.asyncDispose](): Promise<void>
}

export type OpenStore = () => Promise<Opened>

export function commit(store: Store, ...changes: readonly Kept[]): void {
  const failure = store.commit(changes)
  if (failure !== null) throw new Error(`the store refused: ${failure.text}`)
}

export function read(store: Store): Stored {
  const recovered = store.recover()
  if (!recovered.ok) throw new Error(`the store refused: ${recovered.failure.text}`)
  return recovered.stored
}

/** What a reader gave back. */
export function value<T>(reading: Reading<T>): T {
  if (!reading.ok) throw new Error(`the store refused: ${reading.failure.text}`)
  return reading.value
}

export function find(store: Store, posReference: string, group: GroupId = SHOP): Order | null {
  const found = store.findOrder(group, reference(posReference))
  if (!found.ok) throw new Error(`the store refused: ${found.failure.text}`)
  return found.order
}

export function plainOrder(order: Order) {
  const { record, snapshot, messages, secondPayments, waiters } = order
  const result = record.result && {
    ...record.result,
    lineIdMap: record.result.lineIdMap.json,
    fiscal: record.result.fiscal?.json ?? null,
  }
  const digests = [...secondPayments].toSorted()
  return { record: { ...record, result }, snapshot: snapshot.json, messages: [...messages], digests, waiters }
}

export function plain(stored: Stored) {
  const { epoch, fence, newestWall, terminals, groups, tokens, tellsCreated } = stored
  return {
    epoch,
    fence,
    newestWall,
    terminals,
    tokens,
    tellsCreated,
    groups: by(groups, ({ id }) => id).map(plainGroup),
  }
}

function plainGroup(group: StoredGroup) {
  return {
    ...group,
    orders: group.orders.map(plainOrder),
    closed: group.closed.map((closed) => ({ ...closed, fiscal: closed.fiscal?.json })),
    outbox: group.outbox.map((row) => ({
      ...row,
      verdict: row.verdict && { ...row.verdict, theirs: row.verdict.theirs?.json ?? null },
    })),
    grants: by(group.grants, ({ kind, key }) => `${kind} ${key}`),
    tables: by(group.tables, ({ tableId }) => `${tableId}`),
    floors: by(
      group.floors.map((floor) => ({ ...floor, tables: floor.tables.json })),
      ({ floorId }) => `${floorId}`,
    ),
    tickets: by(group.tickets, ({ day, orderType }) => `${day} ${orderType}`),
  }
}

function by<T>(list: readonly T[], key: (item: T) => string): T[] {
  return list.toSorted((left, right) => (key(left) < key(right) ? -1 : 1))
}

/** A group of which nothing else is said. */
export function groupOf(more: Partial<ReturnType<typeof plainGroup>> = {}): ReturnType<typeof plainGroup> {
  const rows = {
    orders: [],
    closed: [],
    grants: [],
    outbox: [],
    tables: [],
    floors: [],
    tickets: [],
    ticketMessages: [],
  }
  return { id: SHOP, seq: 0, closedFloor: 0, ...rows, ...more }
}

/** What is read from both: the store that wrote, and one that comes later. */
export function bothRead(opened: Opened): ReturnType<typeof plain>[] {
  return [plain(read(opened.store)), plain(read(opened.next()))]
}

/** The one group of a store that has one, as both read it. */
export function bothReadGroup(opened: Opened, id: GroupId = SHOP): ReturnType<typeof plainGroup>[] {
  return bothRead(opened).map(({ groups }) => groups.find((group) => group.id === id) ?? groupOf({ id }))
}

export function keyed(...messages: readonly Message[]): [Message['msgId'], Message][] {
  return messages.map((message) => [message.msgId, message])
}
