import type { HubMessageType, JsonObject } from '../../src/protocol/mod.ts'
import type { Frame, Heard, HeardOf, Wanted } from './inbox.ts'
import { type Closing, type Say, Wire } from './wire.ts'

export type TerminalOptions = {
  readonly token: string
  readonly deviceId: string
  readonly protocol?: 1 | 2
  readonly configId?: number
  readonly resume?: ResumeFrom
  readonly headers?: { readonly [name: string]: string }
  /** Types whose messages are checked and not kept: for those who hear much and look at little. */
  readonly ignored?: readonly HubMessageType[]
  /** A hub that has to ping another socket first answers later. */
  readonly withinMs?: number
}

export type ResumeFrom = {
  readonly sessionId: string
  readonly epoch: string
  readonly seq: number
  readonly holds?: { readonly tableLocks?: number[]; readonly leases?: string[] }
}

export type Write = { readonly msgId?: string; readonly fence?: number }

/** No test has a table of this number, so a heartbeat for its lock is refused and changes nothing. */
const NOBODYS_TABLE = 987_654_321

let msgIds = 0

/** A msgId that no other message of this run has. */
export function freshMsgId(): string {
  msgIds++
  return `msg-${process.pid}-${msgIds}`
}

/** A terminal that is signed in: a v1 or a v2 one, on a real WebSocket. */
export class Terminal {
  readonly protocol: 1 | 2
  readonly auth: HeardOf<'AUTH_OK'>
  readonly init: Frame<HeardOf<'SYNC_INIT'>>
  readonly options: TerminalOptions
  readonly #wire: Wire

  private constructor(wire: Wire, options: TerminalOptions, first: Welcome) {
    this.#wire = wire
    this.options = options
    this.protocol = options.protocol ?? 2
    this.auth = first.auth
    this.init = first.init
  }

  /** Settles after `SYNC_INIT`. */
  static async connect(url: string, options: TerminalOptions): Promise<Terminal> {
    const protocol = options.protocol ?? 2
    const { deviceId, headers = {}, ignored = [] } = options
    const wire = new Wire(url, { who: deviceId, protocol, headers, ignored })
    await wire.opened
    wire.send(authOf(options))
    const wanted = options.withinMs === undefined ? {} : { withinMs: options.withinMs }
    const auth = await wire.next('AUTH_OK', wanted)
    const init = await wire.nextFrame('SYNC_INIT', wanted)
    return new Terminal(wire, options, { auth, init })
  }

  /** The name by which the others know it. */
  get id(): string {
    return this.auth.terminalId
  }

  get closed(): Promise<Closing> {
    return this.#wire.closed
  }

  closing(withinMs?: number): Promise<Closing> {
    return this.#wire.closing(withinMs)
  }

  get isOpen(): boolean {
    return this.#wire.isOpen
  }

  get frames(): readonly Frame[] {
    return this.#wire.frames
  }

  send(message: Say): void {
    this.#wire.send(message)
  }

  sendRaw(data: string | Uint8Array<ArrayBuffer>): void {
    this.#wire.sendRaw(data)
  }

  next<T extends HubMessageType>(type: T, wanted?: Wanted<T>): Promise<HeardOf<T>> {
    return this.#wire.next(type, wanted)
  }

  nextFrame<T extends HubMessageType>(type: T | readonly T[], wanted?: Wanted<T>): Promise<Frame<HeardOf<T>>> {
    return this.#wire.nextFrame(type, wanted)
  }

  seen<T extends HubMessageType>(type: T): HeardOf<T>[] {
    return this.#wire.seen(type)
  }

  /** The types of all messages since `forget`, without what comes at any moment (`HUB_STATUS`) or is ours (`caughtUp`). */
  types(): HubMessageType[] {
    return this.frames
      .map(({ message }) => message)
      .filter((message) => message.type !== 'HUB_STATUS' && !isOurs(message))
      .map(({ type }) => type)
  }

  forget(): void {
    this.#wire.forget()
  }

  check(): void {
    this.#wire.check()
  }

  drop(): Promise<Closing> {
    return this.#wire.drop()
  }

