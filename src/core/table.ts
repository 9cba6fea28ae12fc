/**
 * Table locks: one terminal a table.
 *
 * T1  A free table is granted; the others hear the new list of locks.
 * T2  A table that another terminal holds is denied, with its holder.
 * T3  Only the holder releases, and then all hear it; from anyone else a release does nothing.
 * T4  A manager takes a lock by force: the loser hears it, loses its leases on orders of that table, and it is audited.
 * T5  Anyone else who tries it by force is denied.
 * T6  A heartbeat renews for the holder alone; anyone else is told that the lock is gone.
 */

import type { PosReference, Said, TableId, TableLockEntry } from '../protocol/mod.ts'
import { auditTakeOver } from './audit.ts'
import {
  type Asker,
  endGrant,
  type Granted,
  give,
  grantsOf,
  holderName,
  isHolder,
  mayHoldMore,
  renew,
  runningGrant,
} from './grant.ts'
import { revokeLease } from './lease.ts'
import { type Outcome, tell, tellGroup } from './outcome.ts'
import { type Grant, orderOf } from './state.ts'
import { lockEntries } from './sync.ts'

export function acquireLock(out: Outcome, asker: Asker, message: Said<'TABLE_LOCK_ACQUIRE'>): void {
  const { hub, group, terminal, moment } = asker
  const { tableId } = message
  const lock = runningGrant(group, 'lock', tableId, moment.now)
  if (isHolder(lock, terminal)) return tellGranted(out, asker, tableId, renew(out, asker, lock))
  if (lock !== undefined) return denyLock(out, asker, tableId, { lock, reason: `Locked by ${holderName(hub, lock)}` })
  grantLock(out, asker, tableId, false)
}

function grantLock(out: Outcome, asker: Asker, tableId: TableId, isTakeOver: boolean): void {
  const { hub, group, terminal, line, moment } = asker
  if (!mayHoldMore(group, terminal)) {
    return denyLock(out, asker, tableId, { reason: 'This terminal holds too many tables' })
  }
  const granted = give(out, asker, 'lock', tableId)
  tellGranted(out, asker, tableId, granted)
  const others = [...group.grants.values()].filter(
    (grant) => grant.deadline > moment.now && grant.key !== String(tableId),
  )
  const entry: TableLockEntry = {
    tableId,
    lockedBy: terminal.terminalId,
    lockedByName: terminal.name,
    expiresAt: granted.expiresAt,
  }
  const locks = [...lockEntries(hub, others, moment), entry]
  tellGroup(out, group.id, { type: 'TABLE_LOCKS_STATE', locks }, isTakeOver ? null : line)
}

function tellGranted(out: Outcome, asker: Asker, tableId: TableId, granted: Granted): void {
  const { expiresAt: until, ttlMs, fence } = granted
  tell(out, asker.terminal, { type: 'TABLE_LOCK_GRANTED', tableId, expiresAt: until, ttlMs, fence })
}

type Denied = { readonly lock?: Grant; readonly reason: string }

function denyLock(out: Outcome, asker: Asker, tableId: TableId, denied: Denied): void {
  const { lock, reason } = denied
  const lockedBy = lock?.holder ?? ''
  const lockedByName = lock === undefined ? '' : holderName(asker.hub, lock)
  tell(out, asker.terminal, { type: 'TABLE_LOCK_DENIED', tableId, lockedBy, lockedByName, reason })
}

export function releaseLock(out: Outcome, asker: Asker, message: Said<'TABLE_LOCK_RELEASE'>): void {
  const { hub, group, terminal, moment } = asker
  const lock = runningGrant(group, 'lock', message.tableId, moment.now)
  if (!isHolder(lock, terminal)) return
  endGrant(out, hub, group, lock)
  tellGroup(out, group.id, { type: 'TABLE_LOCK_RELEASED', tableId: message.tableId })
}

export function heartbeatLock(out: Outcome, asker: Asker, message: Said<'TABLE_LOCK_HEARTBEAT'>): void {
  const { tableId } = message
  const { hub, group, terminal, moment } = asker
  const lock = runningGrant(group, 'lock', tableId, moment.now)
  if (isHolder(lock, terminal)) {
    renew(out, asker, lock)
    return
  }
  const reason = lock === undefined ? 'Lock expired' : `Locked by ${holderName(hub, lock)}`
  tell(out, terminal, { type: 'TABLE_LOCK_REVOKED', tableId, reason })
}

export function forceLock(out: Outcome, asker: Asker, message: Said<'TABLE_LOCK_FORCE_ACQUIRE'>): void {
  const { hub, group, terminal, moment } = asker
  const { tableId, reason } = message
  const lock = runningGrant(group, 'lock', tableId, moment.now)
  if (terminal.role !== 'manager') {
    return denyLock(out, asker, tableId, { ...(lock && { lock }), reason: 'Manager role required' })
  }
  if (isHolder(lock, terminal)) return tellGranted(out, asker, tableId, renew(out, asker, lock))
  // Asked before anything is taken: a table that is taken from one must be given to the other.
  if (lock === undefined || !mayHoldMore(group, terminal)) return grantLock(out, asker, tableId, false)
  endGrant(out, hub, group, lock)
  const taken = `Taken over by ${terminal.name}`
  tell(out, hub.terminals.get(lock.holder), { type: 'TABLE_LOCK_REVOKED', tableId, reason: taken })
  for (const lease of leasesOnTable(asker, lock, tableId)) revokeLease(out, asker, lease, { reason: taken })
  auditTakeOver(out, asker, { what: 'lock_forced', grant: lock, reason })
  grantLock(out, asker, tableId, true)
}

/** The leases of a lock's holder on orders of that table. */
function leasesOnTable(asker: Asker, lock: Grant, tableId: TableId): Grant[] {
  const { group } = asker
  return grantsOf(group, lock.holder).filter(
    (grant) => grant.kind === 'lease' && orderOf(group, grant.key as PosReference)?.record.tableId === Number(tableId),
  )
}
