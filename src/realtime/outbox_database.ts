import { NO_TOTALS, type Row, type Totals } from './outbox_entry.ts'
import type { TabLease } from './tab_lease.ts'

/** The database of the outbox as promises: two stores, one with a row for each entry, one with single values. */

const ENTRIES = 'entries'
const VALUES = 'values'
const BY_ID = 'id'
const SCHEMA_VERSION = 1

/** Null where the browser refuses. Waits while another tab still holds an older schema. */
export function openDatabase(factory: IDBFactory, name: string): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    try {
      const request = factory.open(name, SCHEMA_VERSION)
      request.onupgradeneeded = () => createStores(request.result)
      request.onsuccess = () => resolve(request.result)
      request.onerror = (event) => {
        event.preventDefault()
        resolve(null)
      }
    } catch {
      resolve(null)
    }
  })
}

function createStores(database: IDBDatabase): void {
  database.createObjectStore(ENTRIES, { keyPath: 'n' }).createIndex(BY_ID, 'id', { unique: true })
  database.createObjectStore(VALUES)
}

/** `relaxed`: on the disk soon. For what only costs a needless resend when the power goes. */
export type Writing = 'readonly' | 'strict' | 'relaxed'

export type Ended<T> = { readonly kind: 'ended'; readonly value: T } | { readonly kind: 'full' | 'failed' }

/** Runs `body` in one transaction; it may wait for requests of this transaction and nothing else. */
export async function transact<T>(
  database: IDBDatabase,
  how: { readonly writing: Writing; readonly body: (shelf: Shelf) => Promise<T> },
): Promise<Ended<T>> {
  try {
    const mode = how.writing === 'readonly' ? 'readonly' : 'readwrite'
    const durability = how.writing === 'strict' ? 'strict' : 'relaxed'
    const transaction = database.transaction([ENTRIES, VALUES], mode, { durability })
    const ending = endOf(transaction)
    const result = await how.body(shelfOf(transaction)).then(
      (value) => ({ value }),
      () => abort(transaction),
    )
    const ended = await ending
    if (ended !== 'complete') return { kind: ended }
    return result === null ? { kind: 'failed' } : { kind: 'ended', value: result.value }
  } catch {
    // The connection was closed under us: by the browser, or for a newer schema.
    return { kind: 'failed' }
  }
}

/** Only a complete transaction is on the disk: that a request succeeded says nothing yet. */
function endOf(transaction: IDBTransaction): Promise<'complete' | 'full' | 'failed'> {
  return new Promise((resolve) => {
    transaction.oncomplete = () => resolve('complete')
    transaction.onabort = () => resolve(isQuota(transaction.error) ? 'full' : 'failed')
  })
}

function isQuota(error: DOMException | null): boolean {
  return error?.name === 'QuotaExceededError'
}

function abort(transaction: IDBTransaction): null {
  try {
    transaction.abort()
  } catch {
    // It has aborted by itself: that is why its request failed.
  }
  return null
}

/** The two stores inside one transaction. What is put is on the disk when the transaction is complete. */
export type Shelf = {
  readonly rows: () => Promise<readonly Row[]>
  readonly rowOf: (id: string) => Promise<Row | undefined>
  readonly put: (row: Row) => void
  readonly drop: (row: Row) => void
  readonly totals: () => Promise<Totals>
  readonly putTotals: (totals: Totals) => void
  readonly mark: () => Promise<string>
  readonly putMark: (mark: string) => void
  readonly lease: () => Promise<TabLease | null>
  readonly putLease: (lease: TabLease | null) => void
  /** Without waiting for the page to be idle: it is about to go. */
  readonly commit: () => void
}

function shelfOf(transaction: IDBTransaction): Shelf {
  const entries = transaction.objectStore(ENTRIES)
  const values = transaction.objectStore(VALUES)
  return {
    rows: () => answerOf<Row[]>(entries.getAll()),
    rowOf: (id) => answerOf<Row | undefined>(entries.index(BY_ID).get(id)),
    put: (row) => void entries.put(row),
    drop: (row) => void entries.delete(row.n),
    totals: () => readTotals(entries, values),
    putTotals: (totals) => void values.put(totals, 'totals'),
    mark: async () => (await answerOf<string | undefined>(values.get('mark'))) ?? '',
    putMark: (mark) => void values.put(mark, 'mark'),
    lease: async () => (await answerOf<TabLease | null | undefined>(values.get('lease'))) ?? null,
    putLease: (lease) => void values.put(lease, 'lease'),
    // Safari before 15 has no `commit`, and commits by itself a little later.
    commit: () => transaction.commit?.(),
  }
}

/** As they were put; counted anew where rows were let go of while there was no room to put them. */
async function readTotals(entries: IDBObjectStore, values: IDBObjectStore): Promise<Totals> {
  const totals = (await answerOf<Totals | undefined>(values.get('totals'))) ?? NO_TOTALS
  const count = await answerOf(entries.count())
  if (count === totals.count) return totals
  const rows = await answerOf<Row[]>(entries.getAll())
  const bytes = rows.reduce((sum, row) => sum + row.bytes, 0)
  // A revision that no tab has seen yet, and a fraction so that the next write's is another one.
  return { ...totals, count, bytes, revision: totals.revision + (totals.count - count) / 2 ** 20 }
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