  close(): Promise<Closing> {
    return this.#wire.close()
  }

  /**
   * Everything that the hub had for this terminal has come: a heartbeat for a lock that nobody can hold is answered,
   * in both protocols, after all that was said before. It renews nothing.
   */
  async caughtUp(): Promise<void> {
    this.send({ type: 'TABLE_LOCK_HEARTBEAT', tableId: NOBODYS_TABLE })
    await this.next('TABLE_LOCK_REVOKED', { where: isOurs })
  }

  /** What a returning v2 terminal says about where it was. */
  resume(holds?: ResumeFrom['holds']): ResumeFrom {
    const { sessionId, epoch } = this.auth
    if (sessionId === undefined || epoch === undefined) throw new Error('AUTH_OK has no sessionId or epoch')
    return { sessionId, epoch, seq: this.seq, ...(holds === undefined ? {} : { holds }) }
  }

  /** The highest seq that it has heard. */
  get seq(): number {
    return this.#wire.seq
  }

  /** Takes the table's lock. */
  async lock(tableId: number): Promise<HeardOf<'TABLE_LOCK_GRANTED'>> {
    this.send({ type: 'TABLE_LOCK_ACQUIRE', tableId })
    return await this.next('TABLE_LOCK_GRANTED', { where: (message) => message.tableId === tableId })
  }

  /** Is refused the table's lock. */
  async lockDenied(tableId: number): Promise<HeardOf<'TABLE_LOCK_DENIED'>> {
    this.send({ type: 'TABLE_LOCK_ACQUIRE', tableId })
    return await this.next('TABLE_LOCK_DENIED', { where: (message) => message.tableId === tableId })
  }

  /** Takes the order's lease. */
  async lease(posReference: string, baseVersion = 0): Promise<HeardOf<'LEASE_GRANTED'>> {
    this.send({ type: 'LEASE_ACQUIRE', posReference, baseVersion })
    return await this.next('LEASE_GRANTED', { where: (message) => message.posReference === posReference })
  }

  /** Is refused the order's lease. */
  async leaseDenied(posReference: string, baseVersion = 0): Promise<HeardOf<'LEASE_DENIED'>> {
    this.send({ type: 'LEASE_ACQUIRE', posReference, baseVersion })
    return await this.next('LEASE_DENIED', { where: (message) => message.posReference === posReference })
  }

  /** Sends a version of an order; a v2 one has its msgId. The result is that msgId. */
  say(posReference: string, baseVersion: number, snapshot: JsonObject, extra: Write = {}): string {
    const msgId = extra.msgId ?? freshMsgId()
    const v2 = this.protocol === 2 ? { ...extra, msgId } : {}
    this.send({ type: 'ORDER_SNAPSHOT', posReference, baseVersion, snapshot, ...v2 })
    return msgId
  }

  /** A v2 terminal's version of an order, acknowledged. */
  async write(posReference: string, baseVersion: number, snapshot: JsonObject): Promise<HeardOf<'ORDER_ACCEPTED'>> {
    const msgId = this.say(posReference, baseVersion, snapshot)
    return await this.next('ORDER_ACCEPTED', { where: (message) => message.msgId === msgId })
  }

  /** The next `ORDER_UPDATED` of the order. */
  updated(posReference: string): Promise<HeardOf<'ORDER_UPDATED'>> {
    return this.next('ORDER_UPDATED', { where: (message) => message.posReference === posReference })
  }
}

function isOurs(message: Heard): boolean {
  return message.type === 'TABLE_LOCK_REVOKED' && message.tableId === NOBODYS_TABLE
}

type Welcome = { readonly auth: HeardOf<'AUTH_OK'>; readonly init: Frame<HeardOf<'SYNC_INIT'>> }

function authOf(options: TerminalOptions): Say {
  const { token, deviceId } = options
  if (options.protocol === 1) return { type: 'AUTH', token, deviceId }
  const configId = options.configId === undefined ? {} : { configId: options.configId }
  const resume = options.resume === undefined ? {} : { resume: options.resume }
  return { type: 'AUTH', token, deviceId, protocol: 2, ...configId, ...resume }
}
