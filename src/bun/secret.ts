import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  unlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type Config, TOKEN_SECRET_CHARACTERS_MIN } from '../config.ts'
import { syncFolder, writeDurably } from './durable.ts'
import { codeOf, reasonOf } from './os_error.ts'

/** The secret that signs terminal tokens: configured, or made once and kept in the data folder. */

const FILE = 'hub.secret'

/** Nobody's secret is longer; keeps a file given by mistake out of memory. */
const BYTES_MAX = 4_096

export type TokenSecret =
  | {
      readonly ok: true
      readonly secret: string
      readonly from: 'configuration' | 'file' | 'made'
      /** The file it is kept in; null for a configured one. */
      readonly path: string | null
      /** Something was put right that a person should know of. */
      readonly warning: string | null
    }
  /** One line for people. The process ends with `EXIT.dataFolder`. */
  | { readonly ok: false; readonly problem: string }

/** The folder of the SQLite file: all that the hub keeps is in there. */
export function dataFolderOf(config: Pick<Config, 'dbPath'>): string {
  return dirname(config.dbPath)
}

/** Two processes that ask at the same moment, for the first time, get the same secret. */
export function tokenSecret(config: Pick<Config, 'dbPath' | 'tokenSecret'>): TokenSecret {
  if (config.tokenSecret !== null) {
    return { ok: true, secret: config.tokenSecret, from: 'configuration', path: null, warning: null }
  }
  const path = join(dataFolderOf(config), FILE)
  try {
    return readSecret(path) ?? makeSecret(path) ?? refuse(path, 'it disappeared while it was read')
  } catch (error) {
    return refuse(path, reasonOf(error))
  }
}

/** Null if there is no file. */
function readSecret(path: string): TokenSecret | null {
  const descriptor = openIfThere(path)
  if (descriptor === null) return null
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) return refuse(path, 'it is not a file')
    const warning = tighten(descriptor, stat.mode, path)
    const buffer = new Uint8Array(BYTES_MAX + 1)
    const length = readSync(descriptor, buffer, 0, buffer.length, 0)
    if (length > BYTES_MAX) return refuse(path, `it is longer than ${BYTES_MAX} bytes`)
    const secret = new TextDecoder().decode(buffer.subarray(0, length)).trim()
    if (secret.length >= TOKEN_SECRET_CHARACTERS_MIN) return { ok: true, secret, from: 'file', path, warning }
    const advice = 'put a longer one in, or remove the file: then a new one is made and old tokens end'
    return refuse(path, `it holds fewer than ${TOKEN_SECRET_CHARACTERS_MIN} characters; ${advice}`)
  } finally {
    closeSync(descriptor)
  }
}

function openIfThere(path: string): number | null {
  try {
    // Not blocking: on a FIFO in its place, open would wait for a writer for ever.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Takes the rights of group and others away. Windows has no such rights and always shows all of them. */
function tighten(descriptor: number, mode: number, path: string): string | null {
  if (process.platform === 'win32' || (mode & 0o077) === 0) return null
  const rights = (mode & 0o777).toString(8)
  try {
    fchmodSync(descriptor, 0o600)
  } catch (error) {
    throw new Error(
      `other users may read it (mode ${rights}), and that cannot be changed (${reasonOf(error)}): chmod 600 it`,
    )
  }
  if ((fstatSync(descriptor).mode & 0o077) !== 0) {
    throw new Error(`other users may read it (mode ${rights}), and its file system does not let that be changed`)
  }
  return `Other users could read ${path} (mode ${rights}); it has mode 600 now. If one may have, remove it: a new one is made and old tokens end.`
}

/**
 * The whole secret is on the disk under another name before it gets its own by `link`, which fails if that exists:
 * nobody ever reads half a secret, also after a power cut, and of two that race one wins and the other reads.
 */
function makeSecret(path: string): TokenSecret | null {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const secret = randomBytes(32).toString('hex')
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  try {
    writeDurably(draft, `${secret}\n`)
    linkSync(draft, path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return readSecret(path)
    throw error
  } finally {
    removeIfThere(draft)
  }
  syncFolder(folder)
  return { ok: true, secret, from: 'made', path, warning: null }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

function refuse(path: string, reason: string): TokenSecret {
  return { ok: false, problem: `The token secret ${path} cannot be used: ${reason}.` }
}
