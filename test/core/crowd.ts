import type { Closed, Order, OrderRecord } from '../../src/core/state.ts'
import type { Stored, StoredGroup } from '../../src/core/stored.ts'
import { Opaque, type PosReference, type TerminalId } from '../../src/protocol/mod.ts'
import { emptyStored, GROUP, WALL } from './stage.ts'

const CONTENT = new Opaque('{}')

/** A disk of very many orders, made without playing the days that led to it. */
export function crowd({ orders = 0, closed = 0, closedFloor = 0 }): Stored {
  const group: StoredGroup = {
    id: GROUP,
    seq: closed + orders,
    orders: Array.from({ length: orders }, (_, at) => openOrder(at + 1, closed + at + 1)),
    closed: Array.from({ length: closed }, (_, at) => closedOrder(at + 1)),
    closedFloor,
    grants: [],
    outbox: [],
    tables: [],
    floors: [],
    tickets: [],
    ticketMessages: [],
  }
  return { ...emptyStored(), newestWall: WALL, groups: [group] }
}

function openOrder(number: number, seq: number): Order {
  const record: OrderRecord = {
    posReference: `order ${number}` as PosReference,
    state: 'open',
    version: 1,
    seq,
    tableId: null,
    status: null,
    author: 'somebody' as TerminalId,
    at: WALL,
    finalize: null,
    result: null,
  }
  return { record, snapshot: CONTENT, messages: new Map(), secondPayments: new Set(), waiters: [] }
}

function closedOrder(seq: number): Closed {
  return { posReference: `closed ${seq}` as PosReference, state: 'discarded', seq }
}
