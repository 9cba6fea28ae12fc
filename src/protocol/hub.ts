import * as z from 'zod'
import { ErrorCode, Next } from './errors.ts'
import { FloorPlan, TableState } from './floor.ts'
import { Epoch, Fence, Ms, MsgId, PosReference, Seq, SessionId, TableId, TerminalId, Version } from './ids.ts'
import { Fiscal, type Held, LineIdMap, Snapshot } from './opaque.ts'
import { OrderState, OrderType } from './order.ts'

/** What the hub may say. Source: PROTOCOL.md, "Hub to terminal". */

export const Role = z.literal(['manager', 'cashier', 'waiter', 'kitchen'])
export type Role = z.infer<typeof Role>

/** A terminal that holds something, or the empty string: nobody does. */
const Holder = z.union([TerminalId, z.literal('')])

const AuthOk = z.object({
  type: z.literal('AUTH_OK'),
  terminalId: TerminalId,
  role: Role,
  protocol: z.int().optional(),
  sessionId: SessionId.optional(),
  epoch: Epoch.optional(),
  hubTime: Ms.optional(),
  hubVersion: z.string().optional(),
  heartbeatMs: Ms.optional(),
})

const AuthFail = z.object({ type: z.literal('AUTH_FAIL'), reason: z.string(), code: ErrorCode })

export const TableLockEntry = z.object({
  tableId: TableId,
  lockedBy: TerminalId,
  lockedByName: z.string(),
  expiresAt: Ms,
})
export type TableLockEntry = z.infer<typeof TableLockEntry>

export const LeaseEntry = z.object({
  posReference: PosReference,
  holder: TerminalId,
  holderName: z.string(),
  expiresAt: Ms,
})
export type LeaseEntry = z.infer<typeof LeaseEntry>

export const ActiveOrder = z.object({
  posReference: PosReference,
  version: Version,
  snapshot: Snapshot,
  state: OrderState,
})
export type ActiveOrder = z.infer<typeof ActiveOrder>

export const ClosedOrder = z.object({
  posReference: PosReference,
  state: OrderState,
  orderId: z.int().optional(),
  fiscal: Fiscal.optional(),
})
export type ClosedOrder = z.infer<typeof ClosedOrder>

const SyncInit = z.object({
  type: z.literal('SYNC_INIT'),
  mode: z.literal(['full', 'delta']),
  orders: z.array(ActiveOrder),
  closed: z.array(ClosedOrder),
  tables: z.array(TableState),
  tableLocks: z.array(TableLockEntry),
  leases: z.array(LeaseEntry),
  floors: z.array(FloorPlan),
  epoch: Epoch,
  seq: Seq,
})

const LeaseGranted = z.object({
  type: z.literal('LEASE_GRANTED'),
  posReference: PosReference,
  version: Version,
  expiresAt: Ms,
  ttlMs: Ms,
  fence: Fence,
})

const LeaseDenied = z.object({
  type: z.literal('LEASE_DENIED'),
  posReference: PosReference,
  holder: Holder,
  holderName: z.string(),
  reason: z.string(),
  code: ErrorCode,
  msgId: MsgId.optional(),
})

const LeaseRevoked = z.object({
  type: z.literal('LEASE_REVOKED'),
  posReference: PosReference,
  reason: z.string(),
  snapshot: Snapshot.optional(),
})

const LeaseAvailable = z.object({ type: z.literal('LEASE_AVAILABLE'), posReference: PosReference })

const OrderUpdated = z.object({
  type: z.literal('ORDER_UPDATED'),
  posReference: PosReference,
  version: Version,
  snapshot: Snapshot,
  sourceTerminal: TerminalId,
  seq: Seq,
  state: OrderState,
})

const OrderAccepted = z.object({
  type: z.literal('ORDER_ACCEPTED'),
  posReference: PosReference,
  version: Version,
  msgId: MsgId,
  seq: Seq,
})

const Conflict = z.object({
  type: z.literal('CONFLICT'),
  posReference: PosReference,
  hubVersion: Version,
  /** Null where the hub has nothing stored (`hubVersion` 0). */
  hubSnapshot: Snapshot.nullable(),
  msgId: MsgId.optional(),
})

const OrderFinalized = z.object({
  type: z.literal('ORDER_FINALIZED'),
  posReference: PosReference,
  orderId: z.int(),
  lineIdMap: LineIdMap,
  fiscal: Fiscal.optional(),
  version: Version,
  seq: Seq,
  msgId: MsgId.optional(),
  differs: z.boolean().optional(),
})

