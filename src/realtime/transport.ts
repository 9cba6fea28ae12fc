import type { ErrorCode, Next, OrderState, OrderType, Role } from '../protocol/mod.ts'

/**
 * What a terminal calls, whatever road its words take: to the hub in the shop, or to Odoo directly. Orders, tables and
 * floor plans are plain JSON; times in milliseconds. Nothing here throws for what the world does: failures are values.
 */

export type Unsubscribe = () => void
export type Handler<T> = (event: T) => void

/** Any JSON object; every field is kept as it is. */
export type Snapshot = { readonly [key: string]: unknown }

/** `hub`: words go to the hub. `direct`: to Odoo, and there are no locks. */
export type TransportMode = 'direct' | 'hub'

/** `at` is what went wrong; `next` what to do about it: see `ERRORS` of the protocol. */
export type Refusal = { readonly code: ErrorCode; readonly message: string; readonly next: Next }

export type LeaseAnswer =
  | { readonly granted: true; readonly posReference: string; readonly version: number }
  | {
      readonly granted: false
      readonly posReference: string
      /** The terminal that holds it; empty where nobody does. */
      readonly holder: string
      readonly holderName: string
      readonly reason: string
      readonly code: ErrorCode
    }

export type LockAnswer =
  | { readonly granted: true; readonly tableId: number }
  | {
      readonly granted: false
      readonly tableId: number
      readonly lockedBy: string
      readonly lockedByName: string
      readonly reason: string
    }

/**
 * What became of a change. It settles only when it is known: `saved` says that the hub, or Odoo on the direct road, has
 * written it down. Until then the change is in this terminal's outbox, and is sent again after a reload.
 */
export type SendAnswer =
  | { readonly state: 'saved'; readonly posReference: string; readonly version: number; readonly road: TransportMode }
  | { readonly state: 'conflict'; readonly conflict: ConflictEvent }
  | { readonly state: 'refused'; readonly posReference: string; readonly refusal: Refusal }

export type FinalizeRequest = {
  readonly posReference: string
  readonly snapshot: Snapshot
  /** The `pos.config` it is sold at. */
  readonly configId: number
  /** The version that the payment was taken for; missing: whatever is stored. */
  readonly baseVersion?: number
}

/** `queued` says that the hub has written the payment down: the receipt is provisional until `onOrderFinalized`. */
export type FinalizeAnswer =
  | (FinalizedEvent & { readonly state: 'final' })
  | { readonly state: 'queued'; readonly posReference: string; readonly reason: string }
  | { readonly state: 'refused'; readonly posReference: string; readonly refusal: Refusal }

export type OrderUpdatedEvent = {
  readonly posReference: string
  readonly version: number
  readonly snapshot: Snapshot
  /** Missing on the direct road, and from an old hub. */
  readonly sourceTerminal: string | null
  readonly state: OrderState
}

/** The order is no longer active: paid and handed on, or let go. */
export type OrderClosedEvent = {
  readonly posReference: string
  readonly state: 'final' | 'discarded'
  readonly orderId: number | null
  readonly fiscal: Snapshot | null
}

export type FinalizedEvent = {
  readonly posReference: string
  readonly orderId: number
  /** This terminal's line ids to Odoo's. */
  readonly lineIdMap: Snapshot
  /** The fiscal number and what belongs to it, as Odoo gave it. */
  readonly fiscal: Snapshot | null
  /** Another payment for this order had been taken: a person has to look. */
  readonly differs: boolean
  readonly road: TransportMode
}

export type FinalizeErrorEvent = {
  readonly posReference: string
  readonly error: string
  /** True: it is tried again by itself. False: a person has to correct it. */
  readonly retryable: boolean
  readonly code: ErrorCode
}

/** What this terminal wrote, and what is stored; `local` is null where this terminal had nothing of its own. */
export type ConflictEvent = {
  readonly posReference: string
  readonly hubVersion: number
  readonly hubSnapshot: Snapshot | null
  readonly local: Snapshot | null
  /** What of the outbox is in conflict. It stays there, visible, until a later change of the order is saved, or `dismiss`. */
  readonly entryIds?: readonly string[]
}

export type SyncEvent = {
  /** `delta`: only what changed since; the rest stays. */
  readonly mode: 'full' | 'delta'
  readonly orders: readonly Omit<OrderUpdatedEvent, 'sourceTerminal'>[]
  readonly closed: readonly OrderClosedEvent[]
  readonly tables: readonly TableEvent[]
  readonly tableLocks: readonly TableLockEvent[]
  readonly leases: readonly { readonly posReference: string; readonly holder: string; readonly holderName: string }[]
  readonly floors: readonly FloorPlanEvent[]
}

