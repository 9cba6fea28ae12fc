import { baseOf } from './hub_words.ts'
import type { NewEntry, OutboxEntry } from './outbox.ts'

/** Something to be said about an order, before it has its place in the outbox. */
export type Draft = Omit<NewEntry, 'id'>

type Last = { readonly id: string; readonly next: number | undefined }
type Run = { readonly from: number; readonly to: number }

/**
 * From which version a change is made. The caller names the one it knows; where it has written since, and nobody else
 * did, its change stands on its own last one. Every accepted snapshot is its base plus one, so the base of a change
 * that waits behind another is known before that one is accepted, and stands in the outbox as it will be sent.
 */
export class Bases {
  /** The last change of an order that is not settled yet. */
  readonly #last = new Map<string, Last>()
  /** Versions of an order that this terminal wrote one after the other. */
  readonly #runs = new Map<string, Run>()

  /** The draft as it goes into the outbox; `waiting` is the last entry of that order there. */
  place(id: string, draft: Draft, waiting: OutboxEntry | undefined): NewEntry {
    const { posReference, payload } = draft
    const stated = payload['baseVersion']
    if (typeof stated !== 'number') {
      this.#last.set(posReference, { id, next: undefined })
      return { ...draft, id }
    }
    const before = this.#last.get(posReference)?.next ?? (waiting === undefined ? undefined : nextOf(waiting))
    const follows = before !== undefined && stated <= before
    const baseVersion = follows ? before : this.#ownBase(posReference, stated)
    const entry = { ...draft, id, payload: { ...payload, baseVersion, follows } }
    this.#last.set(posReference, { id, next: nextOf(entry) })
    return entry
  }

  /** It is accepted, refused or in conflict. */
  settled(entry: Pick<OutboxEntry, 'id' | 'posReference'>): void {
    if (this.#last.get(entry.posReference)?.id === entry.id) this.#last.delete(entry.posReference)
  }

  /** This terminal's change became this version. */
  wrote(posReference: string, version: number): void {
    const run = this.#runs.get(posReference)
    const from = run?.to === version - 1 ? run.from : version - 1
    this.#runs.set(posReference, { from, to: version })
  }

  /** The hub has another history now. */
  forget(): void {
    this.#runs.clear()
  }

  /** Somebody else's did, or the order is closed. */
  broke(posReference: string): void {
    this.#runs.delete(posReference)
  }

  #ownBase(posReference: string, stated: number): number {
    const run = this.#runs.get(posReference)
    return run !== undefined && stated >= run.from && stated < run.to ? run.to : stated
  }
}

/** The version of its order after an entry is accepted. */
function nextOf(entry: Pick<OutboxEntry, 'kind' | 'payload'>): number | undefined {
  const base = entry.payload['baseVersion']
  if (typeof base !== 'number') return undefined
  return entry.kind === 'discard' ? base : base + 1
}

/** Made without knowing what became of the one before it. */
export function isFollower(entry: OutboxEntry): boolean {
  return entry.payload['follows'] === true && baseOf(entry) !== undefined
}
