import {
  type GroupId,
  HUB_V2_ONLY,
  type HubWords,
  type Ms,
  type MsgId,
  type Opaque,
  type PosReference,
  type TerminalId,
} from '../protocol/mod.ts'
import type { Command, LineId, SignIn } from './command.ts'
import type { Effect } from './effect.ts'
import type { OdooCall } from './odoo.ts'
import type { Lane, OutboxItem, OutboxRow, Road } from './outbox.ts'
import type {
  Floor,
  GrantKind,
  KnownToken,
  Message,
  Order,
  OrderRecord,
  Table,
  Terminal,
  TicketMessage,
  Waiter,
} from './state.ts'

/** A terminal's record, as it is kept. */
export type TerminalRecord = Omit<Terminal, 'phase' | 'line' | 'heardAt' | 'pingAt' | 'graceUntil'>

export function recordOf(terminal: Terminal): TerminalRecord {
  const {
    phase: _phase,
    line: _line,
    heardAt: _heardAt,
    pingAt: _pingAt,
    graceUntil: _graceUntil,
    ...record
  } = terminal
  return record
}

/** One version in an order's story. */
export type VersionEntry = {
  readonly version: number
  /** What its author had seen: below `version - 1` it replaced something unseen. Null: the author did not say. */
  readonly baseVersion: number | null
  readonly kind: 'snapshot' | 'release' | 'finalize'
  readonly author: TerminalId
  readonly authorName: string
  readonly at: Ms
  readonly snapshot: Opaque
}

export type SecondPayment = {
  readonly posReference: PosReference
  readonly digest: string
  readonly msgId: MsgId | null
  readonly configId: number
  readonly author: TerminalId
  readonly authorName: string
  readonly at: Ms
  readonly snapshot: Opaque
}

/** What people do from the hub itself; `actor` is empty then, and `actorSubject` names them. */
export type PersonDid = 'retried' | 'entered_by_hand' | 'payments_settled'

export type AuditEntry = {
  readonly at: Ms
  readonly what: 'lock_forced' | 'lease_forced' | 'refused_discarded' | PersonDid
  readonly actor: TerminalId | ''
  readonly actorName: string
  /** The person or till in the token; names are the terminal's own to choose. */
  readonly actorSubject: string
  /** The table or order it was done to. */
  readonly subject: string
  readonly loser: TerminalId | null
  readonly loserName: string | null
  readonly reason: string | null
}

/** Changes that go to the disk. */
export type Kept =
  | { readonly kind: 'terminal_kept'; readonly terminal: TerminalRecord }
  | { readonly kind: 'terminal_forgotten'; readonly terminalId: TerminalId }
  | {
      readonly kind: 'order_versioned'
      readonly group: GroupId
      readonly record: OrderRecord
      readonly entry: VersionEntry
      readonly message: Message | null
      /** The oldest msgId, where the order knows too many. */
      readonly forgets?: MsgId
      /** The version before, where it is not one less. */
      readonly previous?: number
    }
  | {
      readonly kind: 'order_marked'
      readonly group: GroupId
      readonly record: OrderRecord
      readonly message: Message | null
      readonly forgets?: MsgId
    }
  | {
      readonly kind: 'second_payment'
      readonly group: GroupId
      readonly payment: SecondPayment
      readonly message: Message | null
      readonly forgets?: MsgId
    }
  | {
      readonly kind: 'granted'
      readonly group: GroupId
      readonly grant: {
        readonly kind: GrantKind
        readonly key: string
        readonly holder: TerminalId
        readonly fence: number
        readonly at: Ms
      }
      readonly deadline: Ms
      readonly line: LineId | null
      readonly denied: readonly TerminalId[]
    }
  | { readonly kind: 'grant_ended'; readonly group: GroupId; readonly grantKind: GrantKind; readonly key: string }
  | { readonly kind: 'table_changed'; readonly group: GroupId; readonly table: Table }
  | { readonly kind: 'floor_changed'; readonly group: GroupId; readonly floor: Floor }
  | {
      readonly kind: 'ticket_given'
      readonly group: GroupId
      readonly day: string
      readonly orderType: string
      readonly number: number
      readonly at: Ms
      readonly message: TicketMessage | null
      readonly forgets?: TicketMessage
      /** The oldest counter, where too many are remembered. */
      readonly forgetsDay?: { readonly day: string; readonly orderType: string }
    }
  | {
      readonly kind: 'payments_settled'
      readonly group: GroupId
      readonly posReference: PosReference
      readonly at: Ms
      readonly note: string
    }
  | { readonly kind: 'outbox_put'; readonly group: GroupId; readonly row: OutboxRow }
  | { readonly kind: 'outbox_dropped'; readonly group: GroupId; readonly posReference: PosReference }
  /** What the add-on's answers show that it can: it outlives a crash, after which it matters most. */
  | { readonly kind: 'add_on_known'; readonly tellsCreated: boolean }
  | { readonly kind: 'token_kept'; readonly token: KnownToken }
  | { readonly kind: 'token_forgotten'; readonly digest: string }
  | { readonly kind: 'audited'; readonly group: GroupId; readonly entry: AuditEntry }
  /** The newest time on the disk: a wall clock behind it is not set. */
  | { readonly kind: 'time_seen'; readonly wall: Ms; readonly day: string }

