import type { HubMessage, HubMessageType, OrderType } from '../protocol/mod.ts'
import type { OutboxEntry } from './outbox.ts'
import type { Snapshot } from './transport.ts'

/** One message of the hub, by its type. */
export type Heard<T extends HubMessageType> = Extract<HubMessage, { readonly type: T }>

export type Holds = { readonly tableLocks: readonly number[]; readonly leases: readonly string[] }

export type Resume = {
  readonly sessionId: string
  readonly epoch: string
  readonly seq: number
  readonly holds: Holds
}

/** What this terminal says, as it stands on the wire. Undefined fields are left out. */
export type Words =
  | {
      readonly type: 'AUTH'
      readonly protocol: number
      readonly token: string
      readonly deviceId: string
      readonly deviceName?: string | undefined
      readonly configId?: number | undefined
      readonly appVersion?: string | undefined
      readonly resume?: Resume | undefined
    }
  | { readonly type: 'HEARTBEAT' }
  | { readonly type: 'SYNC_REQUEST'; readonly epoch: string; readonly seq: number }
  | {
      readonly type: 'LEASE_ACQUIRE'
      readonly posReference: string
      readonly baseVersion: number
      readonly force?: true
    }
  | { readonly type: 'LEASE_RELEASE'; readonly posReference: string }
  | { readonly type: 'TABLE_LOCK_ACQUIRE' | 'TABLE_LOCK_RELEASE'; readonly tableId: number }
  | { readonly type: 'TABLE_LOCK_FORCE_ACQUIRE'; readonly tableId: number; readonly reason?: string | undefined }
  | { readonly type: 'TICKET_NUMBER_REQUEST'; readonly orderType: OrderType; readonly msgId: string }
  | TableWords
  | OrderWords

export type TableWords =
  | {
      readonly type: 'TABLE_UPDATE'
      readonly tableId: number
      readonly status: string
      readonly posReference?: string | undefined
    }
  | {
      readonly type: 'FLOOR_PLAN_UPDATE'
      readonly floorId: number
      readonly tables: readonly Snapshot[]
      readonly layoutMode?: string | undefined
    }

type OrderWords = {
  readonly type: 'ORDER_SNAPSHOT' | 'ORDER_DISCARD' | 'ORDER_FINALIZE'
  readonly posReference: string
  readonly msgId: string
  readonly [field: string]: unknown
}

/**
 * The message of an entry of the outbox. A release is a snapshot first, and the lease is let go of when that is
 * accepted: `LEASE_RELEASE` with a snapshot names no version, and would write over what others did since.
 */
export function wordsOf(entry: OutboxEntry, fence: number | undefined): Words {
  const { id: msgId, posReference } = entry
  const { baseVersion, snapshot, configId, reason, settled } = entry.payload
  switch (entry.kind) {
    case 'snapshot':
    case 'release':
      return { type: 'ORDER_SNAPSHOT', posReference, msgId, baseVersion, snapshot, fence }
    case 'discard':
      return { type: 'ORDER_DISCARD', posReference, msgId, baseVersion, reason }
    case 'finalize':
      return { type: 'ORDER_FINALIZE', posReference, msgId, baseVersion, snapshot, configId, settled }
  }
}

/** The version that an entry was made from; undefined where a payment named none. */
export function baseOf(entry: Pick<OutboxEntry, 'payload'>): number | undefined {
  const base = entry.payload['baseVersion']
  return typeof base === 'number' ? base : undefined
}

export function snapshotOf(entry: OutboxEntry): Snapshot | null {
  const { snapshot } = entry.payload
  return isObject(snapshot) ? snapshot : null
}

export function isObject(value: unknown): value is Snapshot {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether two JSON values say the same; the order of keys does not count, and a missing field is an undefined one. */
export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((value, at) => sameValue(value, right[at]))
  }
  if (!isObject(left) || !isObject(right)) return false
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...keys].every((key) => sameValue(left[key], right[key]))
}
