import type { OutboxEntry } from './outbox.ts'
import { type Change, type Draft, draftOf, type OutboxLimits } from './outbox_entry.ts'
import { createMemoryStorage } from './outbox_memory.ts'
import type { Added, Changed, Loaded, OutboxStorage, Swapped } from './outbox_storage.ts'
import type { LeaseSwap } from './tab_lease.ts'

/**
 * The disk; and memory while the disk does not answer. The page then goes on with every entry that it knew, sends
 * those itself under the ids they had, and brings what happened meanwhile back to the disk when that answers again.
 * Two tabs may send the same entry in that time: its id tells the other side that it is the same.
 */
export function createFallbackStorage(options: FallbackOptions): OutboxStorage {
  return new FallbackStorage(options)
}

type FallbackOptions = { readonly disk: OutboxStorage; readonly limits: OutboxLimits }

class FallbackStorage implements OutboxStorage {
  readonly #options: FallbackOptions
  /** As the disk had them when it was last read or written. */
  #known: ReadonlyMap<string, OutboxEntry> = new Map()
  #memory: OutboxStorage | null = null

  constructor(options: FallbackOptions) {
    this.#options = options
  }

  get kind(): OutboxStorage['kind'] {
    return this.#memory === null ? 'durable' : 'memory'
  }

  async load(seen?: number): Promise<Loaded> {
    const { disk } = this.#options
    const loaded = await this.#call((storage) => storage.load(storage === disk ? seen : undefined))
    if (this.#memory === null && loaded.kind === 'loaded') this.#known = byId(loaded.entries)
    return loaded
  }

  async add(drafts: readonly Draft[], mark?: string): Promise<Added> {
    const added = await this.#call((storage) => storage.add(drafts, mark))
    if (this.#memory === null && added.kind === 'added') this.#known = byId([...this.#known.values(), ...added.entries])
    return added
  }

  async change(id: string, change: Change): Promise<Changed> {
    const changed = await this.#call((storage) => storage.change(id, change))
    if (this.#memory === null && changed.kind === 'changed') {
      const others = [...this.#known.values()].filter((entry) => entry.id !== id)
      this.#known = byId(changed.entry === null ? others : [...others, changed.entry])
    }
    return changed
  }

  swapLease(swap: LeaseSwap): Promise<Swapped> {
    return (this.#memory ?? this.#options.disk).swapLease(swap)
  }

  async mend(): Promise<boolean> {
    if (this.#memory === null) return true
    if (!(await bringBack({ known: this.#known, memory: this.#memory, disk: this.#options.disk }))) return false
    this.#memory = null
    return true
  }

  close(): void {
    this.#options.disk.close()
  }

  async #call<T extends { readonly kind: string }>(run: (storage: OutboxStorage) => Promise<T>): Promise<T> {
    if (this.#memory !== null) return run(this.#memory)
    const answer = await run(this.#options.disk)
    return answer.kind === 'failed' ? run(this.#fall()) : answer
  }

  #fall(): OutboxStorage {
    const from = [...this.#known.values()].sort((left, right) => left.n - right.n)
    this.#memory ??= createMemoryStorage({ limits: this.#options.limits, from })
    return this.#memory
  }
}

function byId(entries: readonly OutboxEntry[]): ReadonlyMap<string, OutboxEntry> {
  return new Map(entries.map((entry) => [entry.id, entry]))
}

/** False: the disk is not back, or has no room. Then it is tried again from the start; each step may be repeated. */
async function bringBack(at: {
  readonly known: ReadonlyMap<string, OutboxEntry>
  readonly memory: OutboxStorage
  readonly disk: OutboxStorage
}): Promise<boolean> {
  const { known, memory, disk } = at
  if (!(await disk.mend())) return false
  const loaded = await memory.load()
  if (loaded.kind !== 'loaded') return false
  const kept = byId(loaded.entries)
  for (const id of known.keys()) {
    if (!kept.has(id) && (await disk.change(id, { kind: 'done' })).kind !== 'changed') return false
  }
  for (const entry of kept.values()) {
    if (!(await bringEntry(entry, { isKnown: known.has(entry.id), disk }))) return false
  }
  return true
}

/** An entry that the disk knew and has no more was sent by another tab: it is not brought again. */
async function bringEntry(
  entry: OutboxEntry,
  at: { readonly isKnown: boolean; readonly disk: OutboxStorage },
): Promise<boolean> {
  const { n: _, ...draft } = entry
  if (!at.isKnown) {
    const added = await at.disk.add([draftOf(draft)])
    if (added.kind !== 'added') return false
  }
  if (entry.refused !== null) {
    return (await at.disk.change(entry.id, { kind: 'refuse', why: entry.refused })).kind === 'changed'
  }
  if (entry.road === null) return true
  return (await at.disk.change(entry.id, { kind: 'begin', road: entry.road })).kind === 'changed'
}
