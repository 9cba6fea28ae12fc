import { SQLiteError } from 'bun:sqlite'
import type { StoreFailure } from '../engine/ports.ts'

type Kind = StoreFailure['kind']

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
  full: 'The disk is full. Free some space: the hub goes on by itself.',
  readonly: 'The disk or the file is read-only. Make it writable: the hub goes on by itself.',
  gone: 'The database file or its folder cannot be opened. Bring it back: the hub goes on by itself.',
  io: 'The disk gives errors. Look at the cable, the card and the system log; replace the disk if they stay.',
  busy: 'Another program holds the database file. Close it: the hub goes on by itself.',
  damaged: 'The database file is damaged. Stop the hub, keep the file aside, and restore a backup.',
}

/** What the world did wrong, for people; null for a mistake of ours. */
export function failureOf(error: unknown, path: string): StoreFailure | null {
  if (!(error instanceof SQLiteError)) return null
  const code = error.code ?? 'SQLITE_IOERR'
  const kind = KINDS.find(([beginning]) => code.startsWith(beginning))?.[1]
  return kind === undefined ? null : { kind, text: `${TEXTS[kind]} (${path}: ${code})` }
}
