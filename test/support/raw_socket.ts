import type { HubMessageType } from '../../src/protocol/mod.ts'
import { type HeardOf, Inbox, type Wanted } from './inbox.ts'
import { ANSWER_MS, within } from './wait.ts'
import type { Say } from './wire.ts'

export type RawOptions = {
  readonly path?: string
  /** Beside those of an upgrade; a `Host` here takes the place of the usual one. */
  readonly headers?: { readonly [name: string]: string }
  readonly protocol?: 1 | 2
}

/** The first byte of a frame: final, and what it carries. */
export const TEXT = 0x81
const CLOSE = 0x88
const PONG = 0x8a

const HEADER_END = '\r\n\r\n'

/**
 * A WebSocket spoken by hand over TCP, for what no library would send: it answers no ping, stops reading when told to,
 * and sends any bytes at all.
 */
export class RawSocket {
  readonly #inbox: Inbox
  readonly #tcp = Promise.withResolvers<Bun.Socket>()
  readonly #status = Promise.withResolvers<number>()
  readonly #ended = Promise.withResolvers<number | undefined>()
  #bytes = Buffer.alloc(0)
  #head: string | undefined
  #closeCode: number | undefined
  #toSend = Buffer.alloc(0)
  #received = 0

  private constructor(protocol: 1 | 2) {
    this.#inbox = new Inbox('a raw socket', protocol)
  }

  /** Asks for an upgrade; settles when the hub has answered, whatever it has answered. */
  static async open(port: number, options: RawOptions = {}): Promise<RawSocket> {
    const raw = new RawSocket(options.protocol ?? 2)
    const tcp = await Bun.connect({
      hostname: '127.0.0.1',
      port,
      socket: {
        data: (_, bytes) => raw.#take(bytes),
        drain: () => raw.#flush(),
        close: () => raw.#end(),
        error: () => raw.#end(),
      },
    })
    raw.#tcp.resolve(tcp)
    await raw.sendBytes(Buffer.from(upgradeRequest(port, options)))
    await within(Promise.race([raw.#status.promise, raw.#ended.promise]), ANSWER_MS, () => 'an answer to the upgrade')
    return raw
  }

  /** What the hub answered to the upgrade: 101, or the refusal. 0 if it just closed. */
  get status(): number {
    return Number(this.#head?.split(' ')[1] ?? 0)
  }

  /** Bytes that came so far. */
  get received(): number {
    return this.#received
  }

  async signIn(token: string, deviceId: string, more: Partial<Extract<Say, { type: 'AUTH' }>> = {}) {
    await this.send({ type: 'AUTH', token, deviceId, ...more })
    const auth = await this.next('AUTH_OK')
    const init = await this.next('SYNC_INIT')
    return { auth, init }
  }

  send(message: Say): Promise<void> {
    return this.sendFrame(TEXT, Buffer.from(JSON.stringify(message)))
  }

  sendFrame(first: number, payload: Uint8Array): Promise<void> {
    return this.sendBytes(Buffer.concat([frameHeader(first, payload.length), payload]))
  }

  /** Bytes that need be no frame at all. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    await this.#tcp.promise
    this.#toSend = Buffer.concat([this.#toSend, bytes])
    this.#flush()
  }

  pong(): Promise<void> {
    return this.sendFrame(PONG, Buffer.alloc(0))
  }

  next<T extends HubMessageType>(type: T, wanted?: Wanted<T>): Promise<HeardOf<T>> {
    return this.#inbox.next(type, wanted).then((frame) => frame.message)
  }

  seen<T extends HubMessageType>(type: T): HeardOf<T>[] {
    return this.#inbox.seen(type)
  }

  check(): void {
    this.#inbox.check()
  }

  /** Stops reading: what the hub sends stays in its own buffers. */
  async stopReading(): Promise<void> {
    const tcp = await this.#tcp.promise
    tcp.pause()
  }

  async readAgain(): Promise<void> {
    const tcp = await this.#tcp.promise
    tcp.resume()
  }

  /** Settles when the line is gone: with the code of the close frame, or undefined if there was none. */
  closing(withinMs: number = ANSWER_MS): Promise<number | undefined> {
    return within(this.#ended.promise, withinMs, () => 'the hub to close the socket')
  }

  async drop(): Promise<void> {
    const tcp = await this.#tcp.promise
    tcp.terminate()
    await this.closing()
  }

  #flush(): void {
    void this.#tcp.promise.then((tcp) => {
      const written = tcp.write(this.#toSend)
      if (written > 0) this.#toSend = this.#toSend.subarray(written)
    })
  }

  #take(bytes: Uint8Array): void {
    this.#received += bytes.length
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    if (this.#head === undefined) this.#takeHead()
    if (this.status === 101) while (this.#takeFrame());
  }

  #takeHead(): void {
    const end = this.#bytes.indexOf(HEADER_END)
    if (end < 0) return
    this.#head = this.#bytes.subarray(0, end).toString()
    this.#bytes = this.#bytes.subarray(end + HEADER_END.length)
    this.#status.resolve(this.status)
  }

  #takeFrame(): boolean {
    const frame = readFrame(this.#bytes)
    if (frame === undefined) return false
    this.#bytes = this.#bytes.subarray(frame.end)
    if (frame.first === TEXT) this.#inbox.take(frame.payload.toString())
    if (frame.first === CLOSE && frame.payload.length >= 2) this.#closeCode = frame.payload.readUInt16BE(0)
    return true
  }

  #end(): void {
    this.#inbox.end(`closed with ${this.#closeCode}`)
    this.#ended.resolve(this.#closeCode)
  }
}

function upgradeRequest(port: number, options: RawOptions): string {
  const headers = {
    Host: `127.0.0.1:${port}`,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...options.headers,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `GET ${options.path ?? '/'} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** Masked with noughts, so that the payload goes as it is. */
function frameHeader(first: number, length: number): Buffer {
  const mask = Buffer.alloc(4)
  if (length < 126) return Buffer.concat([Buffer.from([first, 0x80 | length]), mask])
  const long = Buffer.alloc(length < 65_536 ? 2 : 8)
  if (length < 65_536) long.writeUInt16BE(length)
  else long.writeBigUInt64BE(BigInt(length))
  return Buffer.concat([Buffer.from([first, 0x80 | (long.length === 2 ? 126 : 127)]), long, mask])
}

type RawFrame = { readonly first: number; readonly payload: Buffer; readonly end: number }

function readFrame(bytes: Buffer): RawFrame | undefined {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return undefined
  const short = second & 0x7f
  const start = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < start) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  const end = start + length
  return bytes.length < end ? undefined : { first, payload: bytes.subarray(start, end), end }
}
