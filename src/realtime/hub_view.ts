import type { OrderState } from '../protocol/mod.ts'
import type { Heard } from './hub_words.ts'
import type { OrderClosedEvent, Snapshot, SyncEvent } from './transport.ts'

/** An order as this terminal knows it. */
export type Known = {
  readonly posReference: string
  readonly version: number
  readonly snapshot: Snapshot
  readonly state: OrderState
}

export type Synced = {
  readonly event: SyncEvent
  /** The hub has another history than the one that was known. */
  readonly isOther: boolean
  /** Open orders that this terminal knows at a higher version than such a hub. */
  readonly ahead: readonly Known[]
}

/**
 * What this terminal knows of the shop, and up to where in the hub's history. A full shop is 10,000 orders: the hub's
 * own bound holds here too, because everything in it came from the hub or is one of its orders.
 */
export class View {
  readonly orders = new Map<string, Known>()
  #epoch: string | null = null
  #seq = 0
  /** Changes that this terminal made and is not told of: the hub's next numbers may skip as many. */
  #untold = 0
  #isSyncing = false

  get epoch(): string | null {
    return this.#epoch
  }

  get seq(): number {
    return this.#seq
  }

  /** A table or floor was said: the hub counts it, and tells only the others. */
  told(): void {
    this.#untold++
  }

  /** What was asked for is on its way: until it comes, gaps say nothing. */
  syncing(): void {
    this.#isSyncing = true
    this.#untold = 0
  }

  /** The line is gone; the next one begins with a `SYNC_INIT`. */
  dropped(): void {
    this.syncing()
  }

  /** A change with its number. True: something before it is missing. */
  counts(seq: number | undefined): boolean {
    if (seq === undefined || this.#isSyncing || seq <= this.#seq) return false
    const skipped = seq - this.#seq - 1
    if (skipped > this.#untold) return true
    this.#untold -= skipped
    this.#seq = seq
    return false
  }

  /**
   * Where the hub is. `untoldMax`: changes of this terminal that it may not have seen yet. True: something is missing.
   */
  standsAt(seq: number, untoldMax: number): boolean {
    if (this.#isSyncing) return false
    const skipped = seq - this.#seq
    if (skipped > this.#untold) return true
    if (skipped > 0) {
      this.#untold -= skipped
      this.#seq = seq
    }
    this.#untold = Math.min(this.#untold, untoldMax)
    return false
  }

  sync(message: Heard<'SYNC_INIT'>): Synced {
    const isOther = this.#epoch !== null && this.#epoch !== message.epoch
    const isWhole = message.mode === 'full' || this.#epoch === null
    const before = isOther ? [...this.orders.values()] : []
    if (isWhole) this.orders.clear()
    for (const order of message.orders) this.orders.set(order.posReference, knownOf(order))
    for (const { posReference } of message.closed) this.orders.delete(posReference)
    this.#epoch = message.epoch
    this.#seq = message.seq
    this.#isSyncing = false
    const ahead = before.filter((known) => this.#isAhead(known))
    return { event: eventOf(message, isWhole), isOther, ahead }
  }

  put(known: Known): void {
    this.orders.set(known.posReference, known)
  }

  close(posReference: string): void {
    this.orders.delete(posReference)
  }

  /** Paid orders are offered by the terminal that took the payment: as drafts they would be open again. */
  #isAhead({ posReference, version, state }: Known): boolean {
    return state === 'open' && version > (this.orders.get(posReference)?.version ?? 0)
  }
}

export function knownOf(order: Known): Known {
  const { posReference, version, snapshot, state } = order
  return { posReference, version, snapshot, state }
}

function eventOf(message: Heard<'SYNC_INIT'>, isWhole: boolean): SyncEvent {
  const { orders, closed, tables, tableLocks, leases, floors } = message
  return {
    mode: isWhole ? 'full' : 'delta',
    orders: orders.map(knownOf),
    closed: closed.map(closedOf),
    tables: tables.map(tableOf),
    tableLocks: tableLocks.map(({ tableId, lockedBy, lockedByName }) => ({ tableId, lockedBy, lockedByName })),
    leases: leases.map(({ posReference, holder, holderName }) => ({ posReference, holder, holderName })),
    floors: floors.map(floorOf),
  }
}

function closedOf(closed: Heard<'SYNC_INIT'>['closed'][number]): OrderClosedEvent {
  const { posReference, state, orderId = null, fiscal = null } = closed
  return { posReference, state: state === 'final' ? 'final' : 'discarded', orderId, fiscal }
}

export function tableOf(table: Omit<Heard<'TABLE_UPDATED'>, 'type'>) {
  const { tableId, status, posReference = null } = table
  return { tableId, status, posReference }
}

export function floorOf(floor: Omit<Heard<'FLOOR_PLAN_CHANGED'>, 'type'>) {
  const { floorId, tables, layoutMode = null } = floor
  return { floorId, tables, layoutMode }
}
