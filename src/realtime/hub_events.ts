import type {
  ConflictEvent,
  ConnectionState,
  FinalizedEvent,
  FinalizeErrorEvent,
  FloorPlanEvent,
  OrderClosedEvent,
  OrderUpdatedEvent,
  RevokedEvent,
  SyncEvent,
  TableEvent,
  TableLockEvent,
} from './transport.ts'

/** What handlers may hear, each by the name of its `on...`. */
export type HubEvents = {
  orderUpdated: OrderUpdatedEvent
  orderClosed: OrderClosedEvent
  orderFinalized: FinalizedEvent
  finalizeError: FinalizeErrorEvent
  conflict: ConflictEvent
  syncInit: SyncEvent
  leaseRevoked: RevokedEvent<'posReference', string>
  leaseAvailable: { readonly posReference: string }
  tableUpdated: TableEvent
  floorPlanChanged: FloorPlanEvent
  tableLocks: readonly TableLockEvent[]
  tableLockRevoked: RevokedEvent<'tableId', number>
  tableLockReleased: { readonly tableId: number }
  state: ConnectionState
}
