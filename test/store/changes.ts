import type { OutboxRow } from '../../src/core/outbox.ts'
import type { AuditEntry, Kept, SecondPayment, TerminalRecord, VersionEntry } from '../../src/core/outcome.ts'
import type {
  Finalize,
  FinalResult,
  Floor,
  KnownToken,
  Message,
  OrderRecord,
  Table,
  TicketMessage,
} from '../../src/core/state.ts'
import type { StoredGrant } from '../../src/core/stored.ts'
import {
  type DeviceId,
  type FloorId,
  type GroupId,
  type MsgId,
  Opaque,
  type PosReference,
  type TableId,
  type TerminalId,
} from '../../src/protocol/mod.ts'

/** Changes as the rules make them, for the tests of the store. What is not said has a value that no default has. */

export type KeptOf<K extends Kept['kind']> = Extract<Kept, { readonly kind: K }>

export const SHOP = 'shop' as GroupId
export const BAR = 'bar' as GroupId

export const TILL = 't-till' as TerminalId
export const WAITER = 't-waiter' as TerminalId

export function reference(text: string): PosReference {
  return text as PosReference
}

export function terminalKept(id: string, more: Partial<TerminalRecord> = {}): KeptOf<'terminal_kept'> {
  const terminal: TerminalRecord = {
    terminalId: id as TerminalId,
    group: SHOP,
    deviceId: `device of ${id}` as DeviceId,
    subject: `subject of ${id}`,
    protocol: 2,
    sessionKey: `key of ${id}`,
    foreign: false,
    name: `name of ${id}`,
    role: 'waiter',
    configId: 7,
    lastActive: 1_700_000_000_001,
    ...more,
  }
  return { kind: 'terminal_kept', terminal }
}

export function messageOf(msgId: string, more: Partial<Message> = {}): Message {
  return { msgId: msgId as MsgId, kind: 'snapshot', digest: `digest of ${msgId}`, version: 1, seq: 1, ...more }
}

export function recordOf(posReference: string, more: Partial<OrderRecord> = {}): OrderRecord {
  return {
    posReference: reference(posReference),
    state: 'open',
    version: 1,
    seq: 1,
    tableId: 12,
    status: 'draft',
    author: TILL,
    at: 1_700_000_000_002,
    finalize: null,
    result: null,
    ...more,
  }
}

export type Versioned = {
  readonly group?: GroupId
  readonly record?: Partial<OrderRecord>
  readonly entry?: Partial<VersionEntry>
  readonly snapshot?: string
  readonly message?: Message | null
  readonly forgets?: string
  readonly previous?: number
}

/** The next version of an order; its entry in the story follows from the record. */
export function versioned(posReference: string, change: Versioned = {}): KeptOf<'order_versioned'> {
  const record = recordOf(posReference, change.record)
  const { version, author, at } = record
  const snapshot = new Opaque(change.snapshot ?? `{"order":${JSON.stringify(posReference)},"version":${version}}`)
  const base = { version, baseVersion: version - 1, kind: 'snapshot', author, authorName: 'Till 1', at } as const
  return {
    kind: 'order_versioned',
    group: change.group ?? SHOP,
    record,
    entry: { ...base, snapshot, ...change.entry },
    message: change.message ?? null,
    ...(change.forgets === undefined ? {} : { forgets: change.forgets as MsgId }),
    ...(change.previous === undefined ? {} : { previous: change.previous }),
  }
}

export type Marked = { readonly group?: GroupId; readonly message?: Message | null; readonly forgets?: string }

function noted({ message = null, forgets }: Marked) {
  return forgets === undefined ? { message } : { message, forgets: forgets as MsgId }
}

/** An order that changes its state without a new version. */
export function marked(posReference: string, record: Partial<OrderRecord>, more: Marked = {}): KeptOf<'order_marked'> {
  return {
    kind: 'order_marked',
    group: more.group ?? SHOP,
    record: recordOf(posReference, record),
    ...noted(more),
  }
}

export function finalizeOf(more: Partial<Finalize> = {}): Finalize {
  const about = { configId: 7, msgId: 'pay-1' as MsgId, digest: 'digest of the payment', since: 1_700_000_000_003 }
  return { ...about, settledOrderId: null, refusal: null, ...more }
}

export function resultOf(orderId: number, more: Partial<FinalResult> = {}): FinalResult {
  return { orderId, lineIdMap: new Opaque('{"1":901,"2":902}'), fiscal: new Opaque('{"number":"F 1"}'), ...more }
}

export function secondPayment(
  posReference: string,
  digest: string,
  more: Partial<SecondPayment> & Marked = {},
): KeptOf<'second_payment'> {
  const { group = SHOP, message = null, forgets, ...rest } = more
  const payment: SecondPayment = {
    posReference: reference(posReference),
    digest,
    msgId: null,
    configId: 7,
    author: WAITER,
    authorName: 'Waiter',
    at: 1_700_000_000_004,
    snapshot: new Opaque(`{"paid":${JSON.stringify(digest)}}`),
    ...rest,
  }
  const noting = noted(forgets === undefined ? { message } : { message, forgets })
  return { kind: 'second_payment', group, payment, ...noting }
}

