import { Database, SQLiteError, type SQLQueryBindings } from 'bun:sqlite'
import { drizzle } from 'drizzle-orm/bun-sqlite'
import * as schema from '../../db/schema.ts'
import type { StoreFailure } from '../engine/ports.ts'
import { createSqliteStatements } from '../store/sqlite_statements.ts'
import type { Statements } from '../store/statements.ts'
import type { TableFile } from '../store/table_file.ts'
import { homeOf, type OpenFile, rescue } from './rescue.ts'
import { FileProblem, failureOf } from './sqlite_failure.ts'
import { renewStamp, settleFile } from './sqlite_settle.ts'

/** Written and removed again to prove that the disk takes more than a few bytes. */
const PROBE_CHARACTERS = 64 * 1024

/** Longest wait for another program that reads or backs up the file. */
const BUSY_MS = 2_000

/** A write-ahead log that grew in a rush is cut back to this at the next checkpoint. */
const WAL_BYTES_MAX = 64 * 1024 * 1024

export type SqliteFileParts = {
  readonly path: string
  /** A new epoch, for a file that has none yet or was copied. */
  epoch(): string
  /** How old the stamp may become while the hub runs; 10 minutes if nothing is said. */
  readonly stampMs?: number
}

/** A copy that is older than this is known as one, also if the hub died without an end; more would wear an SD card. */
const STAMP_MS = 600_000

/** The real file. It is opened when it is first needed, and only then a new one may be made. */
export function createSqliteFile(parts: SqliteFileParts): TableFile {
  const { path } = parts
  let open: OpenFile | null = null
  let statements: Statements | null = null
  let epoch: string | null = null
  let stampedAt = performance.now()
  const present = (): OpenFile => {
    if (open !== null) return open
    const database = connect(path, epoch === null)
    try {
      const home = homeOf(path)
      epoch = settleFile(database, { path, newEpoch: parts.epoch, epochBefore: epoch })
      open = { database, home, aside: null }
      return open
    } catch (error) {
      closeQuietly(database)
      throw error
    }
  }
  return {
    statements() {
      statements ??= createSqliteStatements(drizzle(present().database, { schema }))
      return statements
    },
    transaction(work) {
      const { database, home } = present()
      // A file that was deleted or replaced under us still takes writes, and nobody would ever read them.
      if (homeOf(path) !== home) throw new FileProblem('gone', `${path} was deleted or replaced while the hub ran.`)
      if (performance.now() - stampedAt >= (parts.stampMs ?? STAMP_MS)) {
        renewStamp(database, { path, newEpoch: parts.epoch }, () => undefined)
        stampedAt = performance.now()
      }
      database.transaction(work).immediate()
    },
    reopen() {
      if (open !== null) rescue(path, open)
      statements = null
      closeQuietly(open?.database)
      open = null
      prove(present().database)
    },
    failureOf: (error): StoreFailure | null => failureOf(error, path),
    close() {
      statements = null
      if (open !== null) finishQuietly(open, parts)
      closeQuietly(open?.database)
      open = null
    },
  }
}

/**
 * A connection that can be closed whole: SQLite keeps a file open as long as one statement on it lives, and drizzle
 * does not end those it prepared.
 */
class Connection extends Database {
  readonly #statements: { finalize(): void }[] = []

  override prepare<R, P extends SQLQueryBindings | SQLQueryBindings[]>(sql: string, params?: P) {
    const statement = super.prepare<R, P>(sql, params)
    this.#statements.push(statement)
    return statement
  }

  override close(throwOnError?: boolean): void {
    for (const statement of this.#statements.splice(0)) statement.finalize()
    super.close(throwOnError)
  }
}

function connect(path: string, create: boolean): Database {
  const database = new Connection(path, { create, readwrite: true, strict: true })
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
    database.run('PRAGMA foreign_keys = ON')
    database.run('PRAGMA trusted_schema = OFF')
    database.run('PRAGMA temp_store = MEMORY')
    database.run(`PRAGMA journal_size_limit = ${WAL_BYTES_MAX}`)
    return database
  } catch (error) {
    closeQuietly(database)
    throw error
  }
}

/** Throws if the disk does not take a write, and brings what was written before onto it. */
function prove(database: Database): void {
  database.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', ?)", ['0'.repeat(PROBE_CHARACTERS)])
  database.run("DELETE FROM meta WHERE key = 'probe'")
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
}

/** A new stamp, so that a copy that was taken while the hub ran is known as one, and all in one file. */
function finishQuietly({ database, home }: OpenFile, { path, epoch }: SqliteFileParts): void {
  try {
    if (homeOf(path) === home) renewStamp(database, { path, newEpoch: epoch }, () => undefined)
    database.run('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch (error) {
    // What is in the write-ahead log is safe there, and the old stamp still good; the next start reads both.
    if (failureOf(error, path) === null) throw error
  }
}

function closeQuietly(database: Database | undefined): void {
  try {
    database?.close(false)
  } catch (error) {
    // A connection to a file that failed may fail to close too; it is left behind.
    if (!(error instanceof SQLiteError)) throw error
  }
}
