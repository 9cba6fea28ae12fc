import type { Command } from '../core/command.ts'
import type { Effect } from '../core/outcome.ts'
import type { Chance, Clock, Hall, Line, Log, SignIn } from '../engine/ports.ts'
import {
  type CloseCode,
  canonical,
  closeNumber,
  type Decoded,
  decodeTerminal,
  ERRORS,
  encodeHub,
  type GroupId,
  HUB_V2_ONLY,
  type HubWords,
  UNSIGNED_BYTES_MAX,
  utf8Bytes,
} from '../protocol/mod.ts'
import { type AuthWords, authenticate } from './authenticate.ts'
import { Door } from './door.ts'
import { CLOSE_PATIENCE_MS, EARLY_FRAMES_MAX, REFUSALS_LOGGED_MAX, SLOW_BYTES_MAX, V1_MALFORMED_MAX } from './limits.ts'
import { Rate } from './rate.ts'

export type GatewayParts = {
  readonly clock: Clock
  readonly log: Log
  readonly hall: Hall
  readonly signIn: SignIn
  readonly chance: Chance
  /** To the engine, with the length of its frame; false if it cannot take it now. */
  submit(command: Command, chars?: number): boolean
  groupOf(configId: number | null): GroupId
  readonly authTimeoutMs: number
  readonly framesPerSecondMax: number
  readonly socketsMax: number
  readonly socketsPerAddressMax: number
}

/** The terminals' door: frames become commands, effects become frames, and who does not read is cut. */
export class Gateway {
  readonly #parts: GatewayParts
  readonly #doors = new Map<number, Door>()
  readonly #addresses = new Map<string, number>()
  readonly #refusals = new Rate(REFUSALS_LOGGED_MAX)
  #refusalsUnsaid = 0
  /** Why nobody is let in just now. */
  #shut: CloseCode | null = null
  #whenEmpty: () => void = () => undefined

  constructor(parts: GatewayParts) {
    this.#parts = parts
  }

  get sockets(): number {
    return this.#doors.size
  }
  /** Whether one more socket from there has a place. */
  hasRoom(address: string): boolean {
    const { socketsMax, socketsPerAddressMax } = this.#parts
    return this.#doors.size < socketsMax && (this.#addresses.get(address) ?? 0) < socketsPerAddressMax
  }