export type TableEvent = { readonly tableId: number; readonly status: string; readonly posReference: string | null }
export type TableLockEvent = { readonly tableId: number; readonly lockedBy: string; readonly lockedByName: string }
export type FloorPlanEvent = {
  readonly floorId: number
  readonly tables: readonly Snapshot[]
  readonly layoutMode: string | null
}
export type RevokedEvent<K extends string, V> = { readonly [key in K]: V } & { readonly reason: string }

/** Which of the four is away. `unknown`: nobody has asked yet, or it cannot be asked from here. */
export type Reach = 'up' | 'down' | 'unknown'

export type ConnectionState = {
  readonly mode: TransportMode
  /** `ready`: signed in and up to date. `waiting`: the next try comes by itself, at `retryAt` of `performance.now()`. */
  readonly phase: 'off' | 'connecting' | 'ready' | 'waiting' | 'refused'
  readonly retryAt: number | null
  /** Why it is `refused` or `waiting`, in words of the protocol. */
  readonly refusal: Refusal | null
  /** This device's own network. */
  readonly network: Reach
  readonly hub: Reach
  readonly internet: Reach
  readonly odoo: Reach
  /** This terminal, as the other side calls it; null before the first sign-in. */
  readonly terminalId: string | null
  readonly role: Role | null
  /** Changes of this terminal that nobody has confirmed yet. */
  readonly unsent: number
  /** Those that were refused for good, and wait for a person. */
  readonly refused: number
  /** Paid orders on their way to Odoo, as the hub counts them. */
  readonly pendingForward: number
}

/** The interface of both roads, and of what chooses between them. Each `on...` returns its own unsubscribe. */
export interface SyncTransport {
  readonly mode: TransportMode
  readonly state: ConnectionState
  /** Age of what the screen shows, in milliseconds: 0 right after the other side was heard. Infinity before. */
  freshnessMs(): number

  /** Settles when the first state has come, or can not come just now; then it goes on trying by itself. */
  connect(): Promise<void>
  /** Nothing more is sent or heard; the outbox stays. */
  disconnect(): void

  acquireLease(posReference: string, version: number, how?: { readonly force?: boolean }): Promise<LeaseAnswer>
  releaseLease(posReference: string, finalSnapshot?: Snapshot): Promise<SendAnswer | null>
  isLeaseHeld(posReference: string): boolean

  /** `version` is the one that the snapshot was made from. Callers may ignore the promise. */
  sendOrderSnapshot(posReference: string, version: number, snapshot: Snapshot): Promise<SendAnswer>
  finalizeOrder(request: FinalizeRequest): Promise<FinalizeAnswer>
  discardOrder(posReference: string, version: number, reason?: string): Promise<SendAnswer>

  sendTableUpdate(tableId: number, status: string, posReference?: string): void
  sendFloorPlanUpdate(floorId: number, tables: readonly Snapshot[], layoutMode?: string): void

  acquireTableLock(tableId: number): Promise<LockAnswer>
  releaseTableLock(tableId: number): void
  forceAcquireTableLock(tableId: number, reason?: string): Promise<LockAnswer>
  isTableLockHeld(tableId: number): boolean

  /** The next number of the business day; null where nobody can give one just now. */
  requestTicketNumber(orderType: OrderType): Promise<number | null>

  onOrderUpdated(handler: Handler<OrderUpdatedEvent>): Unsubscribe
  onOrderClosed(handler: Handler<OrderClosedEvent>): Unsubscribe
  onOrderFinalized(handler: Handler<FinalizedEvent>): Unsubscribe
  onFinalizeError(handler: Handler<FinalizeErrorEvent>): Unsubscribe
  onConflict(handler: Handler<ConflictEvent>): Unsubscribe
  onSyncInit(handler: Handler<SyncEvent>): Unsubscribe
  onLeaseRevoked(handler: Handler<RevokedEvent<'posReference', string>>): Unsubscribe
  onLeaseAvailable(handler: Handler<{ readonly posReference: string }>): Unsubscribe
  onTableUpdated(handler: Handler<TableEvent>): Unsubscribe
  onFloorPlanChanged(handler: Handler<FloorPlanEvent>): Unsubscribe
  onTableLocks(handler: Handler<readonly TableLockEvent[]>): Unsubscribe
  onTableLockRevoked(handler: Handler<RevokedEvent<'tableId', number>>): Unsubscribe
  onTableLockReleased(handler: Handler<{ readonly tableId: number }>): Unsubscribe
  onState(handler: Handler<ConnectionState>): Unsubscribe
}
