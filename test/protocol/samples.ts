import {
  Epoch,
  Fence,
  FloorId,
  type HubMessageType,
  type HubWords,
  MsgId,
  Opaque,
  PosReference,
  Seq,
  SessionId,
  TableId,
  TerminalId,
  type TerminalMessageType,
  Version,
} from '../../src/protocol/mod.ts'

/** Messages as PROTOCOL.md describes them, written by hand: the schemas are held against these, not the other way. */

type Fields = { readonly [field: string]: unknown }

/** What must be there for v1, and what may be there beside it. */
type Sample = { readonly needs: Fields; readonly may?: Fields; readonly needsInV2?: Fields }

const order = { posReference: 'Order 00001-001-0001' }
const snapshot = { snapshot: { tableId: 7, lines: [{ qty: 1.5 }], note: 'ñ 🍕' } }
const msgId = { msgId: 'b3f1c0de' }

export const SAID: { readonly [T in TerminalMessageType]: Sample } = {
  AUTH: {
    needs: { token: 'a.b.c', deviceId: 'till-1' },
    may: {
      protocol: 2,
      deviceName: 'Till 1',
      appVersion: '1.2.3',
      configId: 4,
      resume: { sessionId: 's', epoch: 'e', seq: 9, holds: { tableLocks: [7], leases: ['A-1'] } },
    },
  },
  HEARTBEAT: { needs: {} },
  LEASE_ACQUIRE: { needs: { ...order, baseVersion: 0 }, may: { force: true } },
  LEASE_RELEASE: { needs: order, may: { finalSnapshot: { lines: [] }, ...msgId } },
  LEASE_HEARTBEAT: { needs: order },
  ORDER_SNAPSHOT: { needs: { ...order, baseVersion: 3, ...snapshot }, may: { fence: 12 }, needsInV2: msgId },
  ORDER_FINALIZE: {
    needs: { ...order, ...snapshot, configId: 4 },
    may: { baseVersion: 3, settled: { orderId: 77 } },
    needsInV2: msgId,
  },
  ORDER_DISCARD: { needs: { ...order, baseVersion: 3 }, may: { reason: 'Guest left' }, needsInV2: msgId },
  TABLE_UPDATE: { needs: { tableId: 7, status: 'occupied' }, may: order },
  TABLE_LOCK_ACQUIRE: { needs: { tableId: 7 } },
  TABLE_LOCK_RELEASE: { needs: { tableId: 7 } },
  TABLE_LOCK_HEARTBEAT: { needs: { tableId: 7 } },
  TABLE_LOCK_FORCE_ACQUIRE: { needs: { tableId: 7 }, may: { reason: 'Till 2 is away' } },
  TICKET_NUMBER_REQUEST: { needs: { orderType: 'takeout' }, may: msgId },
  FLOOR_PLAN_UPDATE: { needs: { floorId: 2, tables: [{ id: 7, x: 0.5 }] }, may: { layoutMode: 'grid' } },
  SYNC_REQUEST: { needs: { epoch: 'e', seq: 9 } },
}

/** The types that PROTOCOL.md marks (v2), by hand. */
export const SAID_IN_V2_ONLY: readonly string[] = ['ORDER_DISCARD', 'SYNC_REQUEST']
export const HEARD_IN_V2_ONLY: readonly string[] = [
  'LEASE_AVAILABLE',
  'ORDER_ACCEPTED',
  'ORDER_FINALIZE_QUEUED',
  'ORDER_DISCARDED',
  'HEARTBEAT_OK',
  'ERROR',
]

