import type { NewEntry, Outbox, OutboxEntry, OutboxRefusal, OutboxRoad, StoreState } from './outbox.ts'
import type { OutboxDevice, OutboxSurroundings, TabChannel } from './outbox_device.ts'
import { type Change, changeEntry, createDraft, hasBegun } from './outbox_entry.ts'
import type { Changed, OutboxStorage } from './outbox_storage.ts'
import { awaitTurn, type Turn, type TurnKeeper } from './tab.ts'

/** How often a page whose disk has gone asks for it again. */
const MEND_MS = 30_000
/** How often the sending tab looks for what others wrote, where tabs cannot hear each other. */
const LOOK_MS = 2_000

export type StoredOptions = {
  readonly name: string
  readonly storage: OutboxStorage
  readonly surroundings: OutboxSurroundings
  readonly device: OutboxDevice
}

/** Somebody in this tab who wants to send. `isMine`: it is this tab's turn; `isRunning`: and they were told. */
type Waiting = { readonly turn: Turn; keeper: TurnKeeper | null; isMine: boolean; isRunning: boolean }

/** The outbox over a storage. What it shows is a copy; what counts is the storage, which other tabs write as well. */
export class StoredOutbox implements Outbox {
  readonly #options: StoredOptions
  readonly #channel: TabChannel | undefined
  readonly #handlers = new Set<() => void>()
  readonly #waiting = new Set<Waiting>()
  readonly #ends: (() => void)[] = []
  /**
   * Entries as they are since a change for which the disk had no room; null: gone. A full disk must not keep what is
   * on it from being sent. After a reload they are as before, and are sent again under the same id.
   */
  readonly #unwritten = new Map<string, OutboxEntry | null>()
  #entries: readonly OutboxEntry[] = []
  /** Of the last reading; missing where this tab has written since, or reads for the first time. */
  #revision: number | undefined
  #isFull = false
  #kind: OutboxStorage['kind']
  #isClosed = false
  /** One call after the other: a reading must not come between a write and what it changes here. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: StoredOptions) {
    this.#options = options
    this.#kind = options.storage.kind
    const { device, surroundings, name } = options
    this.#channel = device.openChannel(name, () => this.#hear())
    this.#ends.push(
      surroundings.onVisible(() => this.#refresh()),
      () => this.#channel?.close(),
    )
    if (this.#channel === undefined) this.#every(LOOK_MS, () => this.#isSending() && this.#refresh())
    if (device.indexedDB !== undefined) this.#every(MEND_MS, () => this.#kind === 'memory' && this.#refresh())
  }

  get state(): StoreState {
    return this.#isFull ? 'full' : this.#kind
  }

  /** Reads what is there. `isFull`: something could not be taken over for want of room. */
  async open(how: { readonly isFull: boolean; readonly tookOver: boolean }): Promise<void> {
    this.#isFull = how.isFull
    await this.#enqueue(() => this.#read())
    if (how.tookOver) this.#channel?.tell()
  }

  entries(): readonly OutboxEntry[] {
    return this.#entries
  }

  add(entry: NewEntry): Promise<boolean> {
    const draft = createDraft(entry, this.#options.surroundings.wall())
    return this.#enqueue(async () => {
      if (this.#isClosed) return false
      const added = await this.#options.storage.add([draft])
      this.#isFull = added.kind !== 'added'
      if (added.kind === 'added') for (const one of added.entries) this.#show(one.id, one)
      this.#changed()
      return added.kind === 'added'
    })
  }

  async begin(id: string, road: OutboxRoad): Promise<boolean> {
    const changed = await this.#change(id, { kind: 'begin', road })
    return changed.kind === 'changed' && hasBegun(changed.entry, road)
  }

  async done(id: string): Promise<void> {
    await this.#change(id, { kind: 'done' })
  }

  async refuse(id: string, why: OutboxRefusal): Promise<void> {
    await this.#change(id, { kind: 'refuse', why })
  }

  async dismiss(id: string): Promise<void> {
    await this.#change(id, { kind: 'dismiss' })
  }

  whileMine(run: () => void, stop: () => void): () => void {
    const waiting: Waiting = { turn: { run, stop }, keeper: null, isMine: false, isRunning: false }
    this.#waiting.add(waiting)
    this.#await(waiting)
    return () => {
      this.#waiting.delete(waiting)
      this.#settle(waiting.keeper?.leave())
    }
  }

  onChange(handler: () => void): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const end of this.#ends) end()
    const left = [...this.#waiting].map(({ keeper }) => keeper?.leave())
    this.#waiting.clear()
    this.#settle(Promise.all([this.#queue, ...left]).finally(() => this.#options.storage.close()))
  }

