import { CLOSED_KEPT_MAX, MESSAGES_PER_ORDER_MAX, TICKET_MESSAGES_MAX } from '../core/limits.ts'
import { closedOf } from '../core/order_memory.ts'
import type { Order } from '../core/state.ts'
import type { Stored, StoredGroup } from '../core/stored.ts'
import type { PaidOrder, PaidPage } from '../engine/ports.ts'
import { type Epoch, type GroupId, Opaque, type PosReference } from '../protocol/mod.ts'
import {
  floorOf,
  grantOf,
  messageOf,
  type OrderRow,
  orderOfRow,
  outboxOf,
  tableOf,
  terminalOf,
  ticketMessageOf,
  tokenOf,
} from './rows.ts'
import type { Statements } from './statements.ts'

/** Everything that a hub begins with. */
export function readAll(from: Statements): Stored {
  const meta = new Map(from.meta.all({}).map(({ key, value }) => [key, value]))
  return {
    epoch: (meta.get('epoch') ?? '') as Epoch,
    fence: Number(meta.get('fence') ?? 0),
    newestWall: Number(meta.get('newest_wall') ?? 0),
    terminals: from.terminals.all({}).map(terminalOf),
    tellsCreated: meta.get('odoo_tells_created') === '1',
    tokens: from.tokens.all({}).map(tokenOf),
    groups: from.groups.all({}).map(({ id, seq }) => readGroup(from, id as GroupId, seq)),
  }
}

function readGroup(from: Statements, id: GroupId, seq: number): StoredGroup {
  const orders = from.openOrders.all({ groupId: id }).map((row) => wholeOrder(from, row))
  const closed = from.closedOrders.all({ groupId: id, countMax: CLOSED_KEPT_MAX + 1 })
  const isCut = closed.length > CLOSED_KEPT_MAX
  const kept = closed.slice(0, CLOSED_KEPT_MAX).reverse()
  return {
    id,
    seq,
    orders: orders.sort((left, right) => left.record.seq - right.record.seq),
    closed: kept.map((row) => closedOf(orderOfRow(row))),
    closedFloor: isCut ? (closed.at(-1)?.seq ?? 0) : 0,
    grants: from.grants.all({ groupId: id }).map(grantOf),
    outbox: from.outbox.all({ groupId: id }).map(outboxOf),
    tables: from.tables.all({ groupId: id }).map(tableOf),
    floors: from.floors.all({ groupId: id }).map(floorOf),
    tickets: from.tickets.all({ groupId: id }),
    ticketMessages: from.ticketMessages
      .all({ groupId: id, countMax: TICKET_MESSAGES_MAX })
      .map(ticketMessageOf)
      .reverse(),
  }
}

export function readOrder(from: Statements, groupId: GroupId, posReference: PosReference): Order | null {
  const row = from.order.get({ groupId, posReference })
  return row === undefined ? null : wholeOrder(from, row)
}

export function readPaid(from: Statements, groupId: GroupId, page: PaidPage): PaidOrder[] {
  return from.paidOrders.all({ groupId, ...page }).map((row) => {
    const { posReference, state, at, orderId } = orderOfPaid(row)
    const newest = from.newestVersion.get({ groupId, posReference })
    return { posReference, state, at, orderId, snapshot: new Opaque(newest?.snapshot ?? '{}') }
  })
}

function orderOfPaid(row: OrderRow) {
  const { result, ...record } = orderOfRow(row)
  return { ...record, orderId: result?.orderId ?? null }
}

function wholeOrder(from: Statements, row: OrderRow): Order {
  const key = { groupId: row.groupId, posReference: row.posReference }
  const newest = from.newestVersion.get(key)
  const messages = from.messages
    .all({ ...key, countMax: MESSAGES_PER_ORDER_MAX })
    .map(messageOf)
    .reverse()
  return {
    record: orderOfRow(row),
    // A closed order whose content was purged keeps its row: then there is nothing left to show.
    snapshot: new Opaque(newest?.snapshot ?? '{}'),
    messages: new Map(messages.map((message) => [message.msgId, message])),
    secondPayments: new Set(from.secondPaymentsOf.all(key).map(({ digest }) => digest)),
    waiters: [],
  }
}
