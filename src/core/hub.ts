/**
 * The rules of the hub: `decide` makes up its mind, `evolve` remembers, `step` puts them together.
 */
import type { PosReference, Said, TerminalWords } from '../protocol/mod.ts'
import { answered } from './answered.ts'
import { never } from './assert.ts'
import type { Command, SaidBy } from './command.ts'
import { discardOrder } from './discard.ts'
import { due } from './due.ts'
import { evolve, groupOf, refreshDeadline } from './evolve.ts'
import { finalizeOrder } from './finalize.ts'
import { updateFloorPlan, updateTable } from './floor.ts'
import { type Asker, renew } from './grant.ts'
import { tokenChecked } from './known_token.ts'
import { acquireLease, heartbeatLease, releaseLease } from './lease_ask.ts'
import { fenceOf, msgIdOf, saveSnapshot } from './order.ts'
import { type Change, createOutcome, isKept, type Outcome, tell } from './outcome.ts'
import { plan } from './road.ts'
import { alive, lineClosed, signIn, welcome } from './session.ts'
import { type Group, type Hub, type Moment, orderOf, terminalOnLine } from './state.ts'
import { statusDue, touchesStatus } from './status.ts'
import { syncInit } from './sync.ts'
import { acquireLock, forceLock, heartbeatLock, releaseLock } from './table.ts'
import { giveTicket } from './ticket.ts'
import { asked } from './wish.ts'

/** The only place where the hub makes up its mind. Same hub, command and moment: same outcome, on every runtime. */
export function decide(hub: Hub, command: Command, moment: Moment): Outcome {
  switch (command.kind) {
    case 'said':
      return said(hub, command, moment)
    case 'sign_in':
      return signIn(hub, command, moment)
    case 'welcome':
      return welcome(hub, command, moment)
    case 'line_closed':
      return lineClosed(hub, command.line, moment)
    case 'pong': {
      const out = createOutcome()
      alive(out, hub, command.line, moment)
      return out
    }
    case 'odoo_answered':
      return answered(hub, command, moment)
    case 'asked':
      return asked(hub, command, moment)
    case 'token_checked':
      return tokenChecked(hub, command)
    case 'tick':
      return due(hub, moment)
    case 'stalled':
      return { ...createOutcome(), changes: [{ kind: 'stalled', gapMs: command.gapMs }] }
    default:
      return never(command)
  }
}

function said(hub: Hub, command: SaidBy, moment: Moment): Outcome {
  const out = createOutcome()
  const { line, message } = command
  const terminal = terminalOnLine(hub, line)
  if (terminal === undefined) return out
  alive(out, hub, line, moment)
  const asker: Asker = { hub, group: groupOf(hub, terminal.group), terminal, line, moment }
  answer(out, asker, message, command)
  return out
}

function answer(out: Outcome, asker: Asker, message: TerminalWords, command: SaidBy): void {
  switch (message.type) {
    case 'AUTH':
      // The gateway turns AUTH into `sign_in`: a token is checked outside the core.
      return
    case 'HEARTBEAT':
      return heartbeat(out, asker)
    case 'LEASE_ACQUIRE':
      return acquireLease(out, asker, message)
    case 'LEASE_RELEASE':
      return releaseLease(out, asker, message, command)
    case 'LEASE_HEARTBEAT':
      return heartbeatLease(out, asker, message)
    case 'ORDER_SNAPSHOT':
      return takeSnapshot(out, asker, message, command)
    case 'ORDER_FINALIZE':
      return finalizeOrder(out, asker, message, command)
    case 'ORDER_DISCARD':
      return discardOrder(out, asker, message, command)
    case 'TABLE_UPDATE':
      return updateTable(out, asker, message)
    case 'TABLE_LOCK_ACQUIRE':
      return acquireLock(out, asker, message)
    case 'TABLE_LOCK_RELEASE':
      return releaseLock(out, asker, message)
    case 'TABLE_LOCK_HEARTBEAT':
      return heartbeatLock(out, asker, message)
    case 'TABLE_LOCK_FORCE_ACQUIRE':
      return forceLock(out, asker, message)
    case 'TICKET_NUMBER_REQUEST':
      return giveTicket(out, asker, message)
    case 'FLOOR_PLAN_UPDATE':
      return updateFloorPlan(out, asker, message)
    case 'SYNC_REQUEST':
      return tell(out, asker.terminal, syncInit(asker.hub, asker.group, asker.moment, message))
    default:
      return never(message)
  }
}

