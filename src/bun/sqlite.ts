import { Database, SQLiteError } from 'bun:sqlite'
import { drizzle } from 'drizzle-orm/bun-sqlite'
import { APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION } from '../../db/migrations.ts'
import * as schema from '../../db/schema.ts'
import type { StoreFailure } from '../engine/ports.ts'
import { createSqliteStatements } from '../store/sqlite_statements.ts'
import type { Statements } from '../store/statements.ts'
import type { TableFile } from '../store/table_file.ts'
import { failureOf } from './sqlite_failure.ts'

/** Written and removed again to prove that the disk takes more than a few bytes. */
const PROBE_CHARACTERS = 64 * 1024

/** Longest wait for another program that reads or backs up the file. */
const BUSY_MS = 2_000

/** A write-ahead log that grew in a rush is cut back to this at the next checkpoint. */
const WAL_BYTES_MAX = 64 * 1024 * 1024

export type SqliteFileParts = {
  readonly path: string
  /** A new epoch, for a file that has none yet. */
  epoch(): string
}

/** The real file. Nothing is opened before the first `reopen`. */
export function createSqliteFile(parts: SqliteFileParts): TableFile {
  let database: Database | null = null
  let statements: Statements | null = null
  const present = (): Database => {
    database ??= open(parts)
    return database
  }
  return {
    statements() {
      statements ??= createSqliteStatements(drizzle(present(), { schema }))
      return statements
    },
    transaction(work) {
      present().transaction(work).immediate()
    },
    reopen() {
      statements = null
      closeQuietly(database)
      database = null
      prove(present())
    },
    failureOf: (error): StoreFailure | null => failureOf(error, parts.path),
    close() {
      statements = null
      if (database !== null) checkpointQuietly(database)
      closeQuietly(database)
      database = null
    },
  }
}

function open({ path, epoch }: SqliteFileParts): Database {
  const database = new Database(path, { create: true, readwrite: true, strict: true })
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_MS}`)
    migrate(database)
    database.run('PRAGMA journal_mode = WAL')
    database.run('PRAGMA synchronous = FULL')
    database.run('PRAGMA foreign_keys = ON')
    database.run('PRAGMA trusted_schema = OFF')
    database.run('PRAGMA temp_store = MEMORY')
    database.run(`PRAGMA journal_size_limit = ${WAL_BYTES_MAX}`)
    database.run("INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT DO NOTHING", [epoch()])
    return database
  } catch (error) {
    closeQuietly(database)
    throw error
  }
}

/** Each step in a transaction of its own, with the number that says that it was taken. */
function migrate(database: Database): void {
  const seen = numberOf(database, 'user_version')
  if (seen === SCHEMA_VERSION) return
  for (const [index, sql] of MIGRATIONS.entries()) {
    if (index < seen) continue
    database
      .transaction(() => {
        database.run(sql)
        database.run(`PRAGMA application_id = ${APPLICATION_ID}`)
        database.run(`PRAGMA user_version = ${index + 1}`)
      })
      .immediate()
  }
  // So that the file's header says it too, not only the write-ahead log: the next start reads the header first.
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
}

function numberOf(database: Database, pragma: 'user_version'): number {
  const row = database.query<{ readonly user_version: number }, []>(`PRAGMA ${pragma}`).get()
  return row?.[pragma] ?? 0
}

/** Throws if the disk does not take a write, and brings what was written before onto it. */
function prove(database: Database): void {
  database.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('probe', ?)", ['0'.repeat(PROBE_CHARACTERS)])
  database.run("DELETE FROM meta WHERE key = 'probe'")
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
}

function checkpointQuietly(database: Database): void {
  try {
    database.run('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch (error) {
    // What is in the write-ahead log is safe there; the next start reads it.
    if (!(error instanceof SQLiteError)) throw error
  }
}

function closeQuietly(database: Database | null): void {
  try {
    database?.close(false)
  } catch (error) {
    // A connection to a file that failed may fail to close too; it is left behind.
    if (!(error instanceof SQLiteError)) throw error
  }
}
