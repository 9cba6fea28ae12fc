import type { Surroundings } from './surroundings.ts'

/** What the outbox takes from the browser. Every part may be missing: which are there depends on browser and page. */

/** The part of the surroundings that the outbox uses. */
export type OutboxSurroundings = Pick<Surroundings, 'now' | 'wall' | 'at' | 'uuid' | 'onVisible'>

/** A word to the other tabs, without content: they read again. */
export interface TabChannel {
  tell(): void
  close(): void
}

/** What the outbox needs of `localStorage`. */
export interface LocalStore {
  getItem(key: string): string | null
  removeItem(key: string): void
}

export type OutboxDevice = {
  readonly indexedDB: IDBFactory | undefined
  /** Missing where the page is no secure context, as on plain http in the LAN. */
  readonly locks: LockManager | undefined
  readonly local: LocalStore | undefined
  /** Undefined where tabs cannot hear each other. */
  openChannel(name: string, heard: () => void): TabChannel | undefined
  /** The page is being left; the result unsubscribes. */
  onLeave(handler: () => void): () => void
}

/** The parts of this browser. Also good outside of one: then all are missing. */
export function browserDevice(): OutboxDevice {
  return {
    indexedDB: part<IDBFactory>(() => globalThis.indexedDB),
    locks: part<LockManager>(() => globalThis.navigator?.locks),
    local: part(localStore),
    openChannel,
    onLeave: (handler) => {
      globalThis.addEventListener?.('pagehide', handler)
      return () => globalThis.removeEventListener?.('pagehide', handler)
    },
  }
}

/** Some browsers throw where a page may not keep anything, instead of leaving the part out. */
function part<T>(read: () => T | null | undefined): T | undefined {
  try {
    return read() ?? undefined
  } catch {
    return undefined
  }
}

function localStore(): LocalStore | undefined {
  const store: unknown = Reflect.get(globalThis, 'localStorage')
  return isLocalStore(store) ? store : undefined
}

function isLocalStore(value: unknown): value is LocalStore {
  return typeof value === 'object' && value !== null && 'getItem' in value && 'removeItem' in value
}

function openChannel(name: string, heard: () => void): TabChannel | undefined {
  const channel = part(() => new BroadcastChannel(name))
  if (channel === undefined) return undefined
  channel.onmessage = heard
  return { tell: () => channel.postMessage(null), close: () => channel.close() }
}
