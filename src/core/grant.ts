/**
 * Grants: the one mechanism under table locks and order leases.
 *
 * G1  A grant has one holder; while it runs, nobody else gets it.
 * G2  It is over at its deadline, at that very millisecond, for whoever asks next.
 * G3  Every new grant gets a fence greater than any before; asked again by its holder it keeps its fence.
 * G4  While its holder's session is in grace it is kept for the holder, until now + grace.
 * G5  A plain HEARTBEAT renews only what that socket was granted, heartbeated, wrote to or named on its return.
 * G6  Whoever was refused it is told when it is free again, once.
 * G7  A terminal cannot hold more than a bounded number of grants.
 */
import type { Ms, TerminalId } from '../protocol/mod.ts'
import type { LineId } from './command.ts'
import { GRANTS_PER_TERMINAL_MAX } from './limits.ts'
import { type Outcome, tell } from './outcome.ts'
import type { Grant, GrantKind, Group, Hub, Moment, Terminal } from './state.ts'

export function grantKey(kind: GrantKind, key: string | number): string {
  return `${kind}:${key}`
}

/** The running grant of that table or order, if any ([G2]: what is over is not there). */
export function runningGrant(group: Group, kind: GrantKind, key: string | number, now: Ms): Grant | undefined {
  const grant = group.grants.get(grantKey(kind, key))
  return grant !== undefined && grant.deadline > now ? grant : undefined
}

declare const own: unique symbol
/** A grant known to be the asker's; a type of its own, so that "not the holder" still may be someone else's grant. */
type OwnGrant = Grant & { readonly [own]: true }

export function isHolder(grant: Grant | undefined, terminal: Terminal): grant is OwnGrant {
  return grant !== undefined && grant.holder === terminal.terminalId
}

export function lifeMs(hub: Hub, kind: GrantKind): Ms {
  return kind === 'lock' ? hub.settings.lockMs : hub.settings.leaseMs
}

/** How many grants a terminal holds. */
export function grantsOf(group: Group, terminalId: TerminalId): Grant[] {
  return [...group.grants.values()].filter((grant) => grant.holder === terminalId)
}

export function mayHoldMore(group: Group, terminal: Terminal): boolean {
  return grantsOf(group, terminal.terminalId).length < GRANTS_PER_TERMINAL_MAX
}

export type Granted = { readonly fence: number; readonly deadline: Ms; readonly ttlMs: Ms; readonly expiresAt: Ms }

/** Where a grant goes: to a terminal, on the socket it asked from. */
export type Asker = {
  readonly hub: Hub
  readonly group: Group
  readonly terminal: Terminal
  readonly line: LineId
  readonly moment: Moment
}

/** Gives a free table or order to the asker; `denied` are those who already wait for it. */
export function give(
  out: Outcome,
  asker: Asker,
  kind: GrantKind,
  key: string | number,
  denied: readonly TerminalId[] = [],
): Granted {
  const { hub, group, terminal, line, moment } = asker
  const fence = hub.fence + 1
  const ttlMs = lifeMs(hub, kind)
  const deadline = moment.now + ttlMs
  out.changes.push({
    kind: 'granted',
    group: group.id,
    grant: { kind, key: String(key), holder: terminal.terminalId, fence, at: moment.wall },
    deadline,
    line,
    denied,
  })
  return { fence, deadline, ttlMs, expiresAt: moment.wall + ttlMs }
}

/** Its holder asked or showed again that it means it. */
export function renew(out: Outcome, asker: Asker, grant: Grant): Granted {
  const ttlMs = lifeMs(asker.hub, grant.kind)
  const deadline = asker.moment.now + ttlMs
  out.changes.push({
    kind: 'renewed',
    group: asker.group.id,
    grantKind: grant.kind,
    key: grant.key,
    deadline,
    line: asker.line,
  })
  return { fence: grant.fence, deadline, ttlMs, expiresAt: asker.moment.wall + ttlMs }
}

export function noteDenied(out: Outcome, asker: Asker, grant: Grant): void {
  if (grant.denied.has(asker.terminal.terminalId)) return
  out.changes.push({
    kind: 'denied',
    group: asker.group.id,
    grantKind: grant.kind,
    key: grant.key,
    terminalId: asker.terminal.terminalId,
  })
}

/** Takes a grant away and tells those who waited for an order; telling the holder is the caller's. */
export function endGrant(out: Outcome, hub: Hub, group: Group, grant: Grant): void {
  out.changes.push({ kind: 'grant_ended', group: group.id, grantKind: grant.kind, key: grant.key })
  if (grant.kind === 'lock') return
  for (const terminalId of grant.denied) {
    const posReference = grant.key as Parameters<Group['orders']['get']>[0]
    tell(out, hub.terminals.get(terminalId), { type: 'LEASE_AVAILABLE', posReference })
  }
}

/** What people are told as the end of a grant, on the hub's clock of the wall. */
export function expiresAt(grant: Grant, moment: Moment): Ms {
  return Math.max(0, Math.round(moment.wall + grant.deadline - moment.now))
}

export function holderName(hub: Hub, grant: Grant): string {
  return hub.terminals.get(grant.holder)?.name ?? grant.holder
}
