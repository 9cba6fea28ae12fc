/** Changes to rows and rows to state: the one place that knows both forms. Everything here was written by us. */
import type * as tables from '../../db/schema.ts'
import type { OutboxRow, Trouble } from '../core/outbox.ts'
import type { AuditEntry, Kept, SecondPayment, TerminalRecord, VersionEntry } from '../core/outcome.ts'
import type {
  Finalize,
  FinalResult,
  Floor,
  KnownToken,
  Message,
  OrderRecord,
  Table,
  TicketMessage,
} from '../core/state.ts'
import type { StoredGrant } from '../core/stored.ts'
import { type GroupId, isActive, Opaque } from '../protocol/mod.ts'

type Row<T extends { readonly $inferSelect: unknown }> = T['$inferSelect']

export type TerminalRow = Row<typeof tables.terminals>
export type OrderRow = Row<typeof tables.orders>
export type VersionRow = Row<typeof tables.orderVersions>
export type MessageRow = Omit<Row<typeof tables.orderMessages>, 'n'>
export type OutboxRowOnDisk = Row<typeof tables.outbox>
export type TokenRow = Row<typeof tables.knownTokens>
export type SecondPaymentRow = Row<typeof tables.secondPayments>
export type GrantRow = Row<typeof tables.grants>
export type TableRow = Row<typeof tables.tables>
export type FloorRow = Row<typeof tables.floors>
export type TicketRow = Row<typeof tables.tickets>
export type TicketMessageRow = Omit<Row<typeof tables.ticketMessages>, 'n'>
export type AuditRow = Omit<Row<typeof tables.audit>, 'n'>

type KeptOf<K extends Kept['kind']> = Extract<Kept, { readonly kind: K }>

export function terminalRow(record: TerminalRecord): TerminalRow {
  const { group, foreign, lastActive, ...same } = record
  return { ...same, groupId: group, foreignEpoch: foreign ? 1 : 0, lastActiveAt: lastActive }
}

export function terminalOf(row: TerminalRow): TerminalRecord {
  const { groupId, foreignEpoch, lastActiveAt, ...same } = row
  // The row was made from a TerminalRecord; the columns only widen its branded and literal types.
  return { ...same, group: groupId, foreign: foreignEpoch === 1, lastActive: lastActiveAt } as TerminalRecord
}

export function orderRow(groupId: GroupId, record: OrderRecord): OrderRow {
  const { finalize, result, ...same } = record
  return {
    ...same,
    groupId,
    closed: isActive(record.state) ? 0 : 1,
    paidAt: finalize?.since ?? null,
    paidDigest: finalize?.digest ?? null,
    configId: finalize?.configId ?? null,
    finalizeMsgId: finalize?.msgId ?? null,
    settledOrderId: finalize?.settledOrderId ?? null,
    refusalCode: finalize?.refusal?.code ?? null,
    refusalText: finalize?.refusal?.text ?? null,
    refusalTheirs: finalize?.refusal?.theirs?.json ?? null,
    orderId: result?.orderId ?? null,
    lineIdMap: result?.lineIdMap.json ?? null,
    fiscal: result?.fiscal?.json ?? null,
  }
}

export function orderOfRow(row: OrderRow): OrderRecord {
  const { posReference, state, version, seq, tableId, status, author, at } = row
  const same = { posReference, state, version, seq, tableId, status, author, at }
  return { ...same, finalize: finalizeOf(row), result: resultOf(row) } as OrderRecord
}

function finalizeOf(row: OrderRow): Finalize | null {
  const { paidAt, paidDigest, configId, finalizeMsgId, settledOrderId } = row
  if (paidAt === null || paidDigest === null || configId === null) return null
  const refusal = verdictOf(row.refusalCode, row.refusalText, row.refusalTheirs)
  const same = { configId, msgId: finalizeMsgId, digest: paidDigest, since: paidAt, settledOrderId, refusal }
  return same as Finalize
}

function resultOf(row: OrderRow): FinalResult | null {
  if (row.orderId === null) return null
  const fiscal = row.fiscal === null ? null : new Opaque(row.fiscal)
  return { orderId: row.orderId, lineIdMap: new Opaque(row.lineIdMap ?? '{}'), fiscal }
}

