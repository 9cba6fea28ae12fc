import { userInfo } from 'node:os'
import type { Config } from '../config.ts'
import { deskPathOf, isTooLong } from './desk_socket.ts'
import { codeOf, reasonOf } from './os_error.ts'

export type Asked =
  | { readonly ok: true; readonly status: number; readonly text: string; readonly body: Body }
  /** One line for people. */
  | { readonly ok: false; readonly problem: string }

export type Body = { readonly [key: string]: unknown }

/** Asks the hub that runs on this machine with the same file. `path` begins with a slash. */
export async function askHub(config: Pick<Config, 'dbPath'>, path: string, init: RequestInit = {}): Promise<Asked> {
  const unix = deskPathOf(config)
  if (isTooLong(unix)) {
    const problem = `${config.dbPath} is too long for a socket beside it: give the data folder a shorter path.`
    return { ok: false, problem }
  }
  try {
    // Comparing with Odoo may take longer than the five minutes that fetch waits if nothing is said.
    const response = await fetch(`http://hub${path}`, { ...init, unix, signal: null, timeout: false })
    const text = await response.text()
    return { ok: true, status: response.status, text, body: bodyOf(text) }
  } catch (error) {
    const isAway = ['ENOENT', 'ECONNREFUSED', 'ConnectionRefused', 'FailedToOpenSocket'].includes(codeOf(error))
    const why = isAway ? `no hub runs on ${config.dbPath}` : `the hub did not answer on ${unix} (${reasonOf(error)})`
    const advice = 'Start it, or say which one: --db-path FILE (--try for the one of npm start), as its own user.'
    return { ok: false, problem: `${why}. ${advice}` }
  }
}

function bodyOf(text: string): Body {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Body) : {}
  } catch {
    return {}
  }
}

/** Who does this, for the audit. */
export function personOf(): string {
  try {
    return userInfo().username.slice(0, 64) || 'unknown'
  } catch {
    // A user without an entry in the system's list, as in a container.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
