import type {
  DeviceId,
  GroupId,
  Holds,
  PosReference,
  ProtocolVersion,
  Role,
  SessionId,
  SnapshotFacts,
  TerminalId,
  TerminalWords,
} from '../protocol/mod.ts'
import type { OdooAnswer } from './odoo.ts'
import type { KnownToken } from './state.ts'

/** A socket, as the gateway numbers it; never used twice while the hub runs. */
export type LineId = number

/** A terminal whose token was found good. Secrets and chance come from outside: the core has neither. */
export type SignIn = {
  readonly kind: 'sign_in'
  readonly line: LineId
  readonly protocol: ProtocolVersion
  readonly group: GroupId
  readonly deviceId: DeviceId
  readonly subject: string
  readonly name: string
  readonly role: Role
  readonly configId: number | null
  readonly resume: Returning | null
  readonly fresh: Fresh
  /** How the second-tab rule was settled, if it had to be. */
  readonly settled: { readonly takeOver: TerminalId | null } | null
}

/** What a v2 terminal says of the session it had. `sessionKey` is the digest of its secret. */
export type Returning = {
  readonly sessionId: SessionId
  readonly sessionKey: string
  readonly epoch: string
  readonly seq: number
  readonly holds: Holds
}

/** Made by chance for this sign-in, used if it needs a new terminal or session. */
export type Fresh = { readonly terminalId: TerminalId; readonly sessionId: SessionId; readonly sessionKey: string }

/** A frame of a terminal that is signed in. */
export type SaidBy = {
  readonly kind: 'said'
  readonly line: LineId
  readonly message: TerminalWords
  readonly facts: SnapshotFacts
  /** Digest of what the frame carries, to tell a resend from a msgId used twice. Empty where nothing is carried. */
  readonly digest: string
}

/** A terminal that has joined, to be told where it stands. `sessionId` is null for v1. */
export type Welcome = {
  readonly kind: 'welcome'
  readonly line: LineId
  readonly sessionId: SessionId | null
  readonly since: { readonly epoch: string; readonly seq: number } | null
}

/** What came of a call to Odoo. `chance`, from 0 up to 1, spreads retries: the core has no chance of its own. */
export type OdooAnswered = {
  readonly kind: 'odoo_answered'
  readonly call: number
  readonly result: OdooAnswer
  readonly chance: number
}

/** Something that a person wants done; the reply goes to whoever gave it this number. */
export type Asked = {
  readonly kind: 'asked'
  readonly ask: number
  /** Who, for the audit: the user of the machine, or of the admin page. */
  readonly person: string
  readonly group: GroupId
  readonly posReference: PosReference
  readonly wish: Wish
}

export type Wish =
  /** Try it (again) now. */
  | { readonly kind: 'retry' }
  /** A person has entered the sale in Odoo by hand; `orderId` is 0 where the number is not known. */
  | { readonly kind: 'entered'; readonly note: string; readonly orderId: number }
  /** The second payments of the order were looked at and given back, or entered. */
  | { readonly kind: 'payments_settled'; readonly note: string }

export type Command =
  | SignIn
  | Welcome
  | SaidBy
  | OdooAnswered
  | Asked
  /** What Odoo said of a token; null: not good any more. */
  | { readonly kind: 'token_checked'; readonly digest: string; readonly token: KnownToken | null }
  /** The socket is gone. */
  | { readonly kind: 'line_closed'; readonly line: LineId }
  /** A WebSocket pong. */
  | { readonly kind: 'pong'; readonly line: LineId }
  /** A deadline may be due. */
  | { readonly kind: 'tick' }
  /** The hub itself did not run for this long. */
  | { readonly kind: 'stalled'; readonly gapMs: number }
