import type { Database } from 'bun:sqlite'
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { FileProblem } from './sqlite_failure.ts'

/** Which file stands at a path: its number on the disk. Null: none, or a disk without such numbers. */
export function homeOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined || stat.ino === 0n ? null : String(stat.ino)
}

/**
 * A file that is deleted while it is open lives on until it is closed. Before that happens, all of it is written to a
 * new file in its place. If another file stands there, it is left alone, and ours is written beside it. Throws where
 * that cannot be done; then the open file stays open, and this is tried again.
 */
export function rescue(path: string, open: { readonly database: Database; readonly home: string | null }): void {
  const home = homeOf(path)
  if (open.home === null || home === open.home) return
  if (home === null) return writeTo(path, open.database)
  const aside = `${path}.rescued`
  if (!existsSync(aside)) writeTo(aside, open.database)
  const text = `Another file was put in the place of ${path} under the running hub. What the hub held is in ${aside}. Stop the hub, and leave in its place the one that is right.`
  throw new FileProblem('gone', text)
}

/** All of the database, into a new file that is whole before it gets its name. */
function writeTo(path: string, database: Database): void {
  const draft = `${path}.draft`
  rmSync(draft, { force: true })
  database.run('VACUUM INTO ?', [draft])
  sync(draft)
  // A log of the old file would be taken for one of the new file.
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
  renameSync(draft, path)
  sync(dirname(path))
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
