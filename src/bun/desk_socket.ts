import { lstatSync, unlinkSync } from 'node:fs'
import type { Hono } from 'hono'
import type { Config } from '../config.ts'
import type { Log } from '../engine/ports.ts'
import { codeOf, reasonOf } from './os_error.ts'

export type DeskSocket = { close(): Promise<void> }

/** Longer ones do not fit the system's own structure for an address. */
const PATH_BYTES_MAX = 100

/** Only this user of the machine speaks with the hub there. */
const OWNER_ONLY = 0o177

/** Where the programs of the same machine speak with a running hub: beside its file, for its user alone. */
export function deskPathOf({ dbPath }: Pick<Config, 'dbPath'>): string {
  return `${dbPath}.sock`
}

/** A hub there has no socket: no system takes an address that long. */
export function isTooLong(path: string): boolean {
  return new TextEncoder().encode(path).length > PATH_BYTES_MAX
}

/** Opens it; where that cannot be, the hub runs on without it and says so. The lock of the file is ours already. */
export function openDesk(config: Pick<Config, 'dbPath'>, app: Hono, log: Log): DeskSocket {
  const path = deskPathOf(config)
  if (isTooLong(path)) {
    log.warn(
      'the path of the data folder is too long for a socket: pos-hub orders and the like cannot reach this hub',
      {
        path,
      },
    )
    return { close: () => Promise.resolve() }
  }
  try {
    removeLeftOver(path)
    const server = listenPrivately(path, app)
    return {
      async close() {
        await server.stop(true)
        try {
          removeLeftOver(path)
        } catch (error) {
          // As on a card that has become read-only: the next hub takes it away, this one still has to end in order.
          log.warn('the socket file stays', { path, error: reasonOf(error) })
        }
      },
    }
  } catch (error) {
    const fields = { path, error: reasonOf(error) }
    log.warn('pos-hub orders and the like cannot reach this hub: no socket could be made', fields)
    return { close: () => Promise.resolve() }
  }
}

/**
 * Comparing with Odoo takes minutes, and without this a request ends after ten seconds: on a unix socket `server.timeout`
 * for the one request has no effect. Bun's types know the setting for ports only, and it acts on both.
 */
const PATIENT: object = { idleTimeout: 0 }

/** The mode is set before anybody can connect, not after. */
function listenPrivately(path: string, app: Hono) {
  const before = process.umask(OWNER_ONLY)
  try {
    return Bun.serve({
      unix: path,
      development: false,
      maxRequestBodySize: 64 * 1024,
      ...PATIENT,
      fetch: (request) => app.fetch(request),
    })
  } finally {
    process.umask(before)
  }
}

/** The socket of a hub that was killed; whatever else has this name is not ours to remove. */
function removeLeftOver(path: string): void {
  try {
    if (!lstatSync(path).isSocket()) throw new Error('another file has its name')
    unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}
