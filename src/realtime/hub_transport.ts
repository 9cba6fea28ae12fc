import type { OrderType } from '../protocol/mod.ts'
import { refusalOf } from './hub_codes.ts'
import type { HubEvents } from './hub_events.ts'
import type { Outcome } from './hub_outcome.ts'
import { HubSession, type HubSessionOptions } from './hub_session.ts'
import type {
  ConnectionState,
  FinalizeAnswer,
  FinalizeRequest,
  Handler,
  LeaseAnswer,
  LockAnswer,
  SendAnswer,
  Snapshot,
  SyncTransport,
  TransportMode,
  Unsubscribe,
} from './transport.ts'

export type HubTransportOptions = HubSessionOptions

/** The road to the hub in the shop. It holds a socket and timers from `connect` until `disconnect`. */
export function createHubTransport(options: HubTransportOptions): SyncTransport {
  return new HubTransport(options)
}

class HubTransport implements SyncTransport {
  readonly mode: TransportMode = 'hub'
  readonly #options: HubTransportOptions
  readonly #session: HubSession
  readonly #ends: (() => void)[] = []

  constructor(options: HubTransportOptions) {
    this.#options = options
    this.#session = new HubSession(options)
  }

  get state(): ConnectionState {
    return this.#session.state
  }

  freshnessMs(): number {
    return this.#session.freshness.ageMs()
  }

  connect(): Promise<void> {
    const { outgoing, link } = this.#session
    outgoing.open()
    if (this.#ends.length === 0) {
      const { outbox, onTokenRenewed } = this.#options
      this.#ends.push(outbox.onChange(() => this.#session.tellState()))
      if (onTokenRenewed !== undefined) this.#ends.push(onTokenRenewed(() => void link.renew()))
    }
    return link.connect()
  }

