import { Database } from 'bun:sqlite'
import { closeSync, existsSync, lstatSync, mkdirSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { APPLICATION_ID, SCHEMA_VERSION } from '../../db/migrations.ts'
import { EXIT } from './exit_codes.ts'
import { reasonOf } from './os_error.ts'
import { failureOf } from './sqlite_failure.ts'
import { StartProblem } from './start_problem.ts'

/** Offsets in the header of an SQLite file (sqlite.org/fileformat2.html); both numbers are big-endian. */
const HEADER_BYTES = 100
const USER_VERSION_AT = 60
const APPLICATION_ID_AT = 68
const MAGIC = 'SQLite format 3\0'

/**
 * Makes the folder, looks at the file without opening it as a database, and takes the lock that says "a hub runs on
 * this file". Throws a `StartProblem`; then the file is as it was.
 */
export function claimFile(path: string): { release(): void } {
  makeFolder(dirname(path))
  judgeHeader(path)
  return lock(realPath(path))
}

/** Two names for one file are one file: a link is followed, also to a file that is not there yet. */
function realPath(path: string): string {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
  if (existsSync(path)) return realpathSync(path)
  return isLink
    ? resolve(realpathSync(dirname(path)), readlinkSync(path))
    : join(realpathSync(dirname(path)), basename(path))
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new StartProblem(EXIT.dataFolder, `The data folder ${folder} cannot be made: ${reasonOf(error)}`)
  }
}

function judgeHeader(path: string): void {
  const header = readHeader(path)
  if (header === null) return
  const isOurs =
    header.toString('latin1', 0, MAGIC.length) === MAGIC && header.readInt32BE(APPLICATION_ID_AT) === APPLICATION_ID
  if (!isOurs) {
    const text = `${path} is damaged, or no hub has written it. Nothing was changed. Move it away, restore a backup, or name another file in HUB_DB_PATH.`
    throw new StartProblem(EXIT.damagedFile, text)
  }
  const version = header.readInt32BE(USER_VERSION_AT)
  if (version > SCHEMA_VERSION) {
    const text = `${path} was written by a newer hub (schema ${version}, this one knows ${SCHEMA_VERSION}). Nothing was changed. Start the newer hub, or restore a backup that this one has made.`
    throw new StartProblem(EXIT.newerFile, text)
  }
}

/** Null for a file that is missing or empty: it will be a new one. */
function readHeader(path: string): Buffer | null {
  if (!existsSync(path)) return null
  try {
    const descriptor = openSync(path, 'r')
    try {
      const header = Buffer.alloc(HEADER_BYTES)
      return readSync(descriptor, header, 0, HEADER_BYTES, 0) === 0 ? null : header
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw new StartProblem(EXIT.dataFolder, `${path} cannot be read: ${reasonOf(error)}`)
  }
}

/** An SQLite file of its own: its lock ends with the process, however that ends, on every system. */
function lock(path: string): { release(): void } {
  const lockPath = `${path}.lock`
  try {
    const database = new Database(lockPath, { create: true, readwrite: true })
    database.run('PRAGMA busy_timeout = 0')
    database.run('BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (error) {
    const failure = failureOf(error, lockPath)
    if (failure?.kind === 'busy') {
      throw new StartProblem(
        EXIT.otherHub,
        `Another hub runs on ${path}. Stop it first, or name another file in HUB_DB_PATH.`,
      )
    }
    if (failure === null) throw error
    throw new StartProblem(EXIT.dataFolder, `The data folder ${dirname(path)} cannot be written: ${failure.text}`)
  }
}
