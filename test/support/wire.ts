import type * as z from 'zod'
import type { HubMessageType, TerminalMessage } from '../../src/protocol/mod.ts'
import { type Frame, type HeardOf, Inbox, type Wanted } from './inbox.ts'
import { ANSWER_MS, within } from './wait.ts'

/** What a terminal may say, as it stands on the wire. */
export type Say = z.input<typeof TerminalMessage>

export type Closing = { readonly code: number; readonly reason: string; readonly at: number }

export type WireOptions = {
  readonly who?: string
  readonly protocol?: 1 | 2
  readonly headers?: { readonly [name: string]: string }
  /** Types whose messages are checked and not kept. */
  readonly ignored?: readonly HubMessageType[]
}

/** One real WebSocket to a hub, before anybody is signed in on it. */
export class Wire {
  readonly #socket: WebSocket
  readonly #inbox: Inbox
  readonly #opened: Promise<void>
  readonly #closed: Promise<Closing>

  constructor(url: string, options: WireOptions = {}) {
    this.#inbox = new Inbox(options.who ?? 'a socket', options.protocol ?? 2, options.ignored)
    this.#socket = openSocket(url, options.headers ?? {})
    const opened = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<Closing>()
    opened.promise.catch(() => undefined)
    this.#opened = opened.promise
    this.#closed = closed.promise
    this.#socket.addEventListener('open', () => opened.resolve())
    this.#socket.addEventListener('message', (event) => this.#inbox.take(event.data))
    this.#socket.addEventListener('close', (event) => {
      opened.reject(new Error(`the hub did not open a socket: ${event.code} ${event.reason}`))
      closed.resolve({ code: event.code, reason: event.reason, at: performance.now() })
      this.#inbox.end(`closed with ${event.code} ${event.reason}`)
    })
  }

  /** Settles when the hub has taken the upgrade; fails when it has refused it. */
  get opened(): Promise<void> {
    return within(this.#opened, ANSWER_MS, () => 'the upgrade to a WebSocket')
  }

  /** How it was closed, by whomever; settles at any time. */
  get closed(): Promise<Closing> {
    return this.#closed
  }

  /** How it was closed, or an error when it is still open after `withinMs`. */
  closing(withinMs: number = ANSWER_MS): Promise<Closing> {
    return within(this.#closed, withinMs, () => 'the socket to be closed')
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  get frames(): readonly Frame[] {
    return this.#inbox.frames
  }

  /** The highest seq that was heard. */
  get seq(): number {
    return this.#inbox.seq
  }

  send(message: Say): void {
    this.#socket.send(JSON.stringify(message))
  }

  /** Anything at all: text as it is, or a binary frame. */
  sendRaw(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data)
  }

  async next<T extends HubMessageType>(type: T, wanted?: Wanted<T>): Promise<HeardOf<T>> {
    return (await this.#inbox.next(type, wanted)).message
  }

  nextFrame<T extends HubMessageType>(type: T | readonly T[], wanted?: Wanted<T>): Promise<Frame<HeardOf<T>>> {
    return this.#inbox.next(type, wanted)
  }

  seen<T extends HubMessageType>(type: T): HeardOf<T>[] {
    return this.#inbox.seen(type)
  }

  forget(): void {
    this.#inbox.forget()
  }

  check(): void {
    this.#inbox.check()
  }

  /** Closes it as a terminal does that is switched off properly. */
  close(): Promise<Closing> {
    this.#socket.close(1000)
    return this.closing()
  }

  /** Cuts it as a lost radio does: no close frame. */
  drop(): Promise<Closing> {
    this.#socket.terminate()
    return this.closing()
  }
}

/** Bun's second argument, headers, is not in the constructor's type while the types of a browser are loaded. */
function openSocket(url: string, headers: { readonly [name: string]: string }): WebSocket {
  return Reflect.construct(WebSocket, [url, { headers }])
}
