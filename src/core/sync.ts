/**
 * Bringing a terminal up to date.
 *
 * Y1  A full SYNC_INIT holds every active order of the group, and nothing of another group.
 * Y2  A delta holds only orders that changed since the terminal's seq and those that closed; tables, locks, leases and
 *     floors are whole in both.
 * Y3  Another epoch, a seq that is too old, or one ahead of the hub's gets a full one.
 */
import type { HubWords, LeaseEntry, PosReference, TableId, TableLockEntry } from '../protocol/mod.ts'
import { expiresAt, holderName } from './grant.ts'
import type { Floor, Grant, Group, Hub, Moment, Order, Table } from './state.ts'

type Since = { readonly epoch: string; readonly seq: number } | null
type SyncInit = Extract<HubWords, { type: 'SYNC_INIT' }>
type FloorPlanWords = SyncInit['floors'][number]
type TableWords = SyncInit['tables'][number]

export function syncInit(hub: Hub, group: Group, moment: Moment, since: Since): SyncInit {
  const from = deltaFrom(hub, group, since)
  const orders = [...group.orders.values()].filter(({ record }) => record.seq > from)
  const grants = [...group.grants.values()].filter((grant) => grant.deadline > moment.now)
  return {
    type: 'SYNC_INIT',
    mode: from < 0 ? 'full' : 'delta',
    orders: orders.map(activeWords),
    closed: from < 0 ? [] : closedSince(group, from),
    tables: [...group.tables.values()].map(tableWords),
    tableLocks: lockEntries(hub, grants, moment),
    leases: leaseEntries(hub, grants, moment),
    floors: [...group.floors.values()].map(floorWords),
    epoch: hub.epoch,
    seq: group.seq,
  }
}

/** The seq after which everything is told; -1 for all. */
function deltaFrom(hub: Hub, group: Group, since: Since): number {
  if (since === null || since.epoch !== hub.epoch) return -1
  return since.seq > group.seq || since.seq < group.closedFloor ? -1 : since.seq
}

function closedSince(group: Group, from: number) {
  return [...group.closed.values()].filter((closed) => closed.seq > from).map(({ seq: _seq, ...words }) => words)
}

function activeWords({ record, snapshot }: Order) {
  const { posReference, version, state } = record
  return { posReference, version, snapshot, state }
}

export function tableWords(table: Table): TableWords {
  const { tableId, status, posReference, author: sourceTerminal, seq } = table
  const words = posReference === null ? { tableId, status } : { tableId, status, posReference }
  return { ...words, sourceTerminal, seq }
}

export function floorWords(floor: Floor): FloorPlanWords {
  const { floorId, tables, layoutMode, author: sourceTerminal, seq } = floor
  const words = layoutMode === null ? { floorId, tables } : { floorId, tables, layoutMode }
  return { ...words, sourceTerminal, seq }
}

export function lockEntries(hub: Hub, grants: Iterable<Grant>, moment: Moment): TableLockEntry[] {
  const entries: TableLockEntry[] = []
  for (const grant of grants) {
    if (grant.kind !== 'lock') continue
    entries.push({
      tableId: Number(grant.key) as TableId,
      lockedBy: grant.holder,
      lockedByName: holderName(hub, grant),
      expiresAt: expiresAt(grant, moment),
    })
  }
  return entries
}

function leaseEntries(hub: Hub, grants: readonly Grant[], moment: Moment): LeaseEntry[] {
  return grants
    .filter((grant) => grant.kind === 'lease')
    .map((grant) => ({
      posReference: grant.key as PosReference,
      holder: grant.holder,
      holderName: holderName(hub, grant),
      expiresAt: expiresAt(grant, moment),
    }))
}