function takeSnapshot(out: Outcome, asker: Asker, message: Said<'ORDER_SNAPSHOT'>, command: SaidBy): void {
  const { facts, digest } = command
  const { posReference, baseVersion, snapshot } = message
  const about = { kind: 'snapshot', posReference, baseVersion, statedBase: baseVersion } as const
  const names = { msgId: msgIdOf(asker, message), fence: fenceOf(asker, message) }
  saveSnapshot(out, asker, { ...about, snapshot, facts, digest, ...names })
}

/** [G5] */
function heartbeat(out: Outcome, asker: Asker): void {
  const { group, terminal, line, moment } = asker
  for (const grant of group.grants.values()) {
    if (grant.holder === terminal.terminalId && grant.line === line && grant.deadline > moment.now) {
      renew(out, asker, grant)
    }
  }
  tell(out, terminal, { type: 'HEARTBEAT_OK', hubTime: moment.wall, seq: group.seq })
}

/**
 * One command, whole: first what is due, then the command and what follows from it, then the status. Evolves the hub;
 * the outcome holds every change in order, for the store, and every effect, for after the commit.
 */
export function step(hub: Hub, command: Command, moment: Moment): Outcome {
  const all = createOutcome()
  const isDue = command.kind !== 'stalled' && moment.now >= hub.nextDeadline
  if (isDue) {
    run(all, hub, { kind: 'tick' }, moment)
    absorb(all, hub, plan(hub, moment))
    refreshDeadline(hub)
  }
  if (command.kind !== 'tick') {
    const before = all.changes.length
    run(all, hub, command, moment)
    if (touchesRoad(all.changes.slice(before))) absorb(all, hub, plan(hub, moment))
  }
  if (isDue || touchesStatus(all)) absorb(all, hub, statusDue(hub, moment))
  if (moment.wall > hub.newestWall && all.changes.some(isKept)) {
    const change = { kind: 'time_seen', wall: moment.wall, day: moment.day } as const
    evolve(hub, change)
    all.changes.push(change)
  }
  return all
}

const ROAD: ReadonlySet<string> = new Set<Change['kind']>(['outbox_put', 'outbox_dropped', 'call_ended', 'item_timed'])

/** Something came on its way to Odoo, or the way became free. */
function touchesRoad(changes: readonly Change[]): boolean {
  return changes.some((change) => ROAD.has(change.kind))
}

function run(all: Outcome, hub: Hub, command: Command, moment: Moment): void {
  const queue: Command[] = [command]
  for (const next of queue) {
    const out = decide(hub, next, moment)
    absorb(all, hub, out)
    queue.push(...out.next)
  }
}

function absorb(all: Outcome, hub: Hub, out: Outcome): void {
  for (const change of out.changes) {
    evolve(hub, change)
    all.changes.push(change)
  }
  all.effects.push(...out.effects)
}

/** The order that a command names and the hub does not have in memory: it may be a closed one on the disk. */
export function wantedOrder(hub: Hub, command: Command): { group: Group; posReference: PosReference } | null {
  if (command.kind === 'asked') {
    const group = hub.groups.get(command.group)
    const { posReference } = command
    return group === undefined || orderOf(group, posReference) !== undefined ? null : { group, posReference }
  }
  if (command.kind !== 'said' || !('posReference' in command.message)) return null
  const { posReference, type } = command.message
  if (posReference === undefined || posReference === null || type === 'TABLE_UPDATE') return null
  const terminal = terminalOnLine(hub, command.line)
  if (terminal === undefined) return null
  const group = groupOf(hub, terminal.group)
  return orderOf(group, posReference) === undefined ? { group, posReference } : null
}
