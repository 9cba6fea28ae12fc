import type { OutboxEntry, OutboxKind } from './outbox.ts'
import type { LocalStore } from './outbox_device.ts'
import { type Draft, draftOf } from './outbox_entry.ts'
import type { OutboxStorage } from './outbox_storage.ts'

/**
 * What the earlier kind of till kept in `localStorage`: taken over once, all of it or nothing, and only then removed.
 * Its shape is read leniently; an entry that says nothing that could be sent stays visible, refused, with its text.
 */

export const LEGACY_KEY = 'pos_sync_outbox'

/** A till that still runs the earlier code may write while we read; then it is read again. */
const READINGS_MAX = 3

export async function takeOver(from: {
  readonly storage: OutboxStorage
  readonly local: LocalStore | undefined
  readonly at: number
}): Promise<{ readonly tookOver: boolean; readonly isFull: boolean }> {
  const { storage, local, at } = from
  let tookOver = false
  for (let reading = 0; reading < READINGS_MAX; reading += 1) {
    const text = readOld(local)
    const mark = text === null ? '' : digest(text)
    const drafts = text === null ? [] : readLegacy(text, at)
    const added = await storage.add(drafts, mark)
    if (added.kind !== 'added') return { tookOver, isFull: drafts.length > 0 }
    tookOver ||= added.entries.length > 0
    // Memory is no place to move things to: the old text stays where it is, and its ids stay the same.
    if (text === null || storage.kind === 'memory' || removeOld(local, text)) break
  }
  return { tookOver, isFull: false }
}

function readOld(local: LocalStore | undefined): string | null {
  try {
    return local?.getItem(LEGACY_KEY) ?? null
  } catch {
    return null
  }
}

/** False: it is another text by now. */
function removeOld(local: LocalStore | undefined, text: string): boolean {
  try {
    if (local?.getItem(LEGACY_KEY) !== text) return false
    local.removeItem(LEGACY_KEY)
  } catch {
    // It stays; the mark in the storage says that it was taken over.
  }
  return true
}

type Fields = { readonly [key: string]: unknown }

/** The drafts that a text of the old kind stands for; `at` where an entry does not say when it was written. */
export function readLegacy(text: string, at: number): readonly Draft[] {
  const list = parse(text)
  if (!Array.isArray(list)) return [draftOf(unreadable({ text, id: `old-${digest(text)}`, posReference: '', at }))]
  const used = new Set<string>()
  return list.map((value: unknown, place) => {
    const own = `old-${digest(`${place} ${JSON.stringify(value)}`)}`
    const named = isFields(value) ? textOf(value, 'msgId', 'msg_id') : ''
    const id = named === '' || named.length > 128 || used.has(named) ? own : named
    used.add(id)
    return draftOf(readEntry(value, { id, at }))
  })
}

function readEntry(value: unknown, own: { readonly id: string; readonly at: number }): Omit<OutboxEntry, 'n'> {
  const { id, at } = own
  const text = JSON.stringify(value)
  if (!isFields(value)) return unreadable({ text, id, posReference: '', at })
  const inner = fieldsOf(value, 'payload', 'data', 'message')
  const snapshot = fieldsOf(value, 'snapshot', 'order') ?? fieldsOf(inner ?? {}, 'snapshot', 'order') ?? inner
  const places = [value, inner ?? {}, snapshot ?? {}]
  const posReference = first(places, (place) => textOf(place, 'posReference', 'pos_reference', 'reference'))
  const kind = kindOf(first([value, inner ?? {}], (place) => textOf(place, 'type', 'kind', 'action')))
  const needsSnapshot = kind === 'snapshot' || kind === 'finalize'
  if (kind === null || posReference === '' || posReference.length > 128 || (needsSnapshot && snapshot === null)) {
    return unreadable({ text, id, posReference: posReference.slice(0, 128), at })
  }
  const baseVersion = numberOf([value, inner ?? {}], 'baseVersion', 'base_version', 'version')
  const configId = numberOf(places, 'configId', 'config_id')
  return {
    id,
    kind,
    posReference,
    payload: {
      // Without a version it is a change to nothing: whatever is stored by now is put beside it, and not overwritten.
      ...(kind === 'finalize' ? {} : { baseVersion: baseVersion ?? 0 }),
      ...(snapshot === null ? {} : kind === 'release' ? { finalSnapshot: snapshot } : { snapshot }),
      ...(kind === 'finalize' && configId !== null ? { configId } : {}),
      ...(kind === 'finalize' && baseVersion !== null ? { baseVersion } : {}),
    },
    road: null,
    at: numberOf([value], 'at', 'timestamp', 'createdAt', 'created_at') ?? at,
    refused: null,
  }
}

function unreadable(what: {
  readonly text: string
  readonly id: string
  readonly posReference: string
  readonly at: number
}): Omit<OutboxEntry, 'n'> {
  const { text, id, posReference, at } = what
  const message =
    'This change was kept by an earlier version of the till, and this one cannot read it. ' +
    'Look whether the order is right; enter what is missing again, then let go of this entry.'
  const refused = { code: 'OLD_ENTRY_UNREADABLE', message }
  return { id, kind: 'snapshot', posReference, payload: { text }, road: null, at, refused }
}

/** By the letters alone: `ORDER_SNAPSHOT`, `orderSnapshot` and `snapshot` are the same word. No word: a draft. */
const KINDS: ReadonlyMap<string, OutboxKind> = new Map([
  ['', 'snapshot'],
  ['snapshot', 'snapshot'],
  ['update', 'snapshot'],
  ['create', 'snapshot'],
  ['sync', 'snapshot'],
  ['save', 'snapshot'],
  ['finalize', 'finalize'],
  ['final', 'finalize'],
  ['pay', 'finalize'],
  ['discard', 'discard'],
  ['release', 'release'],
  ['leaserelease', 'release'],
])

function kindOf(word: string): OutboxKind | null {
  const letters = word.toLowerCase().replace(/[^a-z]/g, '')
  return KINDS.get(letters.replace(/^order/, '')) ?? null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The first of the named fields that is an object, or the text of one. */
function fieldsOf(place: Fields, ...names: readonly string[]): Fields | null {
  for (const name of names) {
    const value = place[name]
    const read = typeof value === 'string' ? parse(value) : value
    if (isFields(read)) return read
  }
  return null
}

function textOf(place: Fields, ...names: readonly string[]): string {
  for (const name of names) {
    const value = place[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return ''
}

function first(places: readonly Fields[], read: (place: Fields) => string): string {
  return places.map(read).find((text) => text !== '') ?? ''
}

function numberOf(places: readonly Fields[], ...names: readonly string[]): number | null {
  for (const place of places) {
    for (const name of names) {
      const value = place[name]
      if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    }
  }
  return null
}

/** 64 bits (FNV-1a, twice): tells texts of one browser apart; nobody has to be kept from making two alike. */
function digest(text: string): string {
  const halves = [0x811c9dc5, 0x01000193].map((seed) => {
    let hash = seed
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    return (hash >>> 0).toString(16).padStart(8, '0')
  })
  return halves.join('')
}
