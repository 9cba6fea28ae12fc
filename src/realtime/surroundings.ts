/**
 * What the library takes from the page it runs in: clocks, chance, network, and whether anybody looks. One port, so
 * that a test can steer every one of them.
 */
export interface Surroundings {
  /** Monotonic milliseconds. */
  now(): number
  /** Milliseconds since 1970; may jump. */
  wall(): number
  /** Calls `wake` once when `now()` has reached `time`; the result calls it off. */
  at(time: number, wake: () => void): () => void
  /** From 0 up to, not including, 1. */
  random(): number
  /** 128 random bits as text. */
  uuid(): string
  /** Null where the browser does not even try, as with a `ws:` address on an `https:` page. */
  openSocket(url: string, heard: SocketEars): Socket | null
  fetch(url: string, init?: RequestInit): Promise<Response>
  /** What the browser thinks of this device's network: a `true` may be wrong. */
  online(): boolean
  visible(): boolean
  /** The device has its network back; the result unsubscribes. */
  onOnline(handler: () => void): () => void
  /** The device has lost its network; the result unsubscribes. */
  onOffline(handler: () => void): () => void
  /** The page is shown again; the result unsubscribes. */
  onVisible(handler: () => void): () => void
}

/** What is told of a socket; `closed` once, as the last. */
export type SocketEars = {
  opened(): void
  /** A text frame, or whatever else came. */
  heard(data: unknown): void
  closed(code: number, reason: string): void
}

export interface Socket {
  /** False: it is not open, and nothing was sent. */
  send(text: string): boolean
  close(): void
}

/** Those of the browser. */
export function browserSurroundings(): Surroundings {
  return {
    now: () => performance.now(),
    wall: () => Date.now(),
    at: setTimer,
    random: () => Math.random(),
    uuid: createUuid,
    openSocket,
    fetch: (url, init) => fetch(url, init),
    online: () => globalThis.navigator?.onLine !== false,
    visible: () => shown()?.visibilityState !== 'hidden',
    onOnline: (handler) => listen(globalThis, 'online', handler),
    onOffline: (handler) => listen(globalThis, 'offline', handler),
    onVisible: (handler) => {
      const page = shown()
      return listen(page, 'visibilitychange', () => page?.visibilityState !== 'hidden' && handler())
    },
  }
}

/** Longer waits overflow the timers of browsers and end at once. */
const TIMER_MS_MAX = 2_147_483_647

function setTimer(time: number, wake: () => void): () => void {
  const timer = setTimeout(wake, Math.min(TIMER_MS_MAX, Math.max(0, time - performance.now())))
  return () => clearTimeout(timer)
}

/** `randomUUID` is missing where the page is no secure context. */
function createUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function openSocket(url: string, ears: SocketEars): Socket | null {
  const socket = createWebSocket(url)
  if (socket === null) return null
  socket.onopen = () => ears.opened()
  socket.onmessage = (event) => ears.heard(event.data)
  socket.onclose = (event) => ears.closed(event.code, event.reason)
  return {
    send: (text) => {
      if (socket.readyState !== WebSocket.OPEN) return false
      socket.send(text)
      return true
    },
    close: () => socket.close(),
  }
}

function createWebSocket(url: string): WebSocket | null {
  try {
    return new WebSocket(url)
  } catch {
    return null
  }
}

type Page = { readonly visibilityState?: unknown; addEventListener: Listen; removeEventListener: Listen }
type Listen = (kind: string, handler: () => void) => void

function shown(): Page | undefined {
  const page: unknown = Reflect.get(globalThis, 'document')
  return isPage(page) ? page : undefined
}

function isPage(value: unknown): value is Page {
  return typeof value === 'object' && value !== null && 'addEventListener' in value && 'removeEventListener' in value
}

/** Outside of a browser there is nothing to listen to. */
function listen(where: unknown, kind: string, handler: () => void): () => void {
  if (!isPage(where)) return () => undefined
  where.addEventListener(kind, handler)
  return () => where.removeEventListener(kind, handler)
}
