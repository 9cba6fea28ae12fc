import type { Command, SaidBy, SignIn } from '../../src/core/command.ts'
import {
  type ConfigId,
  type DeviceId,
  type GroupId,
  type MsgId,
  NO_FACTS,
  Opaque,
  type PosReference,
  type Said,
  type SessionId,
  type TableId,
  type TerminalId,
  type TerminalWords,
} from '../../src/protocol/mod.ts'

/** Commands as the gateway makes them. A terminal is known by the number of its line. */

export function signIn(line: number, more: Partial<SignIn> = {}): SignIn {
  const fresh = {
    terminalId: `t-${line}` as TerminalId,
    sessionId: `session-${line}` as SessionId,
    sessionKey: `key-${line}`,
  }
  return {
    kind: 'sign_in',
    line,
    protocol: 2,
    group: 'default' as GroupId,
    deviceId: `device-${line}` as DeviceId,
    subject: `subject-${line}`,
    name: `Till ${line}`,
    role: 'cashier',
    configId: null,
    resume: null,
    fresh,
    settled: null,
    ...more,
  }
}

function say(line: number, message: TerminalWords, digest = ''): SaidBy {
  return { kind: 'said', line, message, facts: NO_FACTS, digest }
}

export function heartbeat(line: number): Command {
  return say(line, { type: 'HEARTBEAT' })
}

export function lock(line: number, tableId: number): Command {
  return say(line, { type: 'TABLE_LOCK_ACQUIRE', tableId: tableId as TableId })
}

export function unlock(line: number, tableId: number): Command {
  return say(line, { type: 'TABLE_LOCK_RELEASE', tableId: tableId as TableId })
}

export function lockHeartbeat(line: number, tableId: number): Command {
  return say(line, { type: 'TABLE_LOCK_HEARTBEAT', tableId: tableId as TableId })
}

export function tableUpdate(line: number, tableId: number, status = 'occupied'): Command {
  return say(line, { type: 'TABLE_UPDATE', tableId: tableId as TableId, status })
}

export function floorUpdate(line: number, floorId: number): Command {
  const message: Said<'FLOOR_PLAN_UPDATE'> = {
    type: 'FLOOR_PLAN_UPDATE',
    floorId: floorId as Said<'FLOOR_PLAN_UPDATE'>['floorId'],
    tables: new Opaque('[]'),
  }
  return say(line, message)
}

export function ticket(line: number, msgId?: string): Command {
  const base = { type: 'TICKET_NUMBER_REQUEST', orderType: 'takeout' } as const
  return say(line, msgId === undefined ? base : { ...base, msgId: msgId as MsgId })
}

export function lease(line: number, posReference: string, baseVersion = 0): Command {
  return say(line, { type: 'LEASE_ACQUIRE', posReference: posReference as PosReference, baseVersion })
}

export function release(line: number, posReference: string): Command {
  return say(line, { type: 'LEASE_RELEASE', posReference: posReference as PosReference })
}

export type Write = { readonly msgId?: string; readonly json?: string }

export function snapshot(line: number, posReference: string, baseVersion: number, write: Write = {}): Command {
  const { msgId, json = `{"on":${baseVersion}}` } = write
  const base = {
    type: 'ORDER_SNAPSHOT',
    posReference: posReference as PosReference,
    baseVersion,
    snapshot: new Opaque(json),
  } as const
  return say(line, msgId === undefined ? base : { ...base, msgId: msgId as MsgId }, `digest of ${json}`)
}

export function discard(line: number, posReference: string, baseVersion: number, msgId: string): Command {
  const base = { type: 'ORDER_DISCARD', posReference: posReference as PosReference, baseVersion } as const
  return say(line, { ...base, msgId: msgId as MsgId })
}

export function finalize(line: number, posReference: string, write: Write = {}): Command {
  const { msgId, json = '{"paid":1}' } = write
  const base = {
    type: 'ORDER_FINALIZE',
    posReference: posReference as PosReference,
    snapshot: new Opaque(json),
    configId: 1 as ConfigId,
  } as const
  return say(line, msgId === undefined ? base : { ...base, msgId: msgId as MsgId }, `digest of ${json}`)
}

export function pong(line: number): Command {
  return { kind: 'pong', line }
}

export function lineClosed(line: number): Command {
  return { kind: 'line_closed', line }
}