const OrderFinalizeQueued = z.object({
  type: z.literal('ORDER_FINALIZE_QUEUED'),
  posReference: PosReference,
  version: Version,
  msgId: MsgId,
  reason: z.string(),
  /** Beside PROTOCOL.md: the sender is not told its own change otherwise, and would see a gap. */
  seq: Seq,
  /** Beside PROTOCOL.md: this payment differs from the one on its way to Odoo; it is kept for a person. */
  differs: z.boolean().optional(),
})

const OrderFinalizeError = z.object({
  type: z.literal('ORDER_FINALIZE_ERROR'),
  posReference: PosReference,
  error: z.string(),
  retryable: z.boolean(),
  code: ErrorCode,
  version: Version,
  msgId: MsgId.optional(),
  /** Beside PROTOCOL.md: where the order's state changed with it, so that nobody sees a gap. */
  seq: Seq.optional(),
})

const OrderDiscarded = z.object({
  type: z.literal('ORDER_DISCARDED'),
  posReference: PosReference,
  sourceTerminal: TerminalId,
  seq: Seq,
})

const TableUpdated = TableState.extend({ type: z.literal('TABLE_UPDATED') })
const FloorPlanChanged = FloorPlan.extend({ type: z.literal('FLOOR_PLAN_CHANGED') })

const TicketNumberAssigned = z.object({
  type: z.literal('TICKET_NUMBER_ASSIGNED'),
  orderType: OrderType,
  ticketNumber: z.int().min(1),
  msgId: MsgId.optional(),
})

const TableLockGranted = z.object({
  type: z.literal('TABLE_LOCK_GRANTED'),
  tableId: TableId,
  expiresAt: Ms,
  ttlMs: Ms,
  fence: Fence,
})

const TableLockDenied = z.object({
  type: z.literal('TABLE_LOCK_DENIED'),
  tableId: TableId,
  lockedBy: Holder,
  lockedByName: z.string(),
  reason: z.string(),
})

const TableLockRevoked = z.object({ type: z.literal('TABLE_LOCK_REVOKED'), tableId: TableId, reason: z.string() })
const TableLockReleased = z.object({ type: z.literal('TABLE_LOCK_RELEASED'), tableId: TableId })
const TableLocksState = z.object({ type: z.literal('TABLE_LOCKS_STATE'), locks: z.array(TableLockEntry) })

const HubStatus = z.object({
  type: z.literal('HUB_STATUS'),
  connectedTerminals: z.int().nonnegative(),
  odoo: z.literal(['online', 'offline']),
  pendingForward: z.int().nonnegative(),
  oldestPendingMs: Ms,
})

const HeartbeatOk = z.object({ type: z.literal('HEARTBEAT_OK'), hubTime: Ms, seq: Seq })

const ErrorMessage = z.object({
  type: z.literal('ERROR'),
  code: ErrorCode,
  message: z.string(),
  next: Next,
  msgId: MsgId.optional(),
  posReference: PosReference.optional(),
})

/** Everything the hub may say, as it stands on the wire. */
export const HubMessage = z.discriminatedUnion('type', [
  AuthOk,
  AuthFail,
  SyncInit,
  LeaseGranted,
  LeaseDenied,
  LeaseRevoked,
  LeaseAvailable,
  OrderUpdated,
  OrderAccepted,
  Conflict,
  OrderFinalized,
  OrderFinalizeQueued,
  OrderFinalizeError,
  OrderDiscarded,
  TableUpdated,
  FloorPlanChanged,
  TicketNumberAssigned,
  TableLockGranted,
  TableLockDenied,
  TableLockRevoked,
  TableLockReleased,
  TableLocksState,
  HubStatus,
  HeartbeatOk,
  ErrorMessage,
])
export type HubMessage = z.infer<typeof HubMessage>
export type HubMessageType = HubMessage['type']

/** The same as the hub builds it: snapshots are text. */
export type HubWords = Held<HubMessage>

/** A v1 terminal does not know these types and is never sent one. */
export const HUB_V2_ONLY: ReadonlySet<string> = new Set<HubMessageType>([
  'LEASE_AVAILABLE',
  'ORDER_ACCEPTED',
  'ORDER_FINALIZE_QUEUED',
  'ORDER_DISCARDED',
  'HEARTBEAT_OK',
  'ERROR',
])