export function granted(kind: StoredGrant['kind'], key: string, more: Partial<StoredGrant> = {}, group = SHOP) {
  const grant: StoredGrant = { kind, key, holder: TILL, fence: 1, at: 1_700_000_000_005, ...more }
  // Deadline, line and the denied live in memory only: the store must not need them.
  return { kind: 'granted', group, grant, deadline: 5, line: 3, denied: [WAITER] } as const satisfies Kept
}

export function grantEnded(grantKind: StoredGrant['kind'], key: string, group = SHOP): KeptOf<'grant_ended'> {
  return { kind: 'grant_ended', group, grantKind, key }
}

export function tableChanged(tableId: number, more: Partial<Table> = {}, group = SHOP): KeptOf<'table_changed'> {
  const base = { tableId: tableId as TableId, status: 'occupied', posReference: reference('order-1') }
  return { kind: 'table_changed', group, table: { ...base, author: TILL, seq: 1, at: 1_700_000_000_006, ...more } }
}

export function floorChanged(floorId: number, more: Partial<Floor> = {}, group = SHOP): KeptOf<'floor_changed'> {
  const base = { floorId: floorId as FloorId, tables: new Opaque('[{"id":1}]'), layoutMode: 'plan' }
  return { kind: 'floor_changed', group, floor: { ...base, author: TILL, seq: 1, at: 1_700_000_000_007, ...more } }
}

export type Ticket = {
  readonly day?: string
  readonly orderType?: string
  readonly msgId?: string
  readonly deviceId?: string
  readonly group?: GroupId
  readonly forgets?: TicketMessage
  readonly forgetsDay?: string
}

export function ticketMessage(msgId: string, number: number, ticket: Ticket = {}): TicketMessage {
  const { orderType = 'takeout', deviceId = 'tablet-1' } = ticket
  return { deviceId: deviceId as DeviceId, msgId: msgId as MsgId, orderType, number }
}

export function ticketGiven(number: number, ticket: Ticket = {}): KeptOf<'ticket_given'> {
  const { day = '2026-11-22', orderType = 'takeout', msgId, group = SHOP, forgets, forgetsDay } = ticket
  const message = msgId === undefined ? null : ticketMessage(msgId, number, ticket)
  return {
    kind: 'ticket_given',
    ...{ group, day, orderType, number, at: 1_700_000_000_008, message },
    ...(forgets === undefined ? {} : { forgets }),
    ...(forgetsDay === undefined ? {} : { forgetsDay: { day: forgetsDay, orderType } }),
  }
}

export function audited(subject: string, more: Partial<AuditEntry> = {}, group = SHOP): KeptOf<'audited'> {
  const who = { actor: TILL, actorName: 'Chef', actorSubject: 'anna', loser: WAITER, loserName: 'Waiter' }
  const entry: AuditEntry = { at: 1_700_000_000_009, what: 'lock_forced', ...who, subject, reason: 'late', ...more }
  return { kind: 'audited', group, entry }
}

/** A row with nothing that a default would have. */
export function outboxRow(posReference: string, more: Partial<OutboxRow> = {}): OutboxRow {
  return {
    posReference: reference(posReference),
    kind: 'finalize',
    configId: 7,
    version: 3,
    since: 1_700_000_000_010,
    attempts: 4,
    sentVersion: 2,
    sentAt: 1_700_000_000_011,
    unansweredAt: 1_700_000_000_012,
    verdict: { code: 'ODOO_REFUSED', text: 'No such product', theirs: new Opaque('{"order_id": 5}') },
    trouble: { code: 'TIMEOUT', text: 'Odoo did not answer.' },
    isParked: false,
    ...more,
  }
}

export function outboxPut(posReference: string, more: Partial<OutboxRow> = {}, group = SHOP): KeptOf<'outbox_put'> {
  return { kind: 'outbox_put', group, row: outboxRow(posReference, more) }
}

export function outboxDropped(posReference: string, group = SHOP): KeptOf<'outbox_dropped'> {
  return { kind: 'outbox_dropped', group, posReference: reference(posReference) }
}

export function tokenKept(digest: string, more: Partial<KnownToken> = {}): KeptOf<'token_kept'> {
  const who = { subject: `subject of ${digest}`, name: `name of ${digest}`, role: 'waiter' } as const
  return { kind: 'token_kept', token: { digest, ...who, configIds: [7, 8], checkedAt: 1_700_000_000_013, ...more } }
}

export function tokenForgotten(digest: string): KeptOf<'token_forgotten'> {
  return { kind: 'token_forgotten', digest }
}

export function paymentsSettled(posReference: string, note: string, group = SHOP): KeptOf<'payments_settled'> {
  return { kind: 'payments_settled', group, posReference: reference(posReference), at: 1_700_000_000_014, note }
}

export function timeSeen(wall: number): KeptOf<'time_seen'> {
  return { kind: 'time_seen', wall, day: '2026-11-22' }
}
