/** The only hand on the state. Same hub and change: same hub. */
import type { Ms } from '../protocol/mod.ts'
import { assert } from './assert.ts'
import { grantKey } from './grant.ts'
import { addWaiter, dropWaiters, keepOrder, keepSecondPayment, loadOrder, waitersOf } from './order_memory.ts'
import { dropRow, evolveRoad, putRow, type RoadChange, shiftRoad } from './outbox_memory.ts'
import type { Change, Kept } from './outcome.ts'
import { createGroup, dayKey, type Group, type Hub, ticketKey } from './state.ts'
import { forgetTerminal, joinLine, keepTerminal, leaveLine, setDeadline, shiftDeadlines } from './terminal_memory.ts'

export function evolve(hub: Hub, change: Change): void {
  switch (change.kind) {
    case 'terminal_kept':
      return keepTerminal(hub, change.terminal)
    case 'terminal_forgotten':
      return forgetTerminal(hub, change.terminalId)
    case 'order_versioned':
      return keepOrder(hub, groupOf(hub, change.group), change.record, change.entry.snapshot, change)
    case 'order_marked':
      return keepOrder(hub, groupOf(hub, change.group), change.record, null, change)
    case 'second_payment':
      return keepSecondPayment(groupOf(hub, change.group), change)
    case 'granted':
      return keepGrant(hub, change)
    case 'grant_ended':
      groupOf(hub, change.group).grants.delete(grantKey(change.grantKind, change.key))
      return
    case 'table_changed':
      groupOf(hub, change.group).tables.set(change.table.tableId, change.table)
      return raiseSeq(hub, change.group, change.table.seq)
    case 'floor_changed':
      groupOf(hub, change.group).floors.set(change.floor.floorId, change.floor)
      return raiseSeq(hub, change.group, change.floor.seq)
    case 'ticket_given':
      return keepTicket(groupOf(hub, change.group), change)
    case 'audited':
    case 'payments_settled':
      return
    case 'time_seen':
      hub.newestWall = change.wall
      hub.newestDay = change.day
      return
    case 'order_loaded':
      return loadOrder(groupOf(hub, change.group), change.order)
    case 'line_joined':
      return joinLine(hub, change)
    case 'line_left':
      return leaveLine(hub, change)
    default:
      return evolveOdoo(hub, change)
  }
}

type ForOdoo = Extract<
  Change,
  { kind: 'outbox_put' | 'outbox_dropped' | 'add_on_known' | 'token_kept' | 'token_forgotten' }
>

/** What waits for Odoo, and what Odoo said of tokens. */
function evolveOdoo(hub: Hub, change: ForOdoo | Quiet): void {
  switch (change.kind) {
    case 'outbox_put':
      return putRow(groupOf(hub, change.group), change.row)
    case 'outbox_dropped':
      return dropRow(groupOf(hub, change.group), change.posReference)
    case 'add_on_known':
      hub.road.tellsCreated = change.tellsCreated
      return
    case 'token_kept':
      // Set anew, so that the map stays ordered by the last check.
      hub.signIns.delete(change.token.digest)
      hub.signIns.set(change.token.digest, change.token)
      return
    case 'token_forgotten':
      hub.signIns.delete(change.digest)
      return
    default:
      return evolveQuiet(hub, change)
  }
}

type Quiet = Exclude<Change, Kept | { kind: 'order_loaded' | 'line_joined' | 'line_left' }>

