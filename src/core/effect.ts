import type { CloseCode, GroupId, HubWords, ProtocolVersion } from '../protocol/mod.ts'
import type { LineId } from './command.ts'
import type { OdooCall } from './odoo.ts'

/** To do, after what it rests on is on the disk. */
export type Effect =
  | { readonly kind: 'send'; readonly line: LineId; readonly message: HubWords }
  /** To every terminal of the group that understands it, but not to `except`. */
  | { readonly kind: 'broadcast'; readonly group: GroupId; readonly message: HubWords; readonly except: LineId | null }
  /** The line may speak, and hears its group from here on. */
  | { readonly kind: 'admit'; readonly line: LineId; readonly group: GroupId; readonly protocol: ProtocolVersion }
  | { readonly kind: 'close'; readonly line: LineId; readonly code: CloseCode }
  | { readonly kind: 'ping'; readonly line: LineId }
  /** To Odoo; its intent is on the disk. */
  | { readonly kind: 'call'; readonly call: OdooCall }
  /** To whoever asked, by the number that came with it. */
  | { readonly kind: 'reply'; readonly ask: number; readonly reply: Reply }
  /** For the log: something a person may want to know. */
  | { readonly kind: 'note'; readonly event: string; readonly fields: { readonly [key: string]: unknown } }

/** What became of a person's wish. */
export type Reply = { readonly ok: true } | { readonly ok: false; readonly code: ReplyCode; readonly text: string }

export type ReplyCode = 'ORDER_UNKNOWN' | 'NOTHING_TO_DO' | 'LEASE_HELD'