  #change(id: string, change: Change): Promise<Changed> {
    return this.#enqueue(async () => {
      if (this.#isClosed) return { kind: 'failed' }
      const shown = this.#entries.find((entry) => entry.id === id) ?? null
      // What could not be written binds as well: a sale stays on its road.
      const bound = this.#unwritten.has(id) && shown !== null && changeEntry(shown, change) === shown
      if (bound) return { kind: 'changed', entry: shown }
      // Where the disk does not know that it was refused, it would not let go of it as refused.
      const isRefusedHere = change.kind === 'dismiss' && (this.#unwritten.get(id)?.refused ?? null) !== null
      let changed = await this.#options.storage.change(id, isRefusedHere ? { kind: 'done' } : change)
      if (changed.kind === 'full' && shown !== null) {
        changed = { kind: 'changed', entry: changeEntry(shown, change) }
        this.#unwritten.set(id, changed.entry)
      } else if (changed.kind === 'changed') this.#unwritten.delete(id)
      if (changed.kind === 'changed') this.#show(id, changed.entry)
      this.#changed()
      return changed
    })
  }

  /** Puts one entry into the copy at its place, or takes it out. Room that became free ends `full`. */
  #show(id: string, entry: OutboxEntry | null): void {
    const last = this.#entries[this.#entries.length - 1]
    this.#revision = undefined
    if (entry !== null && (last === undefined || last.n < entry.n)) {
      this.#entries = [...this.#entries, entry]
      return
    }
    const others = this.#entries.filter((one) => one.id !== id)
    if (entry === null && others.length < this.#entries.length) this.#isFull = false
    this.#entries = entry === null ? others : [...others, entry].sort((left, right) => left.n - right.n)
  }

  async #read(): Promise<void> {
    const loaded = await this.#options.storage.load(this.#revision)
    if (loaded.kind === 'loaded') {
      const onDisk = new Set(loaded.entries.map((entry) => entry.id))
      for (const id of this.#unwritten.keys()) if (!onDisk.has(id)) this.#unwritten.delete(id)
      const entries = loaded.entries.flatMap((entry) => {
        const unwritten = this.#unwritten.get(entry.id)
        return unwritten === null ? [] : [unwritten ?? entry]
      })
      if (entries.length < this.#entries.length) this.#isFull = false
      this.#entries = entries
      this.#revision = loaded.revision
    }
    this.#followKind()
    if (loaded.kind === 'loaded') this.#call()
  }

  /** Reads what others wrote; where the disk was lost, asks first whether it is back. */
  #refresh(): void {
    const read = this.#enqueue(async () => {
      if (this.#isClosed) return
      const { storage } = this.#options
      if (storage.kind === 'memory' && (await storage.mend())) this.#revision = undefined
      await this.#read()
    })
    this.#settle(read)
  }

  #hear(): void {
    for (const { keeper } of this.#waiting) keeper?.look()
    this.#refresh()
  }

  #changed(): void {
    this.#followKind()
    this.#channel?.tell()
    this.#call()
  }

  #call(): void {
    for (const handler of [...this.#handlers]) handler()
  }

  /** The disk was lost, or came back: whose turn it is, is decided in another way now. */
  #followKind(): void {
    const { kind } = this.#options.storage
    if (kind === this.#kind) return
    this.#kind = kind
    for (const waiting of this.#waiting) {
      this.#settle(waiting.keeper?.leave())
      this.#await(waiting)
    }
    this.#call()
  }

  #await(waiting: Waiting): void {
    const run = () => {
      waiting.isMine = true
      // What the tab before this one left behind is to be there when sending begins.
      this.#settle(
        this.#enqueue(async () => {
          await this.#read()
          if (!waiting.isMine || waiting.isRunning || this.#isClosed) return
          waiting.isRunning = true
          waiting.turn.run()
        }),
      )
    }
    const stop = () => {
      waiting.isMine = false
      if (waiting.isRunning) waiting.turn.stop()
      waiting.isRunning = false
    }
    waiting.keeper = awaitTurn({ run, stop }, this.#options)
  }

  #isSending(): boolean {
    return [...this.#waiting].some((waiting) => waiting.isMine)
  }

  #every(ms: number, act: () => unknown): void {
    const { surroundings } = this.#options
    let callOff: () => void = () => undefined
    const wait = () => {
      callOff = surroundings.at(surroundings.now() + ms, () => {
        act()
        wait()
      })
    }
    wait()
    this.#ends.push(() => callOff())
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  /** For what nobody waits for: a failure in it is seen where it happened. */
  #settle(work: Promise<unknown> | undefined): void {
    work?.catch(() => undefined)
  }
}
