/**
 * Order leases: who may write an order.
 *
 * L1  A free order is granted, with its stored version; who asks from an older one gets the stored snapshot first,
 *     whatever the answer.
 * L2  An order that another terminal holds is denied, with its holder's name.
 * L3  A paid order is never leased.
 * L4  An order on a table that another terminal has locked is denied with that terminal as holder, but not to kitchens;
 *     a lease already granted stays good.
 * L5  A manager may take a lease by force: the loser hears it, it is audited, and the loser's next write is refused.
 * L6  A release with a snapshot saves it first, under the rules of ORDER_SNAPSHOT, then lets go; what was not taken
 *     keeps its lease.
 * L7  A heartbeat renews for the holder alone; anyone else is told who holds it.
 */
import type { Said, TerminalId } from '../protocol/mod.ts'
import { auditTakeOver } from './audit.ts'
import type { SaidBy } from './command.ts'
import {
  type Asker,
  endGrant,
  type Granted,
  give,
  holderName,
  isHolder,
  mayHoldMore,
  noteDenied,
  renew,
  runningGrant,
} from './grant.ts'
import { type Denial, denyLease, noLease, tellRevoked } from './lease.ts'
import { isPaid, msgIdOf, orderUpdated, saveSnapshot } from './order.ts'
import { type Outcome, tell } from './outcome.ts'
import { type Grant, orderOf } from './state.ts'

export function acquireLease(out: Outcome, asker: Asker, message: Said<'LEASE_ACQUIRE'>): void {
  const { group, terminal, moment } = asker
  const { posReference } = message
  const order = orderOf(group, posReference)
  if (order !== undefined && message.baseVersion < order.record.version) tell(out, terminal, orderUpdated(order))
  if (order !== undefined && isPaid(order.record.state)) {
    return denyLease(out, asker, posReference, { code: 'ORDER_FINAL', reason: 'Order is paid' })
  }
  const lease = runningGrant(group, 'lease', posReference, moment.now)
  if (isHolder(lease, terminal)) return grantLease(out, asker, message, renew(out, asker, lease))
  const denial = whyNot(asker, message, order?.record.tableId ?? null, lease)
  if (denial !== null) {
    // Whatever it was denied for: that the order is free again is what it waits for.
    if (lease !== undefined) noteDenied(out, asker, lease)
    return denyLease(out, asker, posReference, denial)
  }
  const denied = lease === undefined ? [] : takeByForce(out, asker, lease, message.reason)
  grantLease(out, asker, message, give(out, asker, 'lease', posReference, denied))
}

function whyNot(
  asker: Asker,
  message: Said<'LEASE_ACQUIRE'>,
  tableId: number | null,
  lease: Grant | undefined,
): Denial | null {
  const { hub, group, terminal } = asker
  const lock = lockOfOther(asker, tableId)
  if (lock !== undefined) {
    return { code: 'TABLE_LOCKED', reason: `Table is locked by ${holderName(hub, lock)}`, grant: lock }
  }
  const held = lease === undefined ? {} : { grant: lease }
  if (message.force === true && terminal.role !== 'manager') {
    return { code: 'MANAGER_REQUIRED', reason: 'Manager role required', ...held }
  }
  if (lease !== undefined && message.force !== true) {
    return { code: 'LEASE_HELD', reason: `Held by ${holderName(hub, lease)}`, grant: lease }
  }
  return mayHoldMore(group, terminal) ? null : { code: 'HUB_FULL', reason: 'This terminal holds too many orders' }
}

/** The lock of another terminal on the order's table, where it stands in the way. */
function lockOfOther(asker: Asker, tableId: number | null): Grant | undefined {
  if (tableId === null || asker.terminal.role === 'kitchen') return undefined
  const lock = runningGrant(asker.group, 'lock', tableId, asker.moment.now)
  return isHolder(lock, asker.terminal) ? undefined : lock
}

function grantLease(out: Outcome, asker: Asker, message: Said<'LEASE_ACQUIRE'>, granted: Granted): void {
  const { posReference } = message
  const version = orderOf(asker.group, posReference)?.record.version ?? 0
  const { expiresAt, ttlMs, fence } = granted
  tell(out, asker.terminal, { type: 'LEASE_GRANTED', posReference, version, expiresAt, ttlMs, fence })
}

/** Takes it from its holder; whoever waits for it goes on waiting. */
function takeByForce(out: Outcome, asker: Asker, lease: Grant, reason: string | undefined): TerminalId[] {
  const { group, terminal } = asker
  out.changes.push({ kind: 'grant_ended', group: group.id, grantKind: 'lease', key: lease.key })
  tellRevoked(out, asker, lease, { reason: `Taken over by ${terminal.name}` })
  auditTakeOver(out, asker, { what: 'lease_forced', grant: lease, reason })
  return [...lease.denied].filter((terminalId) => terminalId !== terminal.terminalId)
}

export function heartbeatLease(out: Outcome, asker: Asker, message: Said<'LEASE_HEARTBEAT'>): void {
  const { posReference } = message
  const lease = runningGrant(asker.group, 'lease', posReference, asker.moment.now)
  if (isHolder(lease, asker.terminal)) renew(out, asker, lease)
  else denyLease(out, asker, posReference, noLease(asker, lease))
}

export function releaseLease(out: Outcome, asker: Asker, message: Said<'LEASE_RELEASE'>, command: SaidBy): void {
  const { hub, group, terminal, moment } = asker
  const { posReference, finalSnapshot } = message
  const lease = runningGrant(group, 'lease', posReference, moment.now)
  if (finalSnapshot !== undefined) {
    const baseVersion = orderOf(group, posReference)?.record.version ?? 0
    const { facts, digest } = command
    const about = { kind: 'release', posReference, baseVersion, statedBase: baseVersion } as const
    const write = { ...about, snapshot: finalSnapshot, facts, digest, msgId: msgIdOf(asker, message), fence: null }
    // Let go only of what is safe: the sender may come again with what was not taken.
    if (!saveSnapshot(out, asker, write)) return
  }
  if (isHolder(lease, terminal)) endGrant(out, hub, group, lease)
}
