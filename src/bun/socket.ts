import type { Server, ServerWebSocket, WebSocketHandler } from 'bun'
import type { Hall, Line } from '../engine/ports.ts'
import type { Gateway } from '../gateway/gateway.ts'

/** What Bun keeps with a socket. */
export type SocketData = { readonly address: string; line: BunLine | null }

/**
 * A little more than the largest frame of the protocol: up to here a terminal is told that its frame is too large and
 * stays; beyond it Bun closes the socket itself. What it keeps of unfinished frames is memory that a stranger can fill.
 */
const FRAME_BYTES_MAX = 1024 * 1024 + 64 * 1024

/** The last stop for a reader that does not read: the largest SYNC_INIT must fit. The gateway cuts long before. */
const BACKPRESSURE_BYTES_MAX = 256 * 1024 * 1024

let lastLine = 0

/** A Bun socket as the gateway sees it. */
export class BunLine implements Line {
  readonly id: number
  readonly address: string
  readonly #socket: ServerWebSocket<SocketData>
  constructor(socket: ServerWebSocket<SocketData>) {
    lastLine++
    this.id = lastLine
    this.address = socket.data.address
    this.#socket = socket
  }
  send(frame: string): void {
    this.#socket.send(frame)
  }
  join(topic: string): void {
    this.#socket.subscribe(topic)
  }
  publish(topic: string, frame: string): void {
    this.#socket.publish(topic, frame)
  }
  ping(): void {
    this.#socket.ping()
  }
  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }
  cut(): void {
    this.#socket.terminate()
  }
  bufferedBytes(): number {
    return this.#socket.getBufferedAmount()
  }
}

/** `gateway` is asked for late: it is built after the server, whose hall it needs. */
export function createSocketHandler(gateway: () => Gateway): WebSocketHandler<SocketData> {
  return {
    maxPayloadLength: FRAME_BYTES_MAX,
    backpressureLimit: BACKPRESSURE_BYTES_MAX,
    closeOnBackpressureLimit: true,
    // The core watches for silence and pings by itself.
    idleTimeout: 0,
    sendPings: false,
    open(socket) {
      socket.data.line = new BunLine(socket)
      gateway().opened(socket.data.line)
    },
    message(socket, frame) {
      if (socket.data.line !== null) gateway().received(socket.data.line, typeof frame === 'string' ? frame : null)
    },
    pong(socket) {
      if (socket.data.line !== null) gateway().ponged(socket.data.line)
    },
    drain(socket) {
      if (socket.data.line !== null) gateway().drained(socket.data.line)
    },
    close(socket) {
      if (socket.data.line !== null) gateway().closed(socket.data.line)
    },
  }
}

export function createHall(server: () => Server<SocketData>): Hall {
  return {
    publish(topic, frame) {
      server().publish(topic, frame)
    },
  }
}