  opened(line: Line): void {
    const { clock, framesPerSecondMax, authTimeoutMs } = this.#parts
    const door = new Door(line, framesPerSecondMax)
    this.#doors.set(line.id, door)
    this.#addresses.set(line.address, (this.#addresses.get(line.address) ?? 0) + 1)
    if (this.#shut !== null) return this.#close(door, this.#shut)
    door.cancelTimer = clock.at(clock.now() + authTimeoutMs, () => {
      if (door.phase === 'new') this.#close(door, 'AUTH_TIMEOUT')
    })
  }

  /** `frame` is null for a binary one, which the protocol does not have. */
  received(line: Line, frame: string | null): void {
    const door = this.#doors.get(line.id)
    if (door === undefined || door.phase === 'closing') return
    if (!door.rate.take(this.#parts.clock.now())) return this.#close(door, 'RATE_LIMITED')
    if (door.phase !== 'open') return this.#early(door, frame)
    this.#said(door, frame)
  }

  ponged(line: Line): void {
    if (this.#doors.get(line.id)?.phase === 'open') this.#parts.submit({ kind: 'pong', line: line.id })
  }

  drained(line: Line): void {
    const door = this.#doors.get(line.id)
    if (door !== undefined) door.allowanceBytes = Math.min(door.allowanceBytes, line.bufferedBytes())
  }

  closed(line: Line): void {
    const door = this.#doors.get(line.id)
    if (door === undefined) return
    door.cancelTimer()
    this.#doors.delete(line.id)
    const left = (this.#addresses.get(line.address) ?? 1) - 1
    if (left > 0) this.#addresses.set(line.address, left)
    else this.#addresses.delete(line.address)
    if (door.phase !== 'new' && door.phase !== 'closing') this.#parts.submit({ kind: 'line_closed', line: line.id })
    door.phase = 'closing'
    this.#tellEmpty()
  }

  /** Tells every terminal to go, and takes none until `open`. */
  shut(code: CloseCode): void {
    this.#shut = code
    for (const door of this.#doors.values()) if (door.phase !== 'closing') this.#close(door, code)
  }

  open(): void {
    this.#shut = null
  }

  /** Whether any terminal has not yet read what was sent to it. */
  isAnyBehind(): boolean {
    return [...this.#doors.values()].some(({ line }) => line.bufferedBytes() > 0)
  }

  /** Calls back once when no socket is left. */
  onEmpty(told: () => void): void {
    this.#whenEmpty = told
    this.#tellEmpty()
  }

  #tellEmpty(): void {
    if (this.#doors.size > 0) return
    const told = this.#whenEmpty
    this.#whenEmpty = () => undefined
    told()
  }

  /** Cuts every line that has not gone by itself. */
  cutAll(): void {
    for (const { line } of this.#doors.values()) line.cut()
  }

  /** Does what the engine decided, in order; then cuts who does not read. */
  perform(effects: readonly Effect[]): void {
    let isBroadcast = false
    for (const effect of effects) {
      if (effect.kind === 'broadcast') isBroadcast = true
      if (effect.kind !== 'call' && effect.kind !== 'reply') this.#do(effect)
    }
    if (isBroadcast) for (const door of this.#doors.values()) this.#cutIfSlow(door)
  }

  #do(effect: Exclude<Effect, { kind: 'call' | 'reply' }>): void {
    if (effect.kind === 'broadcast') return this.#broadcast(effect)
    if (effect.kind === 'note') return this.#parts.log.info(effect.event, effect.fields)
    const door = this.#doors.get(effect.line)
    if (door === undefined || door.phase === 'closing') return
    switch (effect.kind) {
      case 'send':
        return this.#send(door, effect.message)
      case 'admit':
        return this.#admit(door, effect)
      case 'close':
        return this.#close(door, effect.code)
      case 'ping':
        return door.line.ping()
    }
  }

  #send(door: Door, message: HubWords): void {
    const frame = encodeHub(message)
    if (message.type === 'SYNC_INIT') door.allowanceBytes = Math.max(door.allowanceBytes, frame.length * 3)
    door.line.send(frame)
    this.#cutIfSlow(door)
  }

  #broadcast(effect: Extract<Effect, { kind: 'broadcast' }>): void {
    const { message, group, except } = effect
    const frame = encodeHub(message)
    const topic = topicOf(group, HUB_V2_ONLY.has(message.type) ? 2 : 1)
    const sender = except === null ? undefined : this.#doors.get(except)
    if (sender !== undefined && sender.phase === 'open') sender.line.publish(topic, frame)
    else this.#parts.hall.publish(topic, frame)
  }

  #admit(door: Door, effect: Extract<Effect, { kind: 'admit' }>): void {
    if (door.phase === 'open') return
    door.cancelTimer()
    door.phase = 'open'
    door.protocol = effect.protocol
    door.line.join(topicOf(effect.group, 1))
    if (effect.protocol === 2) door.line.join(topicOf(effect.group, 2))
    for (const frame of door.early.splice(0)) if (this.#isOpen(door)) this.#said(door, frame)
  }

  #isOpen(door: Door): boolean {
    return door.phase === 'open'
  }

  #cutIfSlow(door: Door): void {
    if (door.phase === 'closing') return
    if (door.line.bufferedBytes() > SLOW_BYTES_MAX + door.allowanceBytes) this.#close(door, 'SLOW_READER')
  }

  /** What comes before the terminal is let in: AUTH first, and little more. */
  #early(door: Door, frame: string | null): void {
    if (frame === null) return this.#refuse(door, 'AUTH_REQUIRED', ERRORS.AUTH_REQUIRED.meaning)
    // Counted only where it can still fit: a stranger's megabyte is not worth a walk over it.
    door.unsignedBytes += frame.length > UNSIGNED_BYTES_MAX ? frame.length : utf8Bytes(frame)
    if (door.unsignedBytes > UNSIGNED_BYTES_MAX) {
      return this.#refuse(door, 'TOO_LARGE', `Before sign-in a terminal may send ${UNSIGNED_BYTES_MAX} bytes`)
    }
    if (door.phase === 'checking') {
      if (door.early.length >= EARLY_FRAMES_MAX)
        return this.#refuse(door, 'TOO_LARGE', 'Too many frames before sign-in')
      door.early.push(frame)
      return
    }
    const decoded = decodeTerminal(frame, 1)
    if (decoded.ok && decoded.message.type === 'AUTH') return this.#check(door, decoded.message)
    const isAuth = !decoded.ok && decoded.code === 'MALFORMED' && decoded.why.startsWith('AUTH')
    if (isAuth) return this.#refuse(door, 'MALFORMED', decoded.why)
    this.#refuse(door, 'AUTH_REQUIRED', ERRORS.AUTH_REQUIRED.meaning)
  }

  #said(door: Door, frame: string | null): void {
    const decoded: Decoded =
      frame === null
        ? { ok: false, code: 'MALFORMED', why: 'binary frames are not part of the protocol' }
        : decodeTerminal(frame, door.protocol)
    if (!decoded.ok) return this.#malformed(door, decoded)
    const { message, facts } = decoded
    if (message.type === 'AUTH') return this.#check(door, message)
    const command = { kind: 'said', line: door.line.id, message, facts, digest: this.#digestOf(message) } as const
    if (!this.#parts.submit(command, frame?.length)) this.#close(door, 'BUSY')
  }

  /** Of what a frame carries, where it may have to be compared with another one. */
  #digestOf(message: Extract<Decoded, { ok: true }>['message']): string {
    const { chance } = this.#parts
    // Of a payment what it says counts, not how it is written: other terminals may repeat it.
    if (message.type === 'ORDER_FINALIZE') return chance.digest(canonical(JSON.parse(message.snapshot.json)))
    if (message.type === 'ORDER_SNAPSHOT' && message.msgId !== undefined) return chance.digest(message.snapshot.json)
    if (message.type === 'ORDER_DISCARD') return chance.digest(message.reason ?? '')
    if (message.type === 'LEASE_RELEASE' && message.finalSnapshot !== undefined) {
      return chance.digest(message.finalSnapshot.json)
    }
    return ''
  }

  #malformed(door: Door, decoded: Extract<Decoded, { ok: false }>): void {
    const { code, why, msgId } = decoded
    if (door.protocol === 2) {
      const words = { type: 'ERROR', code, message: why, next: ERRORS[code].next } as const
      return this.#send(door, msgId === undefined ? words : { ...words, msgId })
    }
    if (code === 'UNKNOWN_TYPE') return
    door.malformed++
    if (door.malformed >= V1_MALFORMED_MAX) this.#close(door, 'MALFORMED')
  }

  /** A token is checked outside the turn; the answer may take its time, and the socket may be gone by then. */
  #check(door: Door, message: AuthWords): void {
    if (door.phase === 'new') door.phase = 'checking'
    const done = authenticate(this.#parts, door.line.id, message)
    void done.then((result) => {
      if (door.phase === 'closing') return
      if (!result.ok) return this.#refuse(door, result.code, result.reason)
      if (!this.#parts.submit(result.command)) this.#close(door, 'BUSY')
    })
  }

  #refuse(door: Door, code: CloseCode, reason: string): void {
    this.#logRefusal(code, reason, door.line.address)
    door.line.send(encodeHub({ type: 'AUTH_FAIL', reason, code }))
    this.#close(door, code)
  }

  /** A stranger who knocks a thousand times a second must not fill the disk with lines about it. */
  #logRefusal(code: CloseCode, reason: string, address: string): void {
    const { clock, log } = this.#parts
    if (!this.#refusals.take(clock.now())) {
      this.#refusalsUnsaid++
      return
    }
    log.info('a terminal was not let in', { code, reason, address, unsaid: this.#refusalsUnsaid })
    this.#refusalsUnsaid = 0
  }

  #close(door: Door, code: CloseCode): void {
    const { clock, log } = this.#parts
    const { line, phase } = door
    door.cancelTimer()
    door.phase = 'closing'
    door.early.length = 0
    log.debug('closing a line', { line: line.id, code, address: line.address })
    if (phase !== 'new') this.#parts.submit({ kind: 'line_closed', line: line.id })
    door.cancelTimer = clock.at(clock.now() + CLOSE_PATIENCE_MS, () => line.cut())
    line.close(closeNumber(code), ERRORS[code].meaning)
  }
}

function topicOf(group: GroupId, protocol: 1 | 2): string {
  return `${protocol}/${group}`
}
