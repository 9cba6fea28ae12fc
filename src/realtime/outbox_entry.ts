import type { NewEntry, OutboxEntry, OutboxRefusal, OutboxRoad } from './outbox.ts'

/** What may happen to entries, without the place where they are kept: disk and memory judge alike. */

export type OutboxLimits = { readonly entriesMax: number; readonly bytesMax: number }

export const OUTBOX_LIMITS: OutboxLimits = {
  /** A full day of a busy till without any network writes some 3,000 changes. */
  entriesMax: 10_000,
  /** As UTF-8. Every open tab holds them in memory too, on tablets with 2 GB for everything. */
  bytesMax: 50 * 1024 * 1024,
}

/** A refusal is read on a screen; a server's page of HTML is cut to what can be. */
const REFUSAL_CHARACTERS_MAX = 2_000

/** An entry before it has its place in the order. */
export type Draft = { readonly entry: Omit<OutboxEntry, 'n'>; readonly bytes: number }

/** An entry as it is kept. */
export type Row = { readonly n: number; readonly id: string; readonly bytes: number; readonly entry: OutboxEntry }

/** `n` is the last one given out, and never falls; `revision` grows with each write. */
export type Totals = {
  readonly n: number
  readonly count: number
  readonly bytes: number
  readonly revision: number
}

export const NO_TOTALS: Totals = { n: 0, count: 0, bytes: 0, revision: 0 }

export type Change =
  | { readonly kind: 'begin'; readonly road: OutboxRoad }
  | { readonly kind: 'refuse'; readonly why: OutboxRefusal }
  | { readonly kind: 'done' }
  | { readonly kind: 'dismiss' }

/** A copy as JSON: what the caller does to its object afterwards changes nothing. A payload that is no JSON is a bug. */
export function createDraft(entry: NewEntry, at: number): Draft {
  const { id, kind, posReference, payload } = entry
  return draftOf({ id, kind, posReference, payload, road: null, at, refused: null })
}

/** Any entry again as a draft: it gets a new place. */
export function draftOf(entry: Omit<OutboxEntry, 'n'>): Draft {
  const text = JSON.stringify(entry)
  return { entry: JSON.parse(text), bytes: new TextEncoder().encode(text).byteLength }
}

export type Addition =
  | { readonly kind: 'full' }
  /** `rows` are new; `entries` are all that were asked for, those known before too. */
  | {
      readonly kind: 'added'
      readonly rows: readonly Row[]
      readonly entries: readonly OutboxEntry[]
      readonly totals: Totals
    }

/** All or none. A draft whose id is known is there already: adding again after a lost answer adds nothing. */
export function planAdd(
  drafts: readonly Draft[],
  at: { readonly totals: Totals; readonly known: ReadonlyMap<string, Row>; readonly limits: OutboxLimits },
): Addition {
  let { n, count, bytes } = at.totals
  const rows = new Map<string, Row>()
  const entries: OutboxEntry[] = []
  for (const draft of drafts) {
    const { id } = draft.entry
    let row = at.known.get(id) ?? rows.get(id)
    if (row === undefined) {
      n += 1
      count += 1
      bytes += draft.bytes
      row = { n, id, bytes: draft.bytes, entry: { ...draft.entry, n } }
      rows.set(id, row)
    }
    entries.push(row.entry)
  }
  if (rows.size > 0 && (count > at.limits.entriesMax || bytes > at.limits.bytesMax)) return { kind: 'full' }
  const totals = { n, count, bytes, revision: at.totals.revision + (rows.size > 0 ? 1 : 0) }
  return { kind: 'added', rows: [...rows.values()], entries, totals }
}

/** `row` is what is kept from now on, null for nothing; `written` says whether that is new. */
export type Changing = { readonly row: Row | null; readonly written: boolean; readonly totals: Totals }

export function planChange(row: Row | null, change: Change, totals: Totals): Changing {
  if (row === null) return { row, written: false, totals }
  const entry = changeEntry(row.entry, change)
  if (entry === row.entry) return { row, written: false, totals }
  const revision = totals.revision + 1
  if (entry === null) {
    const left = { count: totals.count - 1, bytes: totals.bytes - row.bytes }
    return { row: null, written: true, totals: { ...totals, ...left, revision } }
  }
  return { row: { ...row, entry }, written: true, totals: { ...totals, revision } }
}

/** The same entry where nothing happens; null where it is let go of. */
export function changeEntry(entry: OutboxEntry, change: Change): OutboxEntry | null {
  switch (change.kind) {
    case 'done':
      return null
    case 'dismiss':
      return entry.refused === null ? entry : null
    case 'refuse': {
      const { code, message } = change.why
      return { ...entry, refused: { code, message: message.slice(0, REFUSAL_CHARACTERS_MAX) } }
    }
    case 'begin':
      return mayBegin(entry, change.road) && entry.road !== change.road ? { ...entry, road: change.road } : entry
  }
}

/** A sale stays on its road: it must not reach Odoo over both. Drafts have versions, and may change over. */
function mayBegin(entry: OutboxEntry, road: OutboxRoad): boolean {
  if (entry.refused !== null) return false
  return entry.kind !== 'finalize' || entry.road === null || entry.road === road
}

/** Whether an entry may be sent over this road, after `begin` was written down. */
export function hasBegun(entry: OutboxEntry | null, road: OutboxRoad): boolean {
  return entry !== null && entry.refused === null && entry.road === road
}
