import * as z from 'zod'
import { LayoutMode, TableStatus } from './floor.ts'
import {
  boundedText,
  ConfigId,
  DeviceId,
  Epoch,
  Fence,
  FloorId,
  MsgId,
  PosReference,
  Seq,
  SessionId,
  TableId,
  Version,
} from './ids.ts'
import { FloorTables, type Held, Snapshot } from './opaque.ts'
import { OrderType } from './order.ts'

/**
 * What a terminal may say. Fields that only v2 has are optional here, because one schema serves both; `requiredInV2`
 * names those that a v2 terminal must send. Unknown fields are ignored. Source: PROTOCOL.md, "Terminal to hub".
 */

/** What a returning terminal still means to hold: plain `HEARTBEAT`s renew these. */
export const Holds = z.object({
  tableLocks: z.array(TableId).max(500).readonly().optional(),
  leases: z.array(PosReference).max(500).readonly().optional(),
})
export type Holds = z.infer<typeof Holds>

export const Resume = z.object({ sessionId: SessionId, epoch: Epoch, seq: Seq, holds: Holds.optional() })
export type Resume = z.infer<typeof Resume>

export const Auth = z.object({
  type: z.literal('AUTH'),
  token: boundedText(0, 4096),
  deviceId: DeviceId,
  protocol: z.int().min(1).optional(),
  deviceName: boundedText(1, 64).optional(),
  appVersion: boundedText(1, 64).optional(),
  configId: ConfigId.optional(),
  resume: Resume.optional(),
})
export type Auth = z.infer<typeof Auth>

const Heartbeat = z.object({ type: z.literal('HEARTBEAT') })

const LeaseAcquire = z.object({
  type: z.literal('LEASE_ACQUIRE'),
  posReference: PosReference,
  baseVersion: Version,
  force: z.boolean().optional(),
  reason: boundedText(0, 500).optional(),
})

const LeaseRelease = z.object({
  type: z.literal('LEASE_RELEASE'),
  posReference: PosReference,
  finalSnapshot: Snapshot.optional(),
  msgId: MsgId.optional(),
})

const LeaseHeartbeat = z.object({ type: z.literal('LEASE_HEARTBEAT'), posReference: PosReference })

const OrderSnapshot = z.object({
  type: z.literal('ORDER_SNAPSHOT'),
  posReference: PosReference,
  baseVersion: Version,
  snapshot: Snapshot,
  msgId: MsgId.optional(),
  fence: Fence.optional(),
})

const OrderFinalize = z.object({
  type: z.literal('ORDER_FINALIZE'),
  posReference: PosReference,
  snapshot: Snapshot,
  configId: ConfigId,
  msgId: MsgId.optional(),
  baseVersion: Version.optional(),
  settled: z.object({ orderId: z.int().nonnegative() }).optional(),
})

const OrderDiscard = z.object({
  type: z.literal('ORDER_DISCARD'),
  posReference: PosReference,
  baseVersion: Version,
  msgId: MsgId.optional(),
  reason: boundedText(0, 500).optional(),
})

const TableUpdate = z.object({
  type: z.literal('TABLE_UPDATE'),
  tableId: TableId,
  status: TableStatus,
  posReference: PosReference.nullish(),
})

const TableLockAcquire = z.object({ type: z.literal('TABLE_LOCK_ACQUIRE'), tableId: TableId })
const TableLockRelease = z.object({ type: z.literal('TABLE_LOCK_RELEASE'), tableId: TableId })
const TableLockHeartbeat = z.object({ type: z.literal('TABLE_LOCK_HEARTBEAT'), tableId: TableId })
const TableLockForceAcquire = z.object({
  type: z.literal('TABLE_LOCK_FORCE_ACQUIRE'),
  tableId: TableId,
  reason: boundedText(0, 500).optional(),
})

const TicketNumberRequest = z.object({
  type: z.literal('TICKET_NUMBER_REQUEST'),
  orderType: OrderType,
  msgId: MsgId.optional(),
})

const FloorPlanUpdate = z.object({
  type: z.literal('FLOOR_PLAN_UPDATE'),
  floorId: FloorId,
  tables: FloorTables,
  layoutMode: LayoutMode.optional(),
})

const SyncRequest = z.object({ type: z.literal('SYNC_REQUEST'), epoch: Epoch, seq: Seq })

/** Everything a terminal may say after `AUTH`, as it stands on the wire. */
export const TerminalMessage = z.discriminatedUnion('type', [
  Auth,
  Heartbeat,
  LeaseAcquire,
  LeaseRelease,
  LeaseHeartbeat,
  OrderSnapshot,
  OrderFinalize,
  OrderDiscard,
  TableUpdate,
  TableLockAcquire,
  TableLockRelease,
  TableLockHeartbeat,
  TableLockForceAcquire,
  TicketNumberRequest,
  FloorPlanUpdate,
  SyncRequest,
])
export type TerminalMessage = z.infer<typeof TerminalMessage>
export type TerminalMessageType = TerminalMessage['type']

/** The same as the hub holds it: snapshots are text. */
export type TerminalWords = Held<TerminalMessage>

/** One message of the union, as the hub holds it. */
export type Said<T extends TerminalMessageType> = Extract<TerminalWords, { type: T }>

/** Only v2 has these; from a v1 terminal they are unknown types. */
export const V2_ONLY: ReadonlySet<string> = new Set<TerminalMessageType>(['ORDER_DISCARD', 'SYNC_REQUEST'])

/** Fields that a v2 terminal must send beside those the schema demands of all. */
export const REQUIRED_IN_V2: { readonly [T in TerminalMessageType]?: 'msgId' } = {
  ORDER_SNAPSHOT: 'msgId',
  ORDER_FINALIZE: 'msgId',
  ORDER_DISCARD: 'msgId',
}
