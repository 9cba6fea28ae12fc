/** What is on its way to Odoo: one row an order, on the disk, and what of it lives in memory only. */
import type { Ms, Opaque, PosReference } from '../protocol/mod.ts'
import type { CallItem, OdooCall } from './odoo.ts'
import type { Group, Hub, OrderRecord } from './state.ts'

/** Why something did not go through, for people; the code is an `OdooFailure`'s, or one of our own. */
export type Trouble = { readonly code: string; readonly text: string }

/** A refusal that is not definite yet, because an earlier call was never answered. */
export type Verdict = Trouble & { readonly theirs: Opaque | null }

/** One row an order: a newer version takes the place of an older one, so that no old retry can overtake it. */
export type OutboxRow = {
  readonly posReference: PosReference
  /** `finalize`: a paid order that Odoo must make. `forward`: a version that Odoo should see. */
  readonly kind: 'finalize' | 'forward'
  readonly configId: number | null
  /** The newest version of the order. */
  readonly version: number
  /** Wall time since which it waits; the oldest goes first. */
  readonly since: Ms
  readonly attempts: number
  readonly sentVersion: number | null
  /** Wall time of the call that runs: on the disk before the call is made, null again when it is answered. */
  readonly sentAt: Ms | null
  /** Wall time of the last call that was given up without an answer. */
  readonly unansweredAt: Ms | null
  readonly verdict: Verdict | null
  readonly trouble: Trouble | null
  /** Odoo said a definite no to a version that was only forwarded: it waits for a person or a newer version. */
  readonly isParked: boolean
}

/** The row, and what is forgotten with the process. */
export type OutboxItem = {
  row: OutboxRow
  /** The call that it is in. */
  call: number | null
  /** It rests until then. */
  notBefore: Ms
  /** A look-up may go before: a call that changes something does not. */
  restUntil: Ms
  /** Calls that were given up before are over by then. */
  deadAt: Ms
  /** Odoo was asked for this reference since the last call without an answer. */
  isLooked: boolean
  /** It goes by itself: the batch that it was in was refused as a whole. */
  isAlone: boolean
  /** Its calls end as if the server were away, again and again: others go first, or it would keep them from going. */
  isSuspect: boolean
  /** Look-ups in a row that failed. */
  lookMisses: number
  /** Odoo's order of this sale, as a look-up found it, until the add-on has confirmed it. */
  foundId: number | null
}

export type Lane = {
  call: number | null
  /** No open session: nothing of this lane goes before. */
  notBefore: Ms
  /** How often in a row that was so. */
  waits: number
  /** The next batch. */
  forwardAt: Ms
}

/** The road to Odoo as it is just now; in memory only. */
export type Road = {
  readonly calls: Map<number, OdooCall>
  lastCall: number
  /** Set: Odoo may be away, and nothing goes but one probe at that time. */
  probeAt: Ms | null
  probes: number
  /** Calls in a row that were given up without an answer. */
  misses: number
  /** When Odoo last answered anything. */
  heardAt: Ms
  nextCallAt: Ms
  /** One for each configuration: Odoo does one thing at a time in a session. */
  readonly lanes: Map<number | null, Lane>
  sweepAt: Ms
  readonly sweepLeft: CallItem[]
  canLook: boolean
  /** The add-on's answers say `created`: it knows a repetition when it sees one. */
  tellsCreated: boolean
  trouble: (Trouble & { readonly since: Ms }) | null
  /** When there is something to do next. */
  nextAt: Ms
  /** Orders that Odoo has taken since the hub started. */
  takenCount: number
  /** Wall time of the last of them. */
  takenAt: Ms | null
}

export function createRoad(now: Ms, isOpen: boolean): Road {
  return {
    calls: new Map(),
    lastCall: 0,
    probeAt: isOpen ? now : null,
    probes: 0,
    misses: 0,
    heardAt: now,
    nextCallAt: now,
    lanes: new Map(),
    sweepAt: now,
    sweepLeft: [],
    canLook: true,
    tellsCreated: false,
    trouble: null,
    nextAt: isOpen ? now : Number.POSITIVE_INFINITY,
    takenCount: 0,
    takenAt: null,
  }
}

export function createItem(row: OutboxRow, notBefore: Ms): OutboxItem {
  return {
    row,
    call: null,
    notBefore,
    restUntil: notBefore,
    deadAt: Number.NEGATIVE_INFINITY,
    isLooked: false,
    isAlone: false,
    isSuspect: false,
    lookMisses: 0,
    foundId: null,
  }
}

export function newRow(row: Pick<OutboxRow, 'posReference' | 'kind' | 'configId' | 'version' | 'since'>): OutboxRow {
  return {
    ...row,
    attempts: 0,
    sentVersion: null,
    sentAt: null,
    unansweredAt: null,
    verdict: null,
    trouble: null,
    isParked: false,
  }
}

/** A call was made of which nobody knows how it ended. */
export function isUnanswered({ row, call }: OutboxItem): boolean {
  return row.unansweredAt !== null || (row.sentAt !== null && call === null)
}

/** A call with it runs, or was given up and may still be carried out. */
export function mayLand(item: OutboxItem): boolean {
  return item.call !== null || isUnanswered(item)
}

/** When a call that is given up now must be over. */
export function deadAfter(hub: Hub, now: Ms): Ms {
  return now + (hub.settings.odoo?.deadMs ?? 0)
}

/**
 * Payments of that configuration wait for a session of Odoo to be opened; null where nothing says so. The text is for
 * people.
 */
export function sessionMissing(hub: Hub, configId: number | null): SessionMissing | null {
  const waits = hub.road.lanes.get(configId)?.waits ?? 0
  const text = `Odoo has no open session for the point of sale ${configId}.`
  return waits === 0 ? null : { code: 'NO_OPEN_SESSION', text }
}

export type SessionMissing = { readonly code: 'NO_OPEN_SESSION'; readonly text: string }

/** What waits for Odoo, without what waits for a person. */
export function pendingCount(group: Group): number {
  return group.outbox.size - group.outboxParked
}

/** Words that say a guest has paid, in the terminals' language and in Odoo's. */
const PAID: ReadonlySet<string> = new Set(['paid', 'done', 'invoiced', 'posted'])

/** Words that say an order is over without being paid. */
const ENDED: ReadonlySet<string> = new Set(['closed', 'cancelled', 'canceled', 'cancel'])

/** Its snapshot says that it is paid, and no payment came for it. */
export function saysPaid({ state, status }: Pick<OrderRecord, 'state' | 'status'>): boolean {
  return state === 'open' && status !== null && PAID.has(status)
}

/** Its snapshot says that it is over, without being paid. */
export function saysEnded({ state, status }: Pick<OrderRecord, 'state' | 'status'>): boolean {
  return state === 'open' && status !== null && ENDED.has(status)
}

/** Whether Odoo should see this version; finalizing, refused, parked and final orders have a road of their own. */
export function isForwarded(record: Pick<OrderRecord, 'state' | 'status'>, drafts: boolean): boolean {
  if (record.state === 'discarded') return true
  if (record.state !== 'open') return false
  return drafts || saysPaid(record) || saysEnded(record)
}

/** Odoo's states of an order that was paid. */
export function isPaidInOdoo(state: string): boolean {
  return PAID.has(state)
}
