import type {
  ClosedOrder,
  DeviceId,
  Epoch,
  FloorId,
  GroupId,
  Held,
  Ms,
  MsgId,
  Opaque,
  OrderState,
  PosReference,
  ProtocolVersion,
  Role,
  TableId,
  TerminalId,
} from '../protocol/mod.ts'
import type { LineId, SignIn } from './command.ts'
import type { OutboxItem, Road } from './outbox.ts'

/** What `now` is in three ways: for deadlines, for people, and as a business day (`2026-11-22`). */
export type Moment = { readonly now: Ms; readonly wall: Ms; readonly day: string }

export type Settings = {
  readonly leaseMs: Ms
  readonly lockMs: Ms
  readonly heartbeatMs: Ms
  readonly graceMs: Ms
  readonly hubVersion: string
  /** Null: no Odoo is configured; what is meant for it waits on the disk. */
  readonly odoo: OdooRules | null
  /** The group of each configuration that has one of its own; all others are in `default`. */
  readonly groups: ReadonlyMap<number, GroupId>
}

/** Configurations that no group names share the default one. */
export function groupOfConfig(groups: Settings['groups'], configId: number | null): GroupId {
  return (configId === null ? undefined : groups.get(configId)) ?? ('default' as GroupId)
}

/** How orders go to Odoo. */
export type OdooRules = {
  readonly forwardIntervalMs: Ms
  readonly forwardBatch: number
  /** Drafts go too, not only what is completed. */
  readonly forwardsDrafts: boolean
  /** After this time a call that was given up cannot be carried out any more. */
  readonly deadMs: Ms
}

/** What a lock or lease is about: a table by its number, or an order by its reference. */
export type GrantKind = 'lock' | 'lease'

/** The one mechanism under table locks and order leases. `deadline`, `line` and `denied` live in memory only. */
export type Grant = {
  readonly kind: GrantKind
  readonly key: string
  readonly holder: TerminalId
  readonly fence: number
  deadline: Ms
  /** The socket whose plain HEARTBEAT renews it; null after a return, until the terminal shows that it still means it. */
  line: LineId | null
  /** Who asked for it in vain since it was granted. */
  readonly denied: Set<TerminalId>
}

export type TerminalPhase = 'live' | 'grace' | 'ended'

/** A terminal and its session. What is below `phase` lives in memory only. */
export type Terminal = {
  readonly terminalId: TerminalId
  readonly group: GroupId
  readonly deviceId: DeviceId
  readonly subject: string
  readonly protocol: ProtocolVersion
  /** Digest of the v2 session secret; null for v1. */
  readonly sessionKey: string | null
  /** It came with what it knew from another epoch, so it may know orders at higher versions than ours. */
  readonly foreign: boolean
  readonly name: string
  readonly role: Role
  /** The `pos.config` it sells at, where its AUTH or token says so. */
  readonly configId: number | null
  readonly lastActive: Ms
  phase: TerminalPhase
  line: LineId | null
  heardAt: Ms
  pingAt: Ms
  graceUntil: Ms
}

export type MessageKind = 'snapshot' | 'release' | 'finalize' | 'second' | 'discard'

/** One msgId that an order knows: what it was and what was answered. */
export type Message = {
  readonly msgId: MsgId
  readonly kind: MessageKind
  readonly digest: string
  readonly version: number
  readonly seq: number
}

/** What a finalize wrote down, until Odoo has answered. */
export type Finalize = {
  readonly configId: number
  readonly msgId: MsgId | null
  /** Of the snapshot's canonical JSON: tells a repetition from another payment. Empty: the stored content tells. */
  readonly digest: string
  /** Wall time of the payment: the age that people see. */
  readonly since: Ms
  /** The terminal already has a definite answer of the direct road: Odoo's order id. */
  readonly settledOrderId: number | null
  readonly refusal: Refusal | null
}

/** Why an order needs a person. */
export type Refusal = {
  readonly code: 'ODOO_REFUSED' | 'CLIENT_OUTDATED' | 'PARKED'
  readonly text: string
  /** What Odoo has under this reference, as it answered. */
  readonly theirs: Opaque | null
}

export type FinalResult = { readonly orderId: number; readonly lineIdMap: Opaque; readonly fiscal: Opaque | null }

/** An order without its history. */
export type OrderRecord = {
  readonly posReference: PosReference
  readonly state: OrderState
  readonly version: number
  readonly seq: number
  readonly tableId: number | null
  readonly status: string | null
  readonly author: TerminalId
  readonly at: Ms
  readonly finalize: Finalize | null
  readonly result: FinalResult | null
}

/** A v1 terminal that finalized and has not heard: it is told after 10 s. In memory only. */
export type Waiter = { readonly line: LineId; at: Ms }

