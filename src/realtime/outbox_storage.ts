import type { OutboxEntry } from './outbox.ts'
import type { Change, Draft } from './outbox_entry.ts'
import type { LeaseSwap, TabLease } from './tab_lease.ts'

/** `full`: no room. `failed`: the disk did not answer, or not in time; whether it was written is not known. */
export type StorageTrouble = { readonly kind: 'full' } | { readonly kind: 'failed' }

export type Loaded =
  | { readonly kind: 'loaded'; readonly entries: readonly OutboxEntry[]; readonly revision: number }
  | { readonly kind: 'same' }
  | { readonly kind: 'failed' }

/** The entries with their places, in the order of the drafts; those that were there before too. */
export type Added = { readonly kind: 'added'; readonly entries: readonly OutboxEntry[] } | StorageTrouble

/** The entry as it is kept now; null: there is none. */
export type Changed = { readonly kind: 'changed'; readonly entry: OutboxEntry | null } | StorageTrouble

/** What the lease of the sending tab is now. */
export type Swapped = { readonly kind: 'swapped'; readonly lease: TabLease | null } | { readonly kind: 'failed' }

/**
 * Where entries are kept. Each call is one transaction that sees no other one half done, across tabs too, and is on
 * the device's disk when it settles. Nothing throws for what the disk does.
 */
export interface OutboxStorage {
  /** May change while the page runs: a disk goes away and comes back. */
  readonly kind: 'durable' | 'memory'
  /** In the order of `n`; `same` where nothing was written since the revision `seen`. */
  load(seen?: number): Promise<Loaded>
  /** All or none. With a mark other than the last one, or none; with the last mark again, nothing is added. */
  add(drafts: readonly Draft[], mark?: string): Promise<Added>
  change(id: string, change: Change): Promise<Changed>
  /** Writes `next` if the lease is `expected`; gives the lease as it is then. */
  swapLease(swap: LeaseSwap): Promise<Swapped>
  /** Tries to come back from memory to the disk, where that was lost. True: the disk is in use. */
  mend(): Promise<boolean>
  close(): void
}
