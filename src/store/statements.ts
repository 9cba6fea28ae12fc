import type {
  AuditRow,
  FloorRow,
  GrantRow,
  MessageRow,
  OrderRow,
  OutboxRowOnDisk,
  SecondPaymentRow,
  TableRow,
  TerminalRow,
  TicketMessageRow,
  TicketRow,
  TokenRow,
  VersionRow,
} from './rows.ts'

type Run<P> = { run(params: P): unknown }
type All<P, R> = { all(params: P): R[] }
type Get<P, R> = { get(params: P): R | undefined }

export type InGroup = { readonly groupId: string }
export type Named = InGroup & { readonly posReference: string }
export type Newest = { readonly countMax: number }
export type Keep = Named & { readonly keep: number }

/** Everything the store says to its tables, so that two kinds of tables can stand behind one store. */
export interface Statements {
  readonly putMeta: Run<{ readonly key: string; readonly value: string }>
  readonly addGroup: Run<{ readonly id: string; readonly seq: number }>
  readonly putGroup: Run<{ readonly id: string; readonly seq: number }>
  readonly putTerminal: Run<TerminalRow>
  readonly dropTerminal: Run<{ readonly terminalId: string }>
  readonly putOrder: Run<OrderRow>
  readonly addVersion: Run<VersionRow>
  /** Keeps the newest `keep` versions of an order. */
  readonly trimVersions: Run<Keep>
  readonly putMessage: Run<MessageRow>
  readonly dropMessage: Run<Pick<MessageRow, 'groupId' | 'posReference' | 'msgId'>>
  /** Does nothing where the same content is there already. */
  readonly addSecondPayment: Run<SecondPaymentRow>
  /** Those of an order that no person has looked at yet. */
  readonly settlePayments: Run<Named & { readonly at: number; readonly note: string }>
  readonly putOutbox: Run<OutboxRowOnDisk>
  readonly dropOutbox: Run<Named>
  readonly putToken: Run<TokenRow>
  readonly dropToken: Run<{ readonly digest: string }>
  readonly putGrant: Run<GrantRow>
  readonly dropGrant: Run<Pick<GrantRow, 'groupId' | 'kind' | 'key'>>
  readonly putTable: Run<TableRow>
  readonly putFloor: Run<FloorRow>
  readonly putTicket: Run<TicketRow>
  readonly dropTicket: Run<Pick<TicketRow, 'groupId' | 'day' | 'orderType'>>
  readonly putTicketMessage: Run<TicketMessageRow>
  readonly dropTicketMessage: Run<Pick<TicketMessageRow, 'groupId' | 'deviceId' | 'msgId'>>
  readonly addAudit: Run<AuditRow>

  readonly meta: All<Record<never, never>, { key: string; value: string }>
  readonly groups: All<Record<never, never>, { id: string; seq: number }>
  /** Least lately active first. */
  readonly terminals: All<Record<never, never>, TerminalRow>
  readonly openOrders: All<InGroup, OrderRow>
  /** Newest change first. */
  readonly closedOrders: All<InGroup & Newest, OrderRow>
  readonly order: Get<Named, OrderRow>
  /** Final or finalizing, oldest change first. */
  readonly paidOrders: All<InGroup & { since: number; offset: number; countMax: number }, OrderRow>
  readonly newestVersion: Get<Named, VersionRow>
  /** Oldest first. */
  readonly versions: All<Named, VersionRow>
  /** Newest first. */
  readonly messages: All<Named & Newest, MessageRow>
  /** Oldest first. */
  readonly outbox: All<InGroup, OutboxRowOnDisk>
  /** Oldest check first. */
  readonly tokens: All<Record<never, never>, TokenRow>
  /** Those that no person has looked at yet, oldest first. */
  readonly secondPayments: All<InGroup, SecondPaymentRow>
  readonly secondPaymentsOf: All<Named, { digest: string }>
  readonly grants: All<InGroup, GrantRow>
  readonly tables: All<InGroup, TableRow>
  readonly floors: All<InGroup, FloorRow>
  /** Oldest day first. */
  readonly tickets: All<InGroup, TicketRow>
  /** Newest first. */
  readonly ticketMessages: All<InGroup & Newest, TicketMessageRow>
  /** Newest first. */
  readonly audit: All<InGroup & Newest, AuditRow>
}
