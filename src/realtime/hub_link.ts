import type { HubMessage, Role } from '../protocol/mod.ts'
import { closeRefusal, refusalOf } from './hub_codes.ts'
import { Line, type LineEnd } from './hub_line.ts'
import { completeOld } from './hub_old.ts'
import type { Heard, Resume, Words } from './hub_words.ts'
import { type BackOff, Reconnect } from './reconnect.ts'
import type { Surroundings } from './surroundings.ts'
import type { ConnectionState, Refusal } from './transport.ts'

/** Until the hub says its first word: it may have to ask Odoo about the token. */
const FIRST_WORD_MS = 20_000

/** Of a hub that does not say how often: a third of the shortest time to live that it has by default. */
const HEARTBEAT_MS = 15_000

export type SignInOptions = {
  readonly url: string
  /** Asked once for the first sign-in, and again when the hub refuses the token. */
  token(): Promise<string>
  readonly deviceId: string
  readonly deviceName?: string | undefined
  readonly configId?: number | undefined
  readonly appVersion?: string | undefined
  /** Between heartbeats, if not what the hub says. */
  readonly pingMs?: number | undefined
}

export type LinkParts = SignInOptions & {
  readonly surroundings: Surroundings
  readonly backOff?: BackOff | undefined
  readonly check: (value: unknown) => HubMessage | null
  /** Where this terminal was in the hub's history; the secret of its session is the link's own. */
  position(): Omit<Resume, 'sessionId'> | null
  /** Everything after `AUTH_OK`, beginning with `SYNC_INIT`. */
  heard(message: HubMessage): void
  beating(): void
  /** Nothing can be said any more. */
  dropped(): void
  /** Something of the state is different. */
  changed(): void
}

/** Signed in to the hub, or on the way there: one socket at a time, and a new one when it is gone. */
export class Link {
  readonly #parts: LinkParts
  readonly #reconnect: Reconnect
  #line: Line | null = null
  #phase: ConnectionState['phase'] = 'off'
  #refusal: Refusal | null = null
  #token: string | null = null
  /** A new token was asked for since the last sign-in that worked. */
  #isRenewed = false
  /** Asking for a token takes time; the answer counts only for the try it was asked for. */
  #attempt = 0
  #sessionId: string | null = null
  #welcome: Heard<'AUTH_OK'> | null = null
  /** The present line has had its `AUTH_OK`: until then nobody knows what the hub speaks. */
  #isWelcome = false
  #settle: () => void = () => undefined
  #unlisten: () => void = () => undefined

  constructor(parts: LinkParts) {
    this.#parts = parts
    const { surroundings, backOff } = parts
    this.#reconnect = new Reconnect({ surroundings, backOff, attempt: () => void this.#try() })
  }

  get phase(): ConnectionState['phase'] {
    return this.#phase
  }

  get retryAt(): number | null {
    return this.#reconnect.retryAt
  }

  get refusal(): Refusal | null {
    return this.#refusal
  }

  get terminalId(): string | null {
    return this.#welcome?.terminalId ?? null
  }

  get role(): Role | null {
    return this.#welcome?.role ?? null
  }

