import type { Database } from 'bun:sqlite'
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from '../../db/migrations.ts'
import { FileProblem } from './sqlite_failure.ts'
import { readStamps, writeStamps } from './stamp.ts'

/** Fences of a copied file begin so far ahead that none that was given before can come again. */
const FENCE_LEAP = 2 ** 32

export type Settling = {
  readonly path: string
  /** A random word. */
  newEpoch(): string
  /** The epoch that this hub began with; null at its start. */
  readonly epochBefore: string | null
}

/** Brings a file to today's schema, says how it is written, and settles whose history it holds: its epoch. */
export function settleFile(database: Database, settling: Settling): string {
  migrate(database, settling.newEpoch)
  database.run('PRAGMA journal_mode = WAL')
  database.run('PRAGMA synchronous = FULL')
  const { path, epochBefore } = settling
  const epoch = metaOf(database, 'epoch')
  if (epoch === null) throw new FileProblem('damaged', `${path} is damaged: it does not say what history it holds.`)
  if (epochBefore === null) return stampFile(database, settling, epoch)
  if (epoch === epochBefore) return epoch
  throw new FileProblem('gone', `${path} is another file than the one that the hub began with.`)
}

/** Renews the stamp; a file that does not have the one beside it was copied, and begins a new history. */
function stampFile(database: Database, settling: Settling, epoch: string): string {
  const { path, newEpoch } = settling
  const stamp = metaOf(database, 'stamp')
  const isCopy = stamp !== null && !readStamps(path).includes(stamp)
  const settled = isCopy ? newEpoch() : epoch
  renewStamp(database, settling, () => {
    if (!isCopy) return
    putMeta(database, 'epoch', settled)
    putMeta(database, 'fence', String(Number(metaOf(database, 'fence') ?? 0) + FENCE_LEAP))
  })
  return settled
}

/** A new word in the file and beside it; `more` is written in the same transaction. */
export function renewStamp(database: Database, settling: Pick<Settling, 'path' | 'newEpoch'>, more: () => void): void {
  const { path, newEpoch } = settling
  const before = metaOf(database, 'stamp')
  const after = newEpoch()
  writeStamps(path, before === null ? [after] : [before, after])
  database
    .transaction(() => {
      putMeta(database, 'stamp', after)
      more()
    })
    .immediate()
  writeStamps(path, [after])
}

/** Each step in a transaction of its own, with the number that says that it was taken. */
function migrate(database: Database, newEpoch: () => string): void {
  const seen = database.query<{ readonly user_version: number }, []>('PRAGMA user_version').get()?.user_version ?? 0
  if (seen === SCHEMA_VERSION) return
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < seen) continue
    database
      .transaction(() => {
        database.run(sql)
        if (index === 0) putMeta(database, 'epoch', newEpoch())
        database.run(`PRAGMA application_id = ${APPLICATION_ID}`)
        database.run(`PRAGMA user_version = ${index + 1}`)
      })
      .immediate()
  }
  // So that the file's header says it too, not only the write-ahead log: the next start reads the header first.
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
}

function metaOf(database: Database, key: string): string | null {
  return database.query<{ value: string }, [string]>('SELECT value FROM meta WHERE key = ?').get(key)?.value ?? null
}

function putMeta(database: Database, key: string, value: string): void {
  database.run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', [key, value])
}
