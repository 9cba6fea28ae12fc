import { type Ended, openDatabase, type Shelf, transact, type Writing } from './outbox_database.ts'
import type { OutboxSurroundings } from './outbox_device.ts'
import { type Change, type Draft, NO_TOTALS, type OutboxLimits, planAdd, planChange, type Row } from './outbox_entry.ts'
import type { Added, Changed, Loaded, OutboxStorage, Swapped } from './outbox_storage.ts'
import { type LeaseSwap, sameLease } from './tab_lease.ts'

/** Longer than a busy SD card takes. Safari now and then never answers a page that came back from the background. */
const PATIENCE_MS = 10_000

export type DiskOptions = {
  readonly factory: IDBFactory
  readonly name: string
  readonly limits: OutboxLimits
  readonly surroundings: Pick<OutboxSurroundings, 'now' | 'at'>
}

/** Entries in IndexedDB. A call that failed is made once more over a fresh connection: all of them may be repeated. */
export function createDiskStorage(options: DiskOptions): OutboxStorage {
  return new DiskStorage(options)
}

class DiskStorage implements OutboxStorage {
  readonly kind = 'durable'
  readonly #options: DiskOptions
  #connection: Promise<IDBDatabase | null> | null = null
  #isClosed = false

  constructor(options: DiskOptions) {
    this.#options = options
  }

  async load(seen?: number): Promise<Loaded> {
    const read = await this.#run<Loaded>('readonly', async (shelf) => {
      const { revision } = await shelf.totals()
      if (revision === seen) return { kind: 'same' }
      const rows = await shelf.rows()
      return { kind: 'loaded', entries: rows.map((row) => row.entry), revision }
    })
    return read.kind === 'ended' ? read.value : { kind: 'failed' }
  }

  async add(drafts: readonly Draft[], mark?: string): Promise<Added> {
    const written = await this.#run('strict', (shelf) => addTo(shelf, { drafts, mark, limits: this.#options.limits }))
    return written.kind === 'ended' ? written.value : written
  }

  async change(id: string, change: Change): Promise<Changed> {
    const isLight = change.kind === 'done' || change.kind === 'dismiss'
    const written = await this.#run<Changed>(isLight ? 'relaxed' : 'strict', async (shelf) => {
      const totals = await shelf.totals()
      const before = (await shelf.rowOf(id)) ?? null
      const plan = planChange(before, change, totals)
      if (plan.written) {
        if (plan.row !== null) shelf.put(plan.row)
        else if (before !== null) shelf.drop(before)
        shelf.putTotals(plan.totals)
      }
      return { kind: 'changed', entry: plan.row?.entry ?? null }
    })
    if (written.kind === 'ended') return written.value
    return written.kind === 'full' && isLight ? this.#dropOnly(id, change) : written
  }

  async swapLease({ expected, next, isLast }: LeaseSwap): Promise<Swapped> {
    const written = await this.#run<Swapped>('relaxed', async (shelf) => {
      if (isLast === true) {
        shelf.putLease(next)
        shelf.commit()
        return { kind: 'swapped', lease: next }
      }
      const lease = await shelf.lease()
      if (!sameLease(lease, expected)) return { kind: 'swapped', lease }
      if (!sameLease(lease, next)) shelf.putLease(next)
      return { kind: 'swapped', lease: next }
    })
    return written.kind === 'ended' ? written.value : { kind: 'failed' }
  }

  async mend(): Promise<boolean> {
    return !this.#isClosed && (await this.load(-1)).kind === 'loaded'
  }

  close(): void {
    this.#isClosed = true
    this.#drop()
  }

  /**
   * Lets go of an entry where the disk has no room: browsers then refuse whatever puts anything, be it the totals. That
   * these are wrong is seen by the count of the rows, and set right as soon as there is room.
   */
  async #dropOnly(id: string, change: Change): Promise<Changed> {
    const written = await this.#run<Changed>('relaxed', async (shelf) => {
      const row = (await shelf.rowOf(id)) ?? null
      const plan = planChange(row, change, NO_TOTALS)
      if (row !== null && plan.row === null) shelf.drop(row)
      return { kind: 'changed', entry: plan.row?.entry ?? null }
    })
    return written.kind === 'ended' ? written.value : written
  }

  async #run<T>(writing: Writing, body: (shelf: Shelf) => Promise<T>): Promise<Ended<T>> {
    const first = await this.#tryOnce(writing, body)
    if (first.kind !== 'failed') return first
    this.#drop()
    const second = await this.#tryOnce(writing, body)
    if (second.kind === 'failed') this.#drop()
    return second
  }

  async #tryOnce<T>(writing: Writing, body: (shelf: Shelf) => Promise<T>): Promise<Ended<T>> {
    const database = await this.#connect()
    if (database === null) return { kind: 'failed' }
    return this.#within(transact(database, { writing, body }), { kind: 'failed' })
  }

  #connect(): Promise<IDBDatabase | null> {
    if (this.#isClosed) return Promise.resolve(null)
    this.#connection ??= this.#open()
    return this.#connection
  }

  async #open(): Promise<IDBDatabase | null> {
    const opening = openDatabase(this.#options.factory, this.#options.name)
    let isLate = false
    opening.then((database) => (isLate ? database?.close() : undefined)).catch(() => undefined)
    const database = await this.#within(opening, null)
    isLate = database === null
    if (database === null) return null
    // A newer schema waits until every tab has let go of the database; and the browser may take it away at any time.
    database.onversionchange = () => this.#drop()
    database.onclose = () => this.#drop()
    return database
  }

  #drop(): void {
    const connection = this.#connection
    this.#connection = null
    connection?.then((database) => database?.close()).catch(() => undefined)
  }

  #within<T>(work: Promise<T>, late: T): Promise<T> {
    const { surroundings } = this.#options
    return new Promise((resolve) => {
      const callOff = surroundings.at(surroundings.now() + PATIENCE_MS, () => resolve(late))
      work
        .then(resolve, () => resolve(late))
        .finally(callOff)
        .catch(() => undefined)
    })
  }
}

async function addTo(
  shelf: Shelf,
  what: { readonly drafts: readonly Draft[]; readonly mark: string | undefined; readonly limits: OutboxLimits },
): Promise<Added> {
  const { drafts, mark, limits } = what
  const totals = await shelf.totals()
  const lastMark = await shelf.mark()
  if (mark !== undefined && mark !== '' && mark === lastMark) return { kind: 'added', entries: [] }
  const known = new Map<string, Row>()
  for (const draft of drafts) {
    const row = await shelf.rowOf(draft.entry.id)
    if (row !== undefined) known.set(row.id, row)
  }
  const plan = planAdd(drafts, { totals, known, limits })
  if (plan.kind === 'full') return plan
  for (const row of plan.rows) shelf.put(row)
  if (plan.rows.length > 0) shelf.putTotals(plan.totals)
  if (mark !== undefined && mark !== lastMark) shelf.putMark(mark)
  return { kind: 'added', entries: plan.entries }
}
