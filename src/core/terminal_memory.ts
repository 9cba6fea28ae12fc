/** How evolve keeps terminals, their lines and all deadlines in memory. */
import type { Ms, TerminalId } from '../protocol/mod.ts'
import { assert } from './assert.ts'
import { lifeMs } from './grant.ts'
import { waitersOf } from './order_memory.ts'
import type { Change, TerminalRecord } from './outcome.ts'
import { type Hub, type Terminal, terminalOnLine } from './state.ts'

export function setDeadline(hub: Hub, at: Ms): void {
  if (at < hub.nextDeadline) hub.nextDeadline = at
}

export function keepTerminal(hub: Hub, record: TerminalRecord): void {
  const known = hub.terminals.get(record.terminalId)
  if (known !== undefined) {
    // Set anew, so that the map stays ordered by last activity: the oldest ended ones are forgotten first.
    hub.terminals.delete(record.terminalId)
    hub.terminals.set(record.terminalId, Object.assign(known, record))
    return
  }
  hub.terminals.set(record.terminalId, { ...record, phase: 'ended', line: null, heardAt: 0, pingAt: 0, graceUntil: 0 })
}

export function forgetTerminal(hub: Hub, terminalId: TerminalId): void {
  const terminal = hub.terminals.get(terminalId)
  hub.terminals.delete(terminalId)
  if (terminal === undefined) return
  for (const { denied } of hub.groups.get(terminal.group)?.grants.values() ?? []) denied.delete(terminalId)
}

export function joinLine(hub: Hub, change: Extract<Change, { kind: 'line_joined' }>): void {
  const terminal = hub.terminals.get(change.terminalId)
  assert(terminal !== undefined, 'a line belongs to a terminal')
  if (terminal.line !== null) hub.lines.delete(terminal.line)
  terminal.phase = 'live'
  terminal.line = change.line
  terminal.heardAt = change.now
  terminal.pingAt = change.now + hub.settings.heartbeatMs
  hub.lines.set(change.line, terminal.terminalId)
  setDeadline(hub, terminal.pingAt)
  if (!change.returning) return
  for (const [key, grant] of hub.groups.get(terminal.group)?.grants ?? []) {
    if (grant.holder !== terminal.terminalId) continue
    grant.deadline = change.now + lifeMs(hub, grant.kind)
    grant.line = change.holds.has(key) ? change.line : null
  }
}

export function leaveLine(hub: Hub, change: Extract<Change, { kind: 'line_left' }>): void {
  const terminal = terminalOnLine(hub, change.line)
  if (terminal === undefined) return
  hub.lines.delete(change.line)
  terminal.phase = 'grace'
  terminal.line = null
  rest(hub, terminal, change.now + hub.settings.graceMs)
}

/** Keeps a terminal's session and all it holds until `until`. */
export function rest(hub: Hub, terminal: Terminal, until: Ms): void {
  terminal.graceUntil = until
  setDeadline(hub, until)
  for (const grant of hub.groups.get(terminal.group)?.grants.values() ?? []) {
    if (grant.holder !== terminal.terminalId) continue
    grant.deadline = until
    grant.line = null
  }
}

/** The hub itself stood still: nobody could renew anything in that time, so nobody loses anything by it. */
export function shiftDeadlines(hub: Hub, gapMs: Ms): void {
  hub.nextDeadline += gapMs
  for (const terminal of hub.terminals.values()) {
    terminal.heardAt += gapMs
    terminal.pingAt += gapMs
    terminal.graceUntil += gapMs
  }
  for (const contest of hub.contests.values()) contest.deadline += gapMs
  for (const group of hub.groups.values()) {
    for (const grant of group.grants.values()) grant.deadline += gapMs
    for (const waiter of waitersOf(group)) waiter.at += gapMs
  }
}
