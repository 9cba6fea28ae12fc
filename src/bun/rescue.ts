import type { Database } from 'bun:sqlite'
import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFile, syncFolder } from './durable.ts'
import { FileProblem } from './sqlite_failure.ts'

/** Which file stands at a path: its number on the disk. Null: none, or a disk without such numbers. */
export function homeOf(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined || stat.ino === 0n ? null : String(stat.ino)
}

/** An open file: where it was when it was opened, and where it was written to since another one took its place. */
export type OpenFile = { readonly database: Database; readonly home: string | null; aside: string | null }

/**
 * A file that is deleted while it is open lives on until it is closed. Before that happens, all of it is written to a
 * new file in its place. If another file stands there, it is left alone, and ours is written beside it. Throws where
 * that cannot be done; then the open file stays open, and this is tried again.
 */
export function rescue(path: string, open: OpenFile): void {
  const home = homeOf(path)
  if (open.home === null || home === open.home) return
  if (home === null) return writeTo(path, open.database)
  if (open.aside === null) {
    const aside = freeName(`${path}.rescued`)
    writeTo(aside, open.database)
    open.aside = aside
  }
  const text = `Another file was put in the place of ${path} under the running hub. What the hub held is in ${open.aside}. Stop the hub, and leave in its place the one that is right.`
  throw new FileProblem('gone', text)
}

/** The name, or the name with a number where that is taken: what was rescued before stays. */
function freeName(name: string): string {
  if (!existsSync(name)) return name
  for (let n = 2; ; n++) if (!existsSync(`${name}-${n}`)) return `${name}-${n}`
}

/** All of the database, into a new file that is whole before it gets its name. */
function writeTo(path: string, database: Database): void {
  const draft = `${path}.draft`
  rmSync(draft, { force: true })
  database.run('VACUUM INTO ?', [draft])
  syncFile(draft)
  // A log of the old file would be taken for one of the new file.
  for (const end of ['-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
  renameSync(draft, path)
  syncFolder(dirname(path))
}
