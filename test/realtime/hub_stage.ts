import { createHubTransport, type HubTransportOptions } from '../../src/realtime/hub_transport.ts'
import { isObject } from '../../src/realtime/hub_words.ts'
import type { Socket, SocketEars, Surroundings } from '../../src/realtime/surroundings.ts'
import type { Snapshot, SyncTransport } from '../../src/realtime/transport.ts'
import { Shelf } from './hub_shelf.ts'

/** A socket whose other end is the test. */
export class FakeSocket implements Socket {
  readonly ears: SocketEars
  readonly said: Snapshot[] = []
  isOpen = false
  isClosed = false

  constructor(ears: SocketEars) {
    this.ears = ears
  }

  send(text: string): boolean {
    if (!this.isOpen || this.isClosed) return false
    const words: unknown = JSON.parse(text)
    if (isObject(words)) this.said.push(words)
    return true
  }

  close(): void {
    this.isClosed = true
  }

  open(): void {
    this.isOpen = true
    this.ears.opened()
  }

  hear(message: object): void {
    this.ears.heard(JSON.stringify(message))
  }

  /** The other side closes it. */
  drop(code = 1006, reason = ''): void {
    this.isClosed = true
    this.ears.closed(code, reason)
  }

  /** What was said of that type. */
  of(type: string): Snapshot[] {
    return this.said.filter((words) => words['type'] === type)
  }

  last(type: string): Snapshot {
    const words = this.of(type).pop()
    if (words === undefined) throw new Error(`nobody said ${type}`)
    return words
  }
}

/** A page whose clock, chance, network and sockets are moved by hand. */
export class FakePage implements Surroundings {
  readonly sockets: FakeSocket[] = []
  isOnline = true
  chance = 0
  #now = 1_000
  #ids = 0
  readonly #timers = new Set<{ readonly time: number; readonly wake: () => void }>()
  readonly #online = new Set<() => void>()
  readonly #visible = new Set<() => void>()

  get timers(): number {
    return this.#timers.size
  }

  get listeners(): number {
    return this.#online.size + this.#visible.size
  }

  /** The only socket that is not closed. */
  get socket(): FakeSocket {
    const live = this.sockets.filter((socket) => !socket.isClosed)
    const [socket] = live
    if (socket === undefined || live.length > 1) throw new Error(`there are ${live.length} live sockets`)
    return socket
  }

  now = () => this.#now
  wall = () => 1_700_000_000_000 + this.#now
  random = () => this.chance
  uuid = () => `id-${++this.#ids}`
  online = () => this.isOnline
  visible = () => true

  at(time: number, wake: () => void): () => void {
    const timer = { time, wake }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  openSocket(_url: string, ears: SocketEars): Socket {
    const socket = new FakeSocket(ears)
    this.sockets.push(socket)
    return socket
  }

  async fetch(): Promise<Response> {
    return Response.error()
  }

  onOnline = (handler: () => void) => subscribe(this.#online, handler)
  onOffline = (handler: () => void) => subscribe(this.#online, handler)
  onVisible = (handler: () => void) => subscribe(this.#visible, handler)

  comeOnline(): void {
    for (const handler of [...this.#online]) handler()
  }

  show(): void {
    for (const handler of [...this.#visible]) handler()
  }

  /** Lets time pass, timer by timer, and what follows from each. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const due = [...this.#timers]
        .filter((timer) => timer.time <= end)
        .sort((left, right) => left.time - right.time)[0]
      if (due === undefined) break
      this.#timers.delete(due)
      this.#now = Math.max(this.#now, due.time)
      due.wake()
      await settle()
    }
    this.#now = end
    await settle()
  }
}

function subscribe(handlers: Set<() => void>, handler: () => void): () => void {
  handlers.add(handler)
  return () => handlers.delete(handler)
}

/** Everything that follows without waiting for time or the wire has happened. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

export const WELCOME = {
  type: 'AUTH_OK',
  ...{ terminalId: 't-me', role: 'cashier', protocol: 2, sessionId: 's-1', epoch: 'e-1' },
  ...{ hubTime: 1, hubVersion: '1', heartbeatMs: 10_000 },
}

export const SYNC = {
  ...{ type: 'SYNC_INIT', mode: 'full', orders: [], closed: [], tables: [], tableLocks: [], leases: [], floors: [] },
  ...{ epoch: 'e-1', seq: 10 },
}

export type Stage = {
  readonly page: FakePage
  readonly shelf: Shelf
  readonly transport: SyncTransport
  /** The next socket is opened and signed in, with these words of the hub. */
  signIn(welcome?: object, sync?: object): Promise<FakeSocket>
}

export function createStage(options: Partial<HubTransportOptions> = {}): Stage {
  const page = new FakePage()
  const shelf = new Shelf()
  const transport = createHubTransport({
    url: 'ws://hub',
    token: async () => 'token',
    deviceId: 'device',
    outbox: shelf.page(),
    surroundings: page,
    ...options,
  })
  const signIn = async (welcome: object = WELCOME, sync: object = SYNC) => {
    if (transport.state.phase === 'off') void transport.connect()
    await settle()
    const { socket } = page
    socket.open()
    socket.hear(welcome)
    socket.hear(sync)
    await settle()
    return socket
  }
  return { page, shelf, transport, signIn }
}
