import { FRAME_BYTES_MAX } from '../protocol/limits.ts'
import { refusalOf } from './hub_codes.ts'
import { baseOf, type Words } from './hub_words.ts'
import type { NewEntry, OutboxEntry } from './outbox.ts'
import type { ConflictEvent, FinalizedEvent, Refusal } from './transport.ts'

/** What became of an entry. */
export type Outcome =
  | { readonly kind: 'saved'; readonly version: number }
  | { readonly kind: 'conflict'; readonly conflict: ConflictEvent }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'final'; readonly event: FinalizedEvent }
  | { readonly kind: 'queued'; readonly reason: string }

export const NO_ROOM: Outcome = {
  kind: 'refused',
  refusal: refusalOf('HUB_FULL', 'This device has no room to write the change down.'),
}

/** The code of the outbox is text: entries of an earlier kind of till have words of their own. */
const IN_CONFLICT = 'CONFLICT'

/** Another tab may have sent it and heard the answer; null: not yet. `kept` is the entry as it is in the outbox. */
export function outcomeElsewhere(entry: NewEntry, kept: OutboxEntry | undefined): Outcome | null {
  if (kept === undefined) {
    if (entry.kind === 'finalize') return { kind: 'queued', reason: 'Sent by another tab.' }
    return { kind: 'saved', version: versionAfter(entry) }
  }
  if (kept.refused === null) return null
  const { code, message } = kept.refused
  if (code === IN_CONFLICT) return { kind: 'refused', refusal: refusalOf('CONFLICT', message) }
  return { kind: 'refused', refusal: { ...refusalOf('MALFORMED', message), next: 'never' } }
}
/** The hub would close the line for it, each time. */
export function isTooLarge(words: Words): boolean {
  const text = JSON.stringify(words)
  return text.length * 3 > FRAME_BYTES_MAX && new TextEncoder().encode(text).byteLength > FRAME_BYTES_MAX
}

/** The version that an accepted entry made, where the answer does not say. */
export function versionAfter(entry: Pick<OutboxEntry, 'kind' | 'payload'>): number {
  return (baseOf(entry) ?? 0) + (entry.kind === 'discard' ? 0 : 1)
}
