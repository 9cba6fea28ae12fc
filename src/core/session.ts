/**
 * Sessions of terminals.
 *
 * S1  A v2 session comes back only by its secret, from the same device, person and group; its old socket is closed.
 * S2  At a disconnect the session rests for the grace; back in time it has all it held, after it the session is over.
 * S3  Neither frame nor pong for three heartbeats: the line is dead; the hub pings at every heartbeat.
 * S4  A v1 device that returns while no live socket has it is the same terminal; of several, the last active one.
 * S5  If a live socket has it, a pong within 2 s makes the newcomer a terminal of its own; silence lets it take over.
 * S6  A second AUTH on a socket renews the sign-in; another person or device is refused.
 * S7  An unknown or ended session id gives a new session, still with a delta.
 * S8  Ended terminals are remembered up to a bound, the last active ones.
 */
import { type CloseCode, ERRORS, type PosReference } from '../protocol/mod.ts'
import type { LineId, SignIn, Welcome } from './command.ts'
import { groupOf } from './evolve.ts'
import { grantKey, grantsOf } from './grant.ts'
import { TERMINALS_ENDED_MAX } from './limits.ts'
import { createOutcome, type Outcome, recordOf, type TerminalRecord } from './outcome.ts'
import { type Contest, type Hub, type Moment, type Terminal, terminalOnLine } from './state.ts'
import { syncInit } from './sync.ts'

/** How long a live socket has to show that it lives when another claims its device. */
export const CONTEST_MS = 2_000

export function signIn(hub: Hub, command: SignIn, moment: Moment): Outcome {
  const current = terminalOnLine(hub, command.line)
  if (current !== undefined) return signInAgain(hub, current, command, moment)
  const out = createOutcome()
  if (command.protocol === 2) {
    join(out, hub, command, bySession(hub, command), moment)
    return out
  }
  const { settled } = command
  const heir = settled === null || settled.takeOver === null ? undefined : hub.terminals.get(settled.takeOver)
  // Another newcomer may have taken it over in the meantime: then that one has to be asked.
  if (settled !== null && heir?.phase !== 'live') {
    join(out, hub, command, heir, moment)
    return out
  }
  const same = byDevice(hub, command)
  const live = same.filter((terminal) => terminal.phase === 'live')
  if (live.length > 0) contest(out, command, live, moment)
  else join(out, hub, command, same.at(-1), moment)
  return out
}

function bySession(hub: Hub, command: SignIn): Terminal | undefined {
  const { resume } = command
  if (resume === null) return undefined
  for (const terminal of hub.terminals.values()) {
    if (terminal.sessionKey !== resume.sessionKey || terminal.phase === 'ended') continue
    const { deviceId, subject, group } = terminal
    return deviceId === command.deviceId && subject === command.subject && group === command.group
      ? terminal
      : undefined
  }
  return undefined
}

/**
 * v1 terminals of that device, the one that is most likely it last: in its grace before ended; holding something before
 * holding nothing, because after a restart nobody was heard; then the one heard last, then the last one signed in.
 */
function byDevice(hub: Hub, command: SignIn): Terminal[] {
  const group = groupOf(hub, command.group)
  const rank = ({ phase, terminalId }: Terminal): number => {
    if (phase === 'ended') return 0
    return grantsOf(group, terminalId).length === 0 ? 1 : 2
  }
  return [...hub.terminals.values()]
    .filter((one) => one.protocol === 1 && one.deviceId === command.deviceId && one.group === command.group)
    .sort((left, right) => rank(left) - rank(right) || left.heardAt - right.heardAt)
}