  disconnect(): void {
    for (const end of this.#ends.splice(0)) end()
    this.#session.outgoing.close()
    this.#session.link.disconnect()
  }

  acquireLease(posReference: string, version: number, how: { readonly force?: boolean } = {}): Promise<LeaseAnswer> {
    return this.#session.leases.acquire(posReference, version, how.force === true)
  }

  async releaseLease(posReference: string, finalSnapshot?: Snapshot): Promise<SendAnswer | null> {
    const { leases, outgoing, view } = this.#session
    if (finalSnapshot === undefined) {
      leases.release(posReference, outgoing.hasMore(posReference))
      return null
    }
    const payload = { baseVersion: view.orders.get(posReference)?.version ?? 0, snapshot: finalSnapshot }
    leases.release(posReference, true)
    return answerOf(posReference, await outgoing.send({ kind: 'release', posReference, payload }))
  }

  isLeaseHeld(posReference: string): boolean {
    return this.#session.leases.isHeld(posReference)
  }

  async sendOrderSnapshot(posReference: string, version: number, snapshot: Snapshot): Promise<SendAnswer> {
    const payload = { baseVersion: version, snapshot }
    return answerOf(posReference, await this.#session.outgoing.send({ kind: 'snapshot', posReference, payload }))
  }

  async finalizeOrder(request: FinalizeRequest): Promise<FinalizeAnswer> {
    const { posReference, ...payload } = request
    return finalizeAnswerOf(
      posReference,
      await this.#session.outgoing.send({ kind: 'finalize', posReference, payload }),
    )
  }

  async discardOrder(posReference: string, version: number, reason?: string): Promise<SendAnswer> {
    const payload = reason === undefined ? { baseVersion: version } : { baseVersion: version, reason }
    return answerOf(posReference, await this.#session.outgoing.send({ kind: 'discard', posReference, payload }))
  }

  sendTableUpdate(tableId: number, status: string, posReference?: string): void {
    this.#session.tables.update({ type: 'TABLE_UPDATE', tableId, status, posReference })
  }

  sendFloorPlanUpdate(floorId: number, tables: readonly Snapshot[], layoutMode?: string): void {
    this.#session.tables.update({ type: 'FLOOR_PLAN_UPDATE', floorId, tables, layoutMode })
  }

  acquireTableLock(tableId: number): Promise<LockAnswer> {
    return this.#session.locks.acquire(tableId)
  }

  releaseTableLock(tableId: number): void {
    this.#session.locks.release(tableId)
  }

  forceAcquireTableLock(tableId: number, reason?: string): Promise<LockAnswer> {
    return this.#session.locks.force(tableId, reason)
  }

  isTableLockHeld(tableId: number): boolean {
    return this.#session.locks.isHeld(tableId)
  }

  requestTicketNumber(orderType: OrderType): Promise<number | null> {
    return this.#session.tickets.request(orderType)
  }

  onOrderUpdated(handler: Handler<HubEvents['orderUpdated']>): Unsubscribe {
    return this.#session.events.on('orderUpdated', handler)
  }

  onOrderClosed(handler: Handler<HubEvents['orderClosed']>): Unsubscribe {
    return this.#session.events.on('orderClosed', handler)
  }

  onOrderFinalized(handler: Handler<HubEvents['orderFinalized']>): Unsubscribe {
    return this.#session.events.on('orderFinalized', handler)
  }

  onFinalizeError(handler: Handler<HubEvents['finalizeError']>): Unsubscribe {
    return this.#session.events.on('finalizeError', handler)
  }

  onConflict(handler: Handler<HubEvents['conflict']>): Unsubscribe {
    return this.#session.events.on('conflict', handler)
  }

  onSyncInit(handler: Handler<HubEvents['syncInit']>): Unsubscribe {
    return this.#session.events.on('syncInit', handler)
  }

  onLeaseRevoked(handler: Handler<HubEvents['leaseRevoked']>): Unsubscribe {
    return this.#session.events.on('leaseRevoked', handler)
  }

  onLeaseAvailable(handler: Handler<HubEvents['leaseAvailable']>): Unsubscribe {
    return this.#session.events.on('leaseAvailable', handler)
  }

  onTableUpdated(handler: Handler<HubEvents['tableUpdated']>): Unsubscribe {
    return this.#session.events.on('tableUpdated', handler)
  }

  onFloorPlanChanged(handler: Handler<HubEvents['floorPlanChanged']>): Unsubscribe {
    return this.#session.events.on('floorPlanChanged', handler)
  }

  onTableLocks(handler: Handler<HubEvents['tableLocks']>): Unsubscribe {
    return this.#session.events.on('tableLocks', handler)
  }

  onTableLockRevoked(handler: Handler<HubEvents['tableLockRevoked']>): Unsubscribe {
    return this.#session.events.on('tableLockRevoked', handler)
  }

  onTableLockReleased(handler: Handler<HubEvents['tableLockReleased']>): Unsubscribe {
    return this.#session.events.on('tableLockReleased', handler)
  }

  onState(handler: Handler<HubEvents['state']>): Unsubscribe {
    return this.#session.events.on('state', handler)
  }
}

function answerOf(posReference: string, outcome: Outcome): SendAnswer {
  switch (outcome.kind) {
    case 'saved':
      return { state: 'saved', posReference, version: outcome.version, road: 'hub' }
    case 'conflict':
      return { state: 'conflict', conflict: outcome.conflict }
    case 'refused':
      return { state: 'refused', posReference, refusal: outcome.refusal }
    // A payment's answers; no other change gets them.
    case 'final':
    case 'queued':
      return { state: 'refused', posReference, refusal: refusalOf('ORDER_FINAL', 'The order is paid.') }
  }
}

function finalizeAnswerOf(posReference: string, outcome: Outcome): FinalizeAnswer {
  switch (outcome.kind) {
    case 'final':
      return { ...outcome.event, state: 'final' }
    case 'queued':
      return { state: 'queued', posReference, reason: outcome.reason }
    case 'refused':
      return { state: 'refused', posReference, refusal: outcome.refusal }
    case 'conflict':
    case 'saved':
      return { state: 'refused', posReference, refusal: refusalOf('CONFLICT', CHANGED) }
  }
}

const CHANGED = 'The order was changed since the payment was taken.'
