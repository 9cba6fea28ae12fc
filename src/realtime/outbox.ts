import { browserDevice, type OutboxDevice, type OutboxSurroundings } from './outbox_device.ts'
import { createDiskStorage } from './outbox_disk.ts'
import { OUTBOX_LIMITS, type OutboxLimits } from './outbox_entry.ts'
import { createFallbackStorage } from './outbox_fallback.ts'
import { takeOver } from './outbox_legacy.ts'
import { createMemoryStorage } from './outbox_memory.ts'
import { StoredOutbox } from './outbox_stored.ts'

/**
 * What this terminal has to say and nobody has confirmed. It is written down before it is sent, and leaves only when
 * the other side has it on its disk, or when a person has read why it was refused.
 */

export type OutboxKind = 'snapshot' | 'finalize' | 'discard' | 'release'

/** Over which an entry is sent. */
export type OutboxRoad = 'hub' | 'direct'

/** Why an entry was refused for good; `message` is for people. */
export type OutboxRefusal = { readonly code: string; readonly message: string }

export type OutboxEntry = {
  /** The `msgId` under which it is sent, each time the same. */
  readonly id: string
  /** Grows with each entry: the order of one order's changes. */
  readonly n: number
  readonly kind: OutboxKind
  readonly posReference: string
  /** What the message carries beside its type, reference and msgId. */
  readonly payload: { readonly [key: string]: unknown }
  /**
   * `hub` or `direct`: begun on that road, and stays there until it has a definite answer, so that no sale goes both
   * ways. Null: not begun.
   */
  readonly road: OutboxRoad | null
  /** Wall time at which it was written down. */
  readonly at: number
  /** Refused for good: it stays, visible, until a person lets it go. */
  readonly refused: OutboxRefusal | null
}

export type NewEntry = Pick<OutboxEntry, 'id' | 'kind' | 'posReference' | 'payload'>

/** Where entries stay. `full` is a state people see, and nothing is dropped for it. */
export type StoreState = 'durable' | 'memory' | 'full'

export interface Outbox {
  /** `memory`: this browser keeps nothing over a reload, and the screen should say so. */
  readonly state: StoreState
  /** Settles when it is on the device's disk. False: there is no room; the caller keeps it and says so. */
  add(entry: NewEntry): Promise<boolean>
  /** In the order in which they came. */
  entries(): readonly OutboxEntry[]
  /**
   * Marks the road before the first word of it is sent. False: do not send. The entry is gone or refused, the disk did
   * not take the mark, or it is a sale that was begun on the other road, where it stays.
   */
  begin(id: string, road: OutboxRoad): Promise<boolean>
  /** Confirmed by the other side. */
  done(id: string): Promise<void>
  refuse(id: string, why: OutboxRefusal): Promise<void>
  /** A person has read why it was refused. An entry that is not refused stays. */
  dismiss(id: string): Promise<void>
  /** Only one tab of a browser sends; `run` is called when it is this one, and `stop` when it is not any more. */
  whileMine(run: () => void, stop: () => void): () => void
  /** Something in `entries` or `state` is different, through this tab or another one. */
  onChange(handler: () => void): () => void
  /** Lets go of the disk and of this tab's turn. What is kept stays; `add` gives false from now on. */
  close(): void
}

export type OutboxOptions = {
  /** Tabs with the same origin and name share one outbox. */
  readonly name: string
  readonly surroundings: OutboxSurroundings
  /** What the browser keeps things in; missing: what this one has. */
  readonly device?: OutboxDevice
  readonly limits?: OutboxLimits
}

/**
 * Opens the outbox of this browser, with what an earlier page and the earlier kind of till left in it. Always gives
 * one: where nothing can be kept, its `state` is `memory`.
 */
export async function createOutbox(options: OutboxOptions): Promise<Outbox> {
  const { name, surroundings, device = browserDevice(), limits = OUTBOX_LIMITS } = options
  const { indexedDB } = device
  const storage =
    indexedDB === undefined
      ? createMemoryStorage({ limits })
      : createFallbackStorage({ disk: createDiskStorage({ factory: indexedDB, name, limits, surroundings }), limits })
  const outbox = new StoredOutbox({ name, storage, surroundings, device })
  const old = await takeOver({ storage, local: device.local, at: surroundings.wall() })
  await outbox.open(old)
  return outbox
}