function join(out: Outcome, hub: Hub, command: SignIn, known: Terminal | undefined, moment: Moment): void {
  const { line, resume, fresh, group } = command
  const isV2 = command.protocol === 2
  const terminal: TerminalRecord = {
    terminalId: known?.terminalId ?? fresh.terminalId,
    group,
    deviceId: command.deviceId,
    subject: command.subject,
    protocol: command.protocol,
    sessionKey: isV2 ? (known?.sessionKey ?? fresh.sessionKey) : null,
    foreign: (known?.foreign ?? false) || (resume !== null && resume.epoch !== hub.epoch),
    name: command.name,
    role: command.role,
    configId: command.configId,
    lastActive: moment.wall,
  }
  if (known !== undefined && known.line !== null)
    out.effects.push({ kind: 'close', line: known.line, code: 'REPLACED' })
  out.changes.push({ kind: 'terminal_kept', terminal })
  out.changes.push({
    kind: 'line_joined',
    line,
    terminalId: terminal.terminalId,
    now: moment.now,
    returning: known !== undefined,
    holds: namedHolds(command),
  })
  const sessionId = known !== undefined && resume !== null ? resume.sessionId : fresh.sessionId
  out.next.push(welcomeCommand(command, isV2 ? sessionId : null))
}

function namedHolds(command: SignIn): ReadonlySet<string> {
  const { tableLocks = [], leases = [] } = command.resume?.holds ?? {}
  const orders: readonly PosReference[] = leases
  return new Set([...tableLocks.map((id) => grantKey('lock', id)), ...orders.map((id) => grantKey('lease', id))])
}

function welcomeCommand(command: SignIn, sessionId: Welcome['sessionId']): Welcome {
  const since = command.resume === null ? null : { epoch: command.resume.epoch, seq: command.resume.seq }
  return { kind: 'welcome', line: command.line, sessionId, since }
}

function signInAgain(hub: Hub, current: Terminal, command: SignIn, moment: Moment): Outcome {
  const out = createOutcome()
  alive(out, hub, command.line, moment)
  const { deviceId, subject, group, protocol } = current
  const same = deviceId === command.deviceId && subject === command.subject && group === command.group
  if (!same || protocol !== command.protocol) {
    refuseSignIn(out, command.line, 'SIGNED_IN_ELSE')
    return out
  }
  const record = recordOf(current)
  out.changes.push({ kind: 'terminal_kept', terminal: { ...record, name: command.name, role: command.role } })
  // The hub knows the secret by its digest alone, and so can say it again only to who says it first.
  const isKnown = command.resume !== null && command.resume.sessionKey === current.sessionKey
  out.next.push(welcomeCommand(command, isKnown ? command.resume.sessionId : null))
  return out
}

function refuseSignIn(out: Outcome, line: LineId, code: CloseCode): void {
  out.effects.push({ kind: 'send', line, message: { type: 'AUTH_FAIL', reason: ERRORS[code].meaning, code } })
  out.effects.push({ kind: 'close', line, code })
}

/** `AUTH_OK`, then at once `SYNC_INIT`; from then on the line hears its group. */
export function welcome(hub: Hub, command: Welcome, moment: Moment): Outcome {
  const out = createOutcome()
  const { line } = command
  const terminal = terminalOnLine(hub, line)
  if (terminal === undefined) return out
  const { terminalId, role, protocol } = terminal
  const { heartbeatMs, hubVersion } = hub.settings
  const base = { type: 'AUTH_OK', terminalId, role } as const
  const more = { protocol, epoch: hub.epoch, hubTime: moment.wall, hubVersion, heartbeatMs }
  const session = command.sessionId === null ? {} : { sessionId: command.sessionId }
  out.effects.push({ kind: 'send', line, message: protocol === 1 ? base : { ...base, ...more, ...session } })
  const group = groupOf(hub, terminal.group)
  out.effects.push({ kind: 'send', line, message: syncInit(hub, group, moment, protocol === 1 ? null : command.since) })
  out.effects.push({ kind: 'admit', line, group: terminal.group, protocol })
  return out
}

function contest(out: Outcome, command: SignIn, live: readonly Terminal[], moment: Moment): void {
  const waiting = new Set<LineId>()
  for (const { line } of live) if (line !== null) waiting.add(line)
  for (const line of waiting) out.effects.push({ kind: 'ping', line })
  out.changes.push({ kind: 'contest_opened', signIn: command, waiting, deadline: moment.now + CONTEST_MS })
}