export function versionRow(change: KeptOf<'order_versioned'>): VersionRow {
  const { snapshot, ...same } = change.entry
  return { ...same, groupId: change.group, posReference: change.record.posReference, snapshot: snapshot.json }
}

export function versionOf(row: VersionRow): VersionEntry {
  const { groupId: _group, posReference: _reference, snapshot, ...same } = row
  return { ...same, snapshot: new Opaque(snapshot) } as VersionEntry
}

export function messageRow(groupId: GroupId, posReference: string, message: Message): MessageRow {
  return { ...message, groupId, posReference }
}

export function messageOf(row: MessageRow): Message {
  const { msgId, kind, digest, version, seq } = row
  return { msgId, kind, digest, version, seq } as Message
}

export function secondPaymentRow(groupId: GroupId, payment: SecondPayment): SecondPaymentRow {
  return { ...payment, groupId, snapshot: payment.snapshot.json, settledAt: null, settledNote: null }
}

export function secondPaymentOf(row: SecondPaymentRow): SecondPayment {
  const { groupId: _group, snapshot, settledAt: _at, settledNote: _note, ...same } = row
  return { ...same, snapshot: new Opaque(snapshot) } as SecondPayment
}

export function outboxRow(groupId: GroupId, row: OutboxRow): OutboxRowOnDisk {
  const { since, verdict, trouble, isParked, ...same } = row
  return {
    ...same,
    groupId,
    sinceAt: since,
    verdictCode: verdict?.code ?? null,
    verdictText: verdict?.text ?? null,
    verdictTheirs: verdict?.theirs?.json ?? null,
    troubleCode: trouble?.code ?? null,
    troubleText: trouble?.text ?? null,
    parked: isParked ? 1 : 0,
  }
}

export function outboxOf(row: OutboxRowOnDisk): OutboxRow {
  const { posReference, kind, configId, version, attempts, sentVersion, sentAt, unansweredAt } = row
  const same = { posReference, kind, configId, version, attempts, sentVersion, sentAt, unansweredAt }
  const verdict = verdictOf(row.verdictCode, row.verdictText, row.verdictTheirs)
  const trouble: Trouble | null =
    row.troubleCode === null ? null : { code: row.troubleCode, text: row.troubleText ?? '' }
  return { ...same, since: row.sinceAt, verdict, trouble, isParked: row.parked === 1 } as OutboxRow
}

function verdictOf(code: string | null, text: string | null, theirs: string | null) {
  return code === null ? null : { code, text: text ?? '', theirs: theirs === null ? null : new Opaque(theirs) }
}

export function tokenRow(token: KnownToken): TokenRow {
  return { ...token, configIds: JSON.stringify(token.configIds) }
}

export function tokenOf(row: TokenRow): KnownToken {
  const configIds: unknown = JSON.parse(row.configIds)
  return { ...row, configIds } as KnownToken
}

export function grantRow(change: KeptOf<'granted'>): GrantRow {
  return { ...change.grant, groupId: change.group }
}

export function grantOf(row: GrantRow): StoredGrant {
  const { groupId: _group, ...same } = row
  return same as StoredGrant
}

export function tableRow(groupId: GroupId, table: Table): TableRow {
  return { ...table, groupId }
}

export function tableOf(row: TableRow): Table {
  const { groupId: _group, ...same } = row
  return same as Table
}

export function floorRow(groupId: GroupId, floor: Floor): FloorRow {
  return { ...floor, groupId, tables: floor.tables.json }
}

export function floorOf(row: FloorRow): Floor {
  const { groupId: _group, tables, ...same } = row
  return { ...same, tables: new Opaque(tables) } as Floor
}

export function ticketMessageRow(groupId: GroupId, message: TicketMessage): TicketMessageRow {
  return { ...message, groupId }
}

export function ticketMessageOf(row: TicketMessageRow): TicketMessage {
  const { deviceId, msgId, orderType, number } = row
  return { deviceId, msgId, orderType, number } as TicketMessage
}

export function auditRow(groupId: GroupId, entry: AuditEntry): AuditRow {
  return { ...entry, groupId }
}

export function auditOf(row: AuditRow): AuditEntry {
  const { at, what, actor, actorName, actorSubject, subject, loser, loserName, reason } = row
  return { at, what, actor, actorName, actorSubject, subject, loser, loserName, reason } as AuditEntry
}
