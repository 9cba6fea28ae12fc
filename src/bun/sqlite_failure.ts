import { SQLiteError } from 'bun:sqlite'
import type { StoreFailure } from '../engine/ports.ts'

type Kind = StoreFailure['kind']

/** Something is wrong with the file that SQLite itself does not see. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem'
  readonly kind: Kind
  constructor(kind: Kind, text: string) {
    super(text)
    this.kind = kind
  }
}

/** Result codes of SQLite that are the world's fault, by their beginning; any other one is a mistake of ours. */
const KINDS: readonly (readonly [beginning: string, kind: Kind])[] = [
  ['SQLITE_FULL', 'full'],
  ['SQLITE_READONLY_DBMOVED', 'gone'],
  ['SQLITE_READONLY', 'readonly'],
  ['SQLITE_PERM', 'readonly'],
  ['SQLITE_IOERR', 'io'],
  ['SQLITE_CANTOPEN', 'gone'],
  ['SQLITE_PROTOCOL', 'io'],
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_NOTADB', 'damaged'],
  ['SQLITE_CORRUPT', 'damaged'],
]

const TEXTS: { readonly [K in Kind]: string } = {
  full: 'The disk is full. Free some space.',
  readonly: 'The disk or the file is read-only. Make it writable.',
  gone: 'The database file or its folder cannot be opened. Bring it back.',
  io: 'The disk gives errors. Look at the cable, the card and the system log; replace the disk if they stay.',
  busy: 'Another program holds the database file. Close it.',
  damaged:
    'The database file is damaged. Stop the hub, keep the file aside, and put a copy from a backup in its place.',
}

/** What the world did wrong, for people; null for a mistake of ours. */
export function failureOf(error: unknown, path: string): StoreFailure | null {
  if (error instanceof FileProblem) return { kind: error.kind, text: error.message }
  if (error instanceof SQLiteError) return failureOfSqlite(error, path)
  // What the file system itself says, where a file is looked at or moved.
  if (error instanceof Error && 'code' in error && 'syscall' in error) {
    return { kind: error.code === 'ENOSPC' ? 'full' : 'gone', text: `${TEXTS.gone} (${error.message})` }
  }
  return null
}

function failureOfSqlite(error: SQLiteError, path: string): StoreFailure | null {
  const code = error.code ?? 'SQLITE_IOERR'
  // A table that is not there was there when the file was made.
  if (/^no such (table|column)/.test(error.message))
    return { kind: 'damaged', text: `${TEXTS.damaged} (${path}: ${error.message})` }
  const kind = KINDS.find(([beginning]) => code.startsWith(beginning))?.[1]
  return kind === undefined ? null : { kind, text: `${TEXTS[kind]} (${path}: ${code})` }
}
