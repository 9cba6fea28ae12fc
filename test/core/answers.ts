import type { TerminalMessageType } from '../../src/protocol/mod.ts'
import type { Heard } from '../support/inbox.ts'
import { claim } from './claim.ts'
import { type Frame, type Till, typesOf } from './till.ts'

/**
 * PROTOCOL.md, "Terminal to hub": what the sender of each message hears of it in its turn, and nothing else. `*` stands
 * for silence. What a terminal hears of its own doing as all others do (TABLE_LOCK_RELEASED) counts as the answer.
 */
const V2: { readonly [T in TerminalMessageType]: RegExp } = {
  AUTH: /^AUTH_OK SYNC_INIT$/,
  HEARTBEAT: /^HEARTBEAT_OK$/,
  LEASE_ACQUIRE: /^(ORDER_UPDATED )?(LEASE_GRANTED|LEASE_DENIED)$/,
  LEASE_RELEASE: /^(\*|ORDER_ACCEPTED|LEASE_DENIED|CONFLICT|ERROR)$/,
  LEASE_HEARTBEAT: /^(\*|LEASE_DENIED)$/,
  ORDER_SNAPSHOT: /^(ORDER_ACCEPTED|CONFLICT|LEASE_DENIED|ERROR)$/,
  ORDER_FINALIZE: /^(ORDER_FINALIZE_QUEUED|ORDER_FINALIZED|ORDER_FINALIZE_ERROR|CONFLICT|ERROR)$/,
  ORDER_DISCARD: /^(ORDER_DISCARDED|CONFLICT|LEASE_DENIED|ERROR)$/,
  TABLE_UPDATE: /^\*$/,
  TABLE_LOCK_ACQUIRE: /^(TABLE_LOCK_GRANTED|TABLE_LOCK_DENIED)$/,
  TABLE_LOCK_RELEASE: /^(\*|TABLE_LOCK_RELEASED)$/,
  TABLE_LOCK_HEARTBEAT: /^(\*|TABLE_LOCK_REVOKED)$/,
  TABLE_LOCK_FORCE_ACQUIRE: /^(TABLE_LOCK_GRANTED( TABLE_LOCKS_STATE)?|TABLE_LOCK_DENIED)$/,
  TICKET_NUMBER_REQUEST: /^(TICKET_NUMBER_ASSIGNED|ERROR)$/,
  FLOOR_PLAN_UPDATE: /^\*$/,
  SYNC_REQUEST: /^SYNC_INIT$/,
}

/** Where v1 hears something else: silence says that it was taken. */
const V1: Partial<{ readonly [T in TerminalMessageType]: RegExp }> = {
  HEARTBEAT: /^\*$/,
  LEASE_RELEASE: /^(\*|LEASE_DENIED|CONFLICT|ORDER_FINALIZED)$/,
  ORDER_SNAPSHOT: /^(\*|CONFLICT|LEASE_DENIED|ORDER_FINALIZED)$/,
  ORDER_FINALIZE: /^(\*|ORDER_FINALIZED|CONFLICT)$/,
  TICKET_NUMBER_REQUEST: /^TICKET_NUMBER_ASSIGNED$/,
}

/** Every request is answered, or silent where PROTOCOL.md is. */
export function checkAnswer(till: Till, frame: Frame, heard: readonly Heard[]): void {
  const allowed = (till.who.protocol === 1 ? V1[frame.type] : undefined) ?? V2[frame.type]
  // That an order is free is no answer: it is told to all that were denied it, the sender among them.
  const types = typesOf(heard.filter(({ type }) => type !== 'LEASE_AVAILABLE')).join(' ') || '*'
  claim(allowed.test(types), () => `a v${till.who.protocol} ${frame.type} was answered by ${types}`)
  const msgId = frame['msgId']
  if (till.who.protocol === 1 || typeof msgId !== 'string') return
  for (const message of heard) {
    if (!('msgId' in message)) continue
    claim(message.msgId === msgId, () => `${message.type} names ${message.msgId}, not ${msgId}`)
  }
}