export type Order = {
  record: OrderRecord
  snapshot: Opaque
  /** The last msgIds, oldest first. */
  readonly messages: Map<MsgId, Message>
  /** Digests of the other payments that are kept for it. */
  readonly secondPayments: Set<string>
  waiters: Waiter[]
}

export type Table = {
  readonly tableId: TableId
  readonly status: string
  readonly posReference: PosReference | null
  readonly author: TerminalId
  readonly seq: number
  readonly at: Ms
}

export type Floor = {
  readonly floorId: FloorId
  readonly tables: Opaque
  readonly layoutMode: string | null
  readonly author: TerminalId
  readonly seq: number
  readonly at: Ms
}

/** A ticket request that was answered: its msgId is the device's own, unlike an order's. */
export type TicketMessage = {
  readonly deviceId: DeviceId
  readonly msgId: MsgId
  readonly orderType: string
  readonly number: number
}

export type Closed = Held<ClosedOrder> & { readonly seq: number }

/** What `HUB_STATUS` last told a group, and when. */
export type ToldStatus = { readonly text: string; readonly at: Ms }

export type Group = {
  readonly id: GroupId
  seq: number
  /** Active orders. */
  readonly orders: Map<PosReference, Order>
  /** The last closed orders, whole; read from the disk when a command names an older one. */
  readonly closedWhole: Map<PosReference, Order>
  /** The last closed orders by name, oldest change first; for deltas. */
  readonly closed: Map<PosReference, Closed>
  /** Closures up to this seq may be missing from `closed`. */
  closedFloor: number
  readonly grants: Map<string, Grant>
  readonly tables: Map<number, Table>
  readonly floors: Map<number, Floor>
  /** Last number given by `day/type`, oldest day first. */
  readonly tickets: Map<string, number>
  /** By device and msgId, oldest first. */
  readonly ticketMessages: Map<string, TicketMessage>
  /** What is on its way to Odoo, one row an order, in the order in which the rows came. */
  readonly outbox: Map<PosReference, OutboxItem>
  /** How many of them wait for a person. */
  outboxParked: number
  /** Orders with v1 terminals that wait for an answer. */
  readonly waiting: Set<PosReference>
  told: ToldStatus | null
}

/** A v1 newcomer whose device is already live on other sockets: their pongs decide who it is. */
export type Contest = { readonly signIn: SignIn; readonly waiting: Set<LineId>; deadline: Ms }

/** What Odoo said of a token, so that a shop can open while Odoo is away. The token itself is never kept. */
export type KnownToken = {
  readonly digest: string
  readonly subject: string
  readonly name: string
  readonly role: Role
  readonly configIds: readonly number[]
  /** Wall time of Odoo's last "yes". */
  readonly checkedAt: Ms
}

export type Hub = {
  readonly settings: Settings
  readonly epoch: Epoch
  fence: number
  /** The newest time that is stored, and its business day: a wall clock behind it is not set. */
  newestWall: Ms
  newestDay: string
  readonly groups: Map<GroupId, Group>
  readonly terminals: Map<TerminalId, Terminal>
  readonly lines: Map<LineId, TerminalId>
  readonly contests: Map<LineId, Contest>
  odoo: 'online' | 'offline'
  readonly road: Road
  /** Tokens that Odoo found good, by digest, oldest check first. */
  readonly signIns: Map<string, KnownToken>
  snapshotChars: number
  /** Nothing is due before this; it may be too early, never too late. */
  nextDeadline: Ms
}

export function createGroup(id: GroupId): Group {
  return {
    id,
    seq: 0,
    orders: new Map(),
    closedWhole: new Map(),
    closed: new Map(),
    closedFloor: 0,
    grants: new Map(),
    tables: new Map(),
    floors: new Map(),
    tickets: new Map(),
    ticketMessages: new Map(),
    outbox: new Map(),
    outboxParked: 0,
    waiting: new Set(),
    told: null,
  }
}

/** An order that the hub has in memory, active or lately closed. */
export function orderOf(group: Group, posReference: PosReference): Order | undefined {
  return group.orders.get(posReference) ?? group.closedWhole.get(posReference)
}

export function terminalOnLine(hub: Hub, line: LineId): Terminal | undefined {
  const terminalId = hub.lines.get(line)
  return terminalId === undefined ? undefined : hub.terminals.get(terminalId)
}

/** Terminals number their requests each by themselves: two may well use the same msgId. */
export function ticketKey({ deviceId, msgId }: Pick<TicketMessage, 'deviceId' | 'msgId'>): string {
  return JSON.stringify([deviceId, msgId])
}

/** A counter of tickets: `2026-11-22/takeout`; sorted as text, the oldest day comes first. */
export function dayKey({ day, orderType }: { readonly day: string; readonly orderType: string }): string {
  return `${day}/${orderType}`
}