const posReference = PosReference.parse('Order 00001-001-0001')
const terminal = TerminalId.parse('t-1')
const version = Version.parse(4)
const seq = Seq.parse(10)
const epoch = Epoch.parse('e')
const fence = Fence.parse(12)
const tableId = TableId.parse(7)
const floorId = FloorId.parse(2)
const id = MsgId.parse('b3f1c0de')
const held = new Opaque('{"lines":[{"qty":1.50}],"big":9007199254740993,"note":"ñ 🍕 \\u0000"}')
const tables = new Opaque('[{"id":7},{}]')
const fiscal = new Opaque('{"ncf":"E310000000001"}')
const lineIdMap = new Opaque('{"a-1":101}')
const tableState = { tableId, status: 'occupied', posReference, sourceTerminal: terminal, seq }
const floorPlan = { floorId, tables, layoutMode: 'grid', sourceTerminal: terminal, seq }
const lock = { tableId, lockedBy: terminal, lockedByName: 'Till 1', expiresAt: 1_900_000_000_000 }
const lease = { posReference, holder: terminal, holderName: 'Till 1', expiresAt: 1_900_000_000_000 }
const granted = { expiresAt: 1_900_000_000_000, ttlMs: 60_000, fence }

export const HEARD: { readonly [T in HubMessageType]: Omit<Extract<HubWords, { type: T }>, 'type'> } = {
  AUTH_OK: {
    terminalId: terminal,
    role: 'cashier',
    protocol: 2,
    sessionId: SessionId.parse('s'),
    epoch,
    hubTime: 1_900_000_000_000,
    hubVersion: '0.1.0',
    heartbeatMs: 15_000,
  },
  AUTH_FAIL: { reason: 'The token has expired.', code: 'TOKEN_EXPIRED' },
  SYNC_INIT: {
    mode: 'full',
    orders: [{ posReference, version, snapshot: held, state: 'open' }],
    closed: [{ posReference, state: 'final', orderId: 77, fiscal }],
    tables: [tableState],
    tableLocks: [lock],
    leases: [lease],
    floors: [floorPlan],
    epoch,
    seq,
  },
  LEASE_GRANTED: { posReference, version, ...granted },
  LEASE_DENIED: { posReference, holder: '', holderName: '', reason: 'Nobody holds it', code: 'NO_LEASE', msgId: id },
  LEASE_REVOKED: { posReference, reason: 'Lease expired', snapshot: held },
  LEASE_AVAILABLE: { posReference },
  ORDER_UPDATED: { posReference, version, snapshot: held, sourceTerminal: terminal, seq, state: 'open' },
  ORDER_ACCEPTED: { posReference, version, msgId: id, seq },
  CONFLICT: { posReference, hubVersion: version, hubSnapshot: held, msgId: id },
  ORDER_FINALIZED: { posReference, orderId: 77, lineIdMap, fiscal, version, seq, msgId: id, differs: true },
  ORDER_FINALIZE_QUEUED: { posReference, version, msgId: id, reason: 'Odoo has not answered yet', seq },
  ORDER_FINALIZE_ERROR: {
    posReference,
    error: 'No open session',
    retryable: true,
    code: 'NO_OPEN_SESSION',
    version,
    msgId: id,
  },
  ORDER_DISCARDED: { posReference, sourceTerminal: terminal, seq },
  TABLE_UPDATED: tableState,
  FLOOR_PLAN_CHANGED: floorPlan,
  TICKET_NUMBER_ASSIGNED: { orderType: 'delivery', ticketNumber: 1, msgId: id },
  TABLE_LOCK_GRANTED: { tableId, ...granted },
  TABLE_LOCK_DENIED: { tableId, lockedBy: terminal, lockedByName: 'Till 1', reason: 'Held by Till 1' },
  TABLE_LOCK_REVOKED: { tableId, reason: 'Lock expired' },
  TABLE_LOCK_RELEASED: { tableId },
  TABLE_LOCKS_STATE: { locks: [lock] },
  HUB_STATUS: { connectedTerminals: 3, odoo: 'offline', pendingForward: 2, oldestPendingMs: 5_000 },
  HEARTBEAT_OK: { hubTime: 1_900_000_000_000, seq },
  ERROR: { code: 'MSG_ID_REUSED', message: 'This msgId was used for other content.', next: 'never', msgId: id },
}