  get protocol(): 1 | 2 {
    return (this.#welcome?.protocol ?? 1) >= 2 ? 2 : 1
  }

  /** Settles when it is ready, refused, or waits for its next try. */
  connect(): Promise<void> {
    if (this.#phase === 'ready') return Promise.resolve()
    const settled = new Promise<void>((resolve) => {
      const before = this.#settle
      this.#settle = () => {
        before()
        resolve()
      }
    })
    if (this.#phase === 'off') this.#listen()
    if (this.#phase === 'off' || this.#phase === 'refused') {
      this.#isRenewed = false
      void this.#try()
    } else this.#reconnect.hurry()
    return settled
  }

  disconnect(): void {
    this.#attempt++
    this.#unlisten()
    this.#reconnect.stop()
    this.#drop()
    this.#turn('off', null)
  }

  /** False: there is no line. An answer is expected soon. */
  say(words: Words): boolean {
    if (this.#phase !== 'ready' || this.#line === null || !this.#line.say(words)) return false
    this.#line.expect()
    return true
  }

  /** Signs in again on the live socket, or with the next one, with a new token. */
  async renew(): Promise<void> {
    const attempt = this.#attempt
    const token = await this.#askToken()
    if (attempt !== this.#attempt) return
    this.#token = token
    if (token !== null && this.#phase === 'ready') this.#line?.say(this.#auth(token))
  }

  #listen(): void {
    const { surroundings } = this.#parts
    const wake = () => {
      this.#reconnect.hurry()
      if (this.#phase === 'ready') this.#line?.probe()
    }
    const ends = [
      surroundings.onOnline(wake),
      surroundings.onVisible(wake),
      surroundings.onOnline(() => this.#parts.changed()),
      surroundings.onOffline(() => this.#parts.changed()),
    ]
    this.#unlisten = () => {
      for (const end of ends.splice(0)) end()
    }
  }

  async #try(): Promise<void> {
    const attempt = ++this.#attempt
    this.#drop()
    this.#turn('connecting', this.#refusal)
    const token = this.#token ?? (await this.#askToken())
    if (attempt !== this.#attempt) return
    if (token === null) {
      return this.#wait(refusalOf('SIGN_IN_UNAVAILABLE', 'This terminal could not get a token to sign in with.'))
    }
    this.#token = token
    this.#isWelcome = false
    const { surroundings, url } = this.#parts
    const line = new Line({
      surroundings,
      url,
      opened: () => line.say(this.#auth(token)),
      heard: (value) => this.#hear(value),
      beating: () => this.#parts.beating(),
      closed: (end) => this.#closed(end),
    })
    this.#line = line
    line.open(FIRST_WORD_MS)
  }

  /** Null: whoever gives tokens has none just now. */
  async #askToken(): Promise<string | null> {
    try {
      return await this.#parts.token()
    } catch {
      return null
    }
  }

  #auth(token: string): Words {
    const { deviceId, deviceName, configId, appVersion } = this.#parts
    const position = this.#parts.position()
    const resume =
      this.#sessionId === null || position === null ? undefined : { sessionId: this.#sessionId, ...position }
    return { type: 'AUTH', protocol: 2, token, deviceId, deviceName, configId, appVersion, resume }
  }

  #hear(value: unknown): void {
    const message = this.#parts.check(this.#isWelcome && this.protocol === 2 ? value : completeOld(value))
    if (message === null) return
    if (message.type === 'AUTH_OK') return this.#welcomed(message)
    if (message.type === 'AUTH_FAIL') return this.#refused(refusalOf(message.code, message.reason))
    if (message.type === 'SYNC_INIT' && this.#phase === 'connecting' && this.#isWelcome) {
      this.#reconnect.ready()
      this.#isRenewed = false
      this.#turn('ready', null)
    }
    if (this.#phase === 'ready') this.#parts.heard(message)
  }

  #welcomed(message: Heard<'AUTH_OK'>): void {
    this.#welcome = message
    this.#isWelcome = true
    this.#sessionId = message.sessionId ?? this.#sessionId
    const beatMs = this.#parts.pingMs ?? message.heartbeatMs ?? HEARTBEAT_MS
    this.#line?.keep(Math.max(1, beatMs), this.protocol === 2)
    this.#parts.changed()
  }

  #closed(end: LineEnd): void {
    this.#refused(closeRefusal(end.code, end.reason))
  }

  /** The line is over, or will be at once: what now? */
  #refused(refusal: Refusal): void {
    const wasReady = this.#phase === 'ready'
    this.#drop()
    if (refusal.next === 'later') return this.#wait(refusal)
    this.#token = null
    if (refusal.next === 'sign_in' && !this.#isRenewed) {
      this.#isRenewed = true
      // Not at once where it was let in before: a hub that lets in and throws out must not be asked without a pause.
      if (wasReady) return this.#wait(refusal)
      this.#refusal = refusal
      void this.#try()
      return
    }
    this.#turn('refused', refusal)
    this.#settleNow()
  }

  #wait(refusal: Refusal): void {
    this.#drop()
    this.#reconnect.failed()
    this.#turn('waiting', refusal)
    this.#settleNow()
  }

  #drop(): void {
    const line = this.#line
    if (line === null) return
    this.#line = null
    line.end()
    // What the next hub speaks is not known yet; who this terminal is stays on the screen.
    this.#parts.dropped()
  }

  #turn(phase: ConnectionState['phase'], refusal: Refusal | null): void {
    this.#phase = phase
    this.#refusal = refusal
    if (phase === 'ready' || phase === 'off') this.#settleNow()
    this.#parts.changed()
  }

  #settleNow(): void {
    const settle = this.#settle
    this.#settle = () => undefined
    settle()
  }
}
