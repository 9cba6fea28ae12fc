import type { Random } from '../support/random.ts'

type Peer = { upstream: Bun.Socket | null; leftBytes: number; readonly queue: Uint8Array[]; isOver: boolean }

/** How many bytes of a connection pass, in both directions, before it is cut in the middle of them. */
const CUT_AFTER_BYTES_MAX = 6_000

/** A bad radio link in front of a hub: cuts connections at any byte, with the tail lost, until it is calm. */
export class BadWire {
  readonly #listener: Bun.TCPSocketListener<Peer>
  readonly #random: Random
  #cutsLeft: number
  cuts = 0

  constructor(options: { readonly port: number; readonly random: Random; readonly cutsMax: number }) {
    const { port, random, cutsMax } = options
    this.#random = random
    this.#cutsLeft = cutsMax
    this.#listener = Bun.listen<Peer>({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        open: (socket) => {
          socket.data = { upstream: null, leftBytes: this.#draw(), queue: [], isOver: false }
          void this.#connect(socket, port)
        },
        data: (socket, chunk) => {
          const { upstream, queue } = socket.data
          if (upstream === null) queue.push(new Uint8Array(chunk))
          else this.#pass(socket, { to: upstream, chunk })
        },
        close: (socket) => this.#cut(socket),
      },
    })
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#listener.port}/`
  }

  /** No more cuts. */
  calm(): void {
    this.#cutsLeft = 0
  }

  [Symbol.dispose](): void {
    this.#listener.stop(true)
  }

  #draw(): number {
    return this.#random.below(CUT_AFTER_BYTES_MAX)
  }

  async #connect(socket: Bun.Socket<Peer>, port: number): Promise<void> {
    const { data: peer } = socket
    const upstream = await Bun.connect({
      hostname: '127.0.0.1',
      port,
      socket: {
        data: (_, chunk) => this.#pass(socket, { to: socket, chunk }),
        close: () => this.#cut(socket),
      },
    })
    if (peer.isOver) return void upstream.terminate()
    peer.upstream = upstream
    for (const chunk of peer.queue.splice(0)) this.#pass(socket, { to: upstream, chunk })
  }

  #pass(socket: Bun.Socket<Peer>, one: { readonly to: { write(chunk: Uint8Array): number }; chunk: Uint8Array }): void {
    const { data: peer } = socket
    if (peer.isOver) return
    if (this.#cutsLeft === 0) return void one.to.write(one.chunk)
    peer.leftBytes -= one.chunk.byteLength
    if (peer.leftBytes >= 0) return void one.to.write(one.chunk)
    this.#cutsLeft--
    this.cuts++
    one.to.write(one.chunk.subarray(0, one.chunk.byteLength + peer.leftBytes))
    this.#cut(socket)
  }

  #cut(socket: Bun.Socket<Peer>): void {
    const { data: peer } = socket
    if (peer.isOver) return
    peer.isOver = true
    peer.upstream?.terminate()
    socket.terminate()
  }
}