/** Something came from that line: its terminal lives, and whoever claims its device is another one. */
export function alive(out: Outcome, hub: Hub, line: LineId, moment: Moment): void {
  const terminal = terminalOnLine(hub, line)
  if (terminal === undefined) return
  out.changes.push({ kind: 'heard', terminalId: terminal.terminalId, now: moment.now })
  for (const [newcomer, { signIn: claim, waiting }] of hub.contests) {
    if (!waiting.has(line)) continue
    if (waiting.size > 1) out.changes.push({ kind: 'contest_answered', line: newcomer, by: line })
    else settle(out, newcomer, { ...claim, settled: { takeOver: null } })
  }
}

/** Once for each newcomer, by what is found first. */
function settle(out: Outcome, newcomer: LineId, command: SignIn): void {
  if (out.next.some((next) => next.kind === 'sign_in' && next.line === newcomer)) return
  out.changes.push({ kind: 'contest_closed', line: newcomer })
  out.next.push(command)
}

export function lineClosed(hub: Hub, line: LineId, moment: Moment): Outcome {
  const out = createOutcome()
  if (hub.contests.has(line)) out.changes.push({ kind: 'contest_closed', line })
  if (terminalOnLine(hub, line) !== undefined) leave(out, hub, line, moment)
  return out
}

/** A line is gone: whoever waited for its pong takes its terminal over. */
function leave(out: Outcome, hub: Hub, line: LineId, moment: Moment): void {
  out.changes.push({ kind: 'line_left', line, now: moment.now })
  const takeOver = hub.lines.get(line) ?? null
  for (const [newcomer, { signIn: claim, waiting }] of hub.contests) {
    if (waiting.has(line)) settle(out, newcomer, { ...claim, settled: { takeOver } })
  }
}

/** Nobody on the contested lines answered: they are dead, and the newcomer is the terminal that was active last. */
export function contestOver(out: Outcome, hub: Hub, newcomer: LineId, over: Contest, moment: Moment): void {
  const dead = [...hub.terminals.values()]
    .filter(({ line }) => line !== null && over.waiting.has(line))
    .sort((left, right) => left.heardAt - right.heardAt)
  settle(out, newcomer, { ...over.signIn, settled: { takeOver: dead.at(-1)?.terminalId ?? null } })
  for (const { line } of dead) if (line !== null) dropLine(out, hub, line, 'REPLACED', moment)
}

function dropLine(out: Outcome, hub: Hub, line: LineId, code: CloseCode, moment: Moment): void {
  leave(out, hub, line, moment)
  out.effects.push({ kind: 'close', line, code })
}

/** What is due for sessions: pings, dead lines, ends of grace. */
export function sessionsDue(out: Outcome, hub: Hub, moment: Moment): void {
  const { heartbeatMs } = hub.settings
  const ended: Terminal[] = []
  for (const terminal of hub.terminals.values()) {
    if (terminal.phase === 'grace' && terminal.graceUntil <= moment.now) endSession(out, terminal)
    if (terminal.phase === 'ended') ended.push(terminal)
    if (terminal.phase !== 'live' || terminal.line === null) continue
    if (terminal.heardAt + 3 * heartbeatMs <= moment.now) dropLine(out, hub, terminal.line, 'SILENT', moment)
    else if (terminal.pingAt <= moment.now) {
      out.changes.push({ kind: 'pinged', terminalId: terminal.terminalId, now: moment.now })
      out.effects.push({ kind: 'ping', line: terminal.line })
    }
  }
  if (ended.length > TERMINALS_ENDED_MAX) forgetOldest(out, ended)
}

function endSession(out: Outcome, terminal: Terminal): void {
  const { terminalId } = terminal
  // A v2 session is known by its secret alone: once it is over, nothing can name it again.
  if (terminal.protocol === 2) out.changes.push({ kind: 'terminal_forgotten', terminalId })
  else out.changes.push({ kind: 'session_ended', terminalId })
}

/** Those that were heard least lately. */
function forgetOldest(out: Outcome, ended: readonly Terminal[]): void {
  const byAge = ended.toSorted((left, right) => left.heardAt - right.heardAt)
  for (const { terminalId } of byAge.slice(0, ended.length - TERMINALS_ENDED_MAX)) {
    out.changes.push({ kind: 'terminal_forgotten', terminalId })
  }
}
