import type { Frame } from './till.ts'

/** Frames of terminals, with what most tests leave as it is filled in. */

type More = { readonly [field: string]: unknown }

export const HEARTBEAT: Frame = { type: 'HEARTBEAT' }

export function acquire(posReference: string, baseVersion = 0, more: More = {}): Frame {
  return { type: 'LEASE_ACQUIRE', posReference, baseVersion, ...more }
}

export function force(posReference: string, reason?: string): Frame {
  return acquire(posReference, 0, { force: true, ...(reason !== undefined && { reason }) })
}

export function release(posReference: string, more: More = {}): Frame {
  return { type: 'LEASE_RELEASE', posReference, ...more }
}

export function beat(posReference: string): Frame {
  return { type: 'LEASE_HEARTBEAT', posReference }
}

export function write(
  posReference: string,
  baseVersion: number,
  snapshot: More = { lines: [] },
  more: More = {},
): Frame {
  return { type: 'ORDER_SNAPSHOT', posReference, baseVersion, snapshot, ...more }
}

export function pay(posReference: string, snapshot: More = { paid: 100 }, more: More = {}): Frame {
  return { type: 'ORDER_FINALIZE', posReference, snapshot, configId: 7, ...more }
}

export function discard(posReference: string, baseVersion: number, more: More = {}): Frame {
  return { type: 'ORDER_DISCARD', posReference, baseVersion, ...more }
}

export function lock(tableId: number): Frame {
  return { type: 'TABLE_LOCK_ACQUIRE', tableId }
}

export function unlock(tableId: number): Frame {
  return { type: 'TABLE_LOCK_RELEASE', tableId }
}

export function beatLock(tableId: number): Frame {
  return { type: 'TABLE_LOCK_HEARTBEAT', tableId }
}

export function forceLock(tableId: number, reason?: string): Frame {
  return { type: 'TABLE_LOCK_FORCE_ACQUIRE', tableId, ...(reason !== undefined && { reason }) }
}

export function updateTable(tableId: number, status: string, more: More = {}): Frame {
  return { type: 'TABLE_UPDATE', tableId, status, ...more }
}

export function updateFloor(floorId: number, tables: readonly More[], more: More = {}): Frame {
  return { type: 'FLOOR_PLAN_UPDATE', floorId, tables, ...more }
}

export function ticket(orderType: 'takeout' | 'delivery', more: More = {}): Frame {
  return { type: 'TICKET_NUMBER_REQUEST', orderType, ...more }
}

export function sync(epoch: string, seq: number): Frame {
  return { type: 'SYNC_REQUEST', epoch, seq }
}