/** Changes of single fields, in memory only. */
function evolveQuiet(hub: Hub, change: Quiet): void {
  switch (change.kind) {
    case 'session_ended': {
      const terminal = hub.terminals.get(change.terminalId)
      if (terminal !== undefined) terminal.phase = 'ended'
      return
    }
    case 'heard': {
      const terminal = hub.terminals.get(change.terminalId)
      if (terminal !== undefined) terminal.heardAt = change.now
      return
    }
    case 'pinged': {
      const terminal = hub.terminals.get(change.terminalId)
      if (terminal !== undefined) terminal.pingAt = change.now + hub.settings.heartbeatMs
      return
    }
    case 'renewed': {
      const grant = groupOf(hub, change.group).grants.get(grantKey(change.grantKind, change.key))
      if (grant === undefined) return
      grant.deadline = change.deadline
      grant.line = change.line
      return
    }
    case 'denied':
      groupOf(hub, change.group).grants.get(grantKey(change.grantKind, change.key))?.denied.add(change.terminalId)
      return
    case 'contest_opened':
      hub.contests.set(change.signIn.line, {
        signIn: change.signIn,
        waiting: new Set(change.waiting),
        deadline: change.deadline,
      })
      return setDeadline(hub, change.deadline)
    case 'contest_answered':
      hub.contests.get(change.line)?.waiting.delete(change.by)
      return
    case 'contest_closed':
      hub.contests.delete(change.line)
      return
    default:
      return evolveTimes(hub, change)
  }
}

type Timed =
  | RoadChange
  | Extract<Change, { kind: 'waiter_added' | 'waiters_told' | 'status_told' | 'stalled' | 'deadline_set' }>

function evolveTimes(hub: Hub, change: Timed): void {
  switch (change.kind) {
    case 'waiter_added':
      addWaiter(groupOf(hub, change.group), change.posReference, change.waiter)
      return setDeadline(hub, change.waiter.at)
    case 'waiters_told':
      return dropWaiters(groupOf(hub, change.group), change.posReference, change.now)
    case 'status_told':
      groupOf(hub, change.group).told = { text: change.text, at: change.at }
      return
    case 'stalled':
      shiftRoad(hub, change.gapMs)
      return shiftDeadlines(hub, change.gapMs)
    case 'deadline_set':
      return setDeadline(hub, change.at)
    default:
      return evolveRoad(hub, change)
  }
}

/** A group begins when it is first named. */
export function groupOf(hub: Hub, id: Group['id']): Group {
  const known = hub.groups.get(id)
  if (known !== undefined) return known
  const group = createGroup(id)
  hub.groups.set(id, group)
  return group
}

function keepGrant(hub: Hub, change: Extract<Change, { kind: 'granted' }>): void {
  const { kind, key, holder, fence } = change.grant
  assert(fence > hub.fence, 'a fence never repeats')
  hub.fence = fence
  const { deadline, line } = change
  groupOf(hub, change.group).grants.set(grantKey(kind, key), {
    kind,
    key,
    holder,
    fence,
    deadline,
    line,
    denied: new Set(change.denied),
  })
  setDeadline(hub, deadline)
}

function raiseSeq(hub: Hub, id: Group['id'], seq: number): void {
  const group = groupOf(hub, id)
  assert(seq > group.seq, 'seq grows with every change')
  group.seq = seq
}

function keepTicket(group: Group, change: Extract<Change, { kind: 'ticket_given' }>): void {
  group.tickets.set(dayKey(change), change.number)
  const { message, forgets, forgetsDay } = change
  if (forgetsDay !== undefined) group.tickets.delete(dayKey(forgetsDay))
  if (forgets !== undefined) group.ticketMessages.delete(ticketKey(forgets))
  if (message !== null) group.ticketMessages.set(ticketKey(message), message)
}

/** Looks at everything that has a deadline and sets the next one exactly. */
export function refreshDeadline(hub: Hub): void {
  let next: Ms = Number.POSITIVE_INFINITY
  const see = (deadline: Ms) => {
    if (deadline < next) next = deadline
  }
  for (const terminal of hub.terminals.values()) {
    if (terminal.phase === 'grace') see(terminal.graceUntil)
    if (terminal.phase === 'live') see(Math.min(terminal.pingAt, terminal.heardAt + 3 * hub.settings.heartbeatMs))
  }
  for (const contest of hub.contests.values()) see(contest.deadline)
  for (const group of hub.groups.values()) {
    for (const grant of group.grants.values()) see(grant.deadline)
    for (const waiter of waitersOf(group)) see(waiter.at)
  }
  see(hub.road.nextAt)
  hub.nextDeadline = next
}