/** Changes that live in memory only: an SD card wears out, and none of them outlives the process. */
export type Passing =
  | { readonly kind: 'order_loaded'; readonly group: GroupId; readonly order: Order }
  | {
      readonly kind: 'line_joined'
      readonly line: LineId
      readonly terminalId: TerminalId
      readonly now: Ms
      readonly returning: boolean
      readonly holds: ReadonlySet<string>
    }
  | { readonly kind: 'line_left'; readonly line: LineId; readonly now: Ms }
  | { readonly kind: 'session_ended'; readonly terminalId: TerminalId }
  | { readonly kind: 'heard'; readonly terminalId: TerminalId; readonly now: Ms }
  | { readonly kind: 'pinged'; readonly terminalId: TerminalId; readonly now: Ms }
  | {
      readonly kind: 'renewed'
      readonly group: GroupId
      readonly grantKind: GrantKind
      readonly key: string
      readonly deadline: Ms
      readonly line: LineId
    }
  | {
      readonly kind: 'denied'
      readonly group: GroupId
      readonly grantKind: GrantKind
      readonly key: string
      readonly terminalId: TerminalId
    }
  | {
      readonly kind: 'contest_opened'
      readonly signIn: SignIn
      readonly waiting: ReadonlySet<LineId>
      readonly deadline: Ms
    }
  | { readonly kind: 'contest_answered'; readonly line: LineId; readonly by: LineId }
  | { readonly kind: 'contest_closed'; readonly line: LineId }
  | {
      readonly kind: 'waiter_added'
      readonly group: GroupId
      readonly posReference: PosReference
      readonly waiter: Waiter
    }
  | { readonly kind: 'waiters_told'; readonly group: GroupId; readonly posReference: PosReference; readonly now: Ms }
  /** `lane` is missing for calls that no session of Odoo minds. */
  | {
      readonly kind: 'call_begun'
      readonly call: OdooCall
      readonly lane?: number | null
      readonly now: Ms
      readonly gapMs: Ms
    }
  | { readonly kind: 'call_ended'; readonly call: number }
  | {
      readonly kind: 'item_timed'
      readonly group: GroupId
      readonly posReference: PosReference
      readonly times: Partial<
        Pick<
          OutboxItem,
          'notBefore' | 'restUntil' | 'deadAt' | 'isLooked' | 'isAlone' | 'isSuspect' | 'lookMisses' | 'foundId'
        >
      >
    }
  | {
      readonly kind: 'lane_timed'
      readonly configId: number | null
      readonly times: Partial<Pick<Lane, 'notBefore' | 'waits' | 'forwardAt'>>
    }
  | {
      readonly kind: 'road_set'
      readonly values: Partial<Omit<Road, 'calls' | 'lanes' | 'lastCall'>>
      readonly odoo?: 'online' | 'offline'
    }
  /** Odoo has taken one order more. */
  | { readonly kind: 'odoo_took'; readonly at: Ms }
  | { readonly kind: 'road_planned'; readonly at: Ms }
  /** Odoo answers again: whatever rested because it was away goes at once. */
  | { readonly kind: 'odoo_back'; readonly now: Ms }
  | { readonly kind: 'status_told'; readonly group: GroupId; readonly text: string; readonly at: Ms }
  | { readonly kind: 'stalled'; readonly gapMs: Ms }
  | { readonly kind: 'deadline_set'; readonly at: Ms }

/** To remember. */
export type Change = Kept | Passing

export type { Effect, Reply, ReplyCode } from './effect.ts'

export type Outcome = {
  readonly changes: Change[]
  readonly effects: Effect[]
  /** To be decided next, in the same step, on the state that the changes made. */
  readonly next: Command[]
}

export function createOutcome(): Outcome {
  return { changes: [], effects: [], next: [] }
}

const PASSING: ReadonlySet<string> = new Set<Passing['kind']>([
  'order_loaded',
  'line_joined',
  'line_left',
  'session_ended',
  'heard',
  'pinged',
  'renewed',
  'denied',
  'contest_opened',
  'contest_answered',
  'contest_closed',
  'waiter_added',
  'waiters_told',
  'call_begun',
  'call_ended',
  'item_timed',
  'lane_timed',
  'road_set',
  'odoo_took',
  'road_planned',
  'odoo_back',
  'status_told',
  'stalled',
  'deadline_set',
])

export function isKept(change: Change): change is Kept {
  return !PASSING.has(change.kind)
}

/** Tells one terminal, if it is there and knows the word. */
export function tell(out: Outcome, terminal: Terminal | undefined, message: HubWords): void {
  if (terminal === undefined || terminal.line === null) return
  if (terminal.protocol === 1 && HUB_V2_ONLY.has(message.type)) return
  out.effects.push({ kind: 'send', line: terminal.line, message })
}

/** Tells the whole group, but not `except`. */
export function tellGroup(out: Outcome, group: GroupId, message: HubWords, except: LineId | null = null): void {
  out.effects.push({ kind: 'broadcast', group, message, except })
}
