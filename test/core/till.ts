import { expect } from 'bun:test'
import type { SignIn } from '../../src/core/command.ts'
import {
  canonical,
  type DeviceId,
  decodeTerminal,
  type GroupId,
  HubMessage,
  type HubMessageType,
  type PosReference,
  REQUIRED_IN_V2,
  type Role,
  type SessionId,
  type TableId,
  type TerminalId,
  type TerminalMessageType,
  type TerminalWords,
} from '../../src/protocol/mod.ts'
import type { Heard, HeardOf } from '../support/inbox.ts'
import { GROUP, type Hearer, type Stage } from './stage.ts'

/** A message of a terminal as it stands on the wire. A v2 terminal's `msgId` is made up where it is missing. */
export type Frame = { readonly type: TerminalMessageType; readonly [field: string]: unknown }

export type Who = {
  readonly name?: string
  readonly role?: Role
  readonly protocol?: 1 | 2
  readonly deviceId?: string
  readonly subject?: string
  readonly group?: string
  readonly configId?: number | null
  /** A radio link that is dead: the socket stands, and nothing comes from it. */
  readonly isDead?: boolean
}

export type Return = {
  readonly sessionId?: string
  readonly epoch?: string
  readonly seq?: number
  readonly tableLocks?: readonly number[]
  readonly leases?: readonly string[]
}

/** A terminal of the play: one program on one device, on one socket after another. */
export class Till implements Hearer {
  readonly who: Required<Who>
  readonly closings: { readonly line: number; readonly code: string }[] = []
  readonly statuses: HeardOf<'HUB_STATUS'>[] = []
  line: number | null = null
  answersPings: boolean
  pings = 0
  #stage: Stage
  /** Frames as they came: most of them nobody reads. */
  #inbox: string[] = []
  #auth: HeardOf<'AUTH_OK'> | null = null
  #sessionId: string | undefined
  #init: HeardOf<'SYNC_INIT'> | null = null

  constructor(stage: Stage, who: Who) {
    const { name = stage.name('Till'), role = 'cashier', protocol = 2, isDead = false } = who
    const { deviceId = stage.name('device'), subject = 'shop token', group = GROUP, configId = null } = who
    this.#stage = stage
    this.who = { name, role, protocol, deviceId, subject, group, configId, isDead }
    this.answersPings = !isDead
  }

  get isIn(): boolean {
    return this.#auth !== null
  }

  /** The name by which the others know it. */
  get id(): string {
    return this.auth.terminalId
  }

  /** What it was told at its last sign-in. */
  get auth(): HeardOf<'AUTH_OK'> {
    if (this.#auth === null) throw new Error(`${this.who.name} is not signed in`)
    return this.#auth
  }

  /** The last SYNC_INIT. */
  get init(): HeardOf<'SYNC_INIT'> {
    if (this.#init === null) throw new Error(`${this.who.name} never heard SYNC_INIT`)
    return this.#init
  }

  get sessionId(): string {
    if (this.#sessionId === undefined) throw new Error(`${this.who.name} has no session`)
    return this.#sessionId
  }

  get lastCode(): string | undefined {
    return this.closings.at(-1)?.code
  }

  /** Signs in on a new socket; what it had is unknown to the hub, but for the device. */
  open(resume: SignIn['resume'] = null): this {
    this.#auth = null
    this.#stage.connect(this, this.#signIn(resume))
    return this
  }

  /** Comes back on a new socket with what it knew: v2 by its session, v1 by its device. */
  back(change: Return = {}): this {
    return this.open(this.who.protocol === 1 ? null : this.returning(change))
  }

  /** What it says of the session that it had. */
  returning(change: Return = {}): SignIn['resume'] {
    const sessionId = change.sessionId ?? this.sessionId
    const { epoch = this.init.epoch, seq = this.init.seq, tableLocks = [], leases = [] } = change
    const holds = { tableLocks: tableLocks.map((id) => id as TableId), leases: leases.map((id) => id as PosReference) }
    return { sessionId: sessionId as SessionId, sessionKey: digestOf(sessionId), epoch, seq, holds }
  }

  /** A second AUTH on its socket. */
  again(who: Partial<Who> = {}, resume: SignIn['resume'] = null): Heard[] {
    const at = this.#inbox.length
    if (this.line !== null) this.#stage.do({ ...this.#signIn(resume, who), line: this.line })
    return read(this.#inbox.splice(at))
  }

  #signIn(resume: SignIn['resume'], change: Partial<Who> = {}): Omit<SignIn, 'line'> {
    const { name, role, protocol, deviceId, subject, group, configId } = { ...this.who, ...change }
    const secret = this.#stage.name('session')
    return {
      kind: 'sign_in',
      protocol,
      group: group as GroupId,
      deviceId: deviceId as DeviceId,
      subject,
      name,
      role,
      configId,
      resume,
      fresh: {
        terminalId: this.#stage.name('terminal') as TerminalId,
        sessionId: secret as SessionId,
        sessionKey: digestOf(secret),
      },
      settled: null,
    }
  }

  /** Its socket closes. */
  drop(): this {
    const { line } = this
    this.line = null
    if (line !== null) this.#stage.close(line)
    return this
  }

  pong(): void {
    if (this.line !== null) this.#stage.do({ kind: 'pong', line: this.line })
  }

  /** Sends a frame; what it hears of it comes back and is not in the inbox. */
  say(frame: Frame): Heard[] {
    const at = this.#inbox.length
    this.#stage.do({ kind: 'said', ...this.decode(frame), line: this.line ?? -1 })
    return read(this.#inbox.splice(at))
  }

  /** Sends a frame to which one message of that type must be all that it hears. */
  ask<T extends HubMessageType>(frame: Frame, type: T): HeardOf<T> {
    const heard = this.say(frame)
    expect(typesOf(heard)).toEqual([type])
    return first(heard, type)
  }

  /** Sends a frame to which it must hear nothing. */
  tell(frame: Frame): void {
    expect(typesOf(this.say(frame))).toEqual([])
  }

  /** A frame as the gateway hands it on. */
  decode(frame: Frame) {
    const { protocol } = this.who
    const needsId = protocol === 2 && REQUIRED_IN_V2[frame.type] !== undefined && frame['msgId'] === undefined
    const whole = needsId ? { ...frame, msgId: this.#stage.name('msg') } : frame
    const decoded = decodeTerminal(JSON.stringify(whole), protocol)
    if (!decoded.ok) throw new Error(`no terminal may say this: ${decoded.why}`)
    return { message: decoded.message, facts: decoded.facts, digest: carriedDigest(decoded.message) }
  }

  hear(text: string): void {
    if (!this.#stage.isQuick) judge(text)
    if (isOf(text, 'HUB_STATUS')) this.statuses.push(first(read([text]), 'HUB_STATUS'))
    else this.#inbox.push(text)
    if (isOf(text, 'SYNC_INIT')) this.#init = first(read([text]), 'SYNC_INIT')
    if (!isOf(text, 'AUTH_OK')) return
    this.#auth = first(read([text]), 'AUTH_OK')
    this.#sessionId = this.#auth.sessionId ?? this.#sessionId
  }

  closed(line: number, code: string): void {
    this.closings.push({ line, code })
    if (this.line === line) this.line = null
  }

  /** Counts, and says whether a pong comes back. */
  pinged(line: number): boolean {
    this.pings++
    return this.answersPings && line === this.line
  }

  /** Everything heard since it was last asked. */
  take(): Heard[] {
    return read(this.#inbox.splice(0))
  }

  /** The same, of one type. */
  taken<T extends HubMessageType>(type: T): HeardOf<T>[] {
    return this.take().filter((message): message is HeardOf<T> => message.type === type)
  }
}

/** The only message of a type among those heard. */
export function first<T extends HubMessageType>(heard: readonly Heard[], type: T): HeardOf<T> {
  const [found] = heard.filter((message): message is HeardOf<T> => message.type === type)
  if (found === undefined) throw new Error(`no ${type} among ${typesOf(heard).join(', ') || 'nothing'}`)
  return found
}

export function typesOf(heard: readonly Heard[]): HubMessageType[] {
  return heard.map(({ type }) => type)
}

function read(texts: readonly string[]): Heard[] {
  return texts.map((text) => JSON.parse(text) as Heard)
}

/** The type stands first in every frame of the hub. */
function isOf(text: string, type: HubMessageType): boolean {
  return text.startsWith(`{"type":"${type}"`)
}

/** What a hub may say, with no field that the schema does not have. */
function judge(text: string): void {
  const said: unknown = JSON.parse(text)
  expect<unknown>(HubMessage.parse(said)).toEqual(said)
}

function digestOf(text: string): string {
  return `digest of ${text}`
}

/** As the gateway makes it; of a discard, whose only content is its reason, the gateway makes none. */
function carriedDigest(message: TerminalWords): string {
  if (message.type === 'ORDER_SNAPSHOT') return digestOf(message.snapshot.json)
  if (message.type === 'ORDER_FINALIZE') return digestOf(canonical(JSON.parse(message.snapshot.json)))
  if (message.type === 'ORDER_DISCARD') return digestOf(message.reason ?? '')
  const isCarrier = message.type === 'LEASE_RELEASE' && message.finalSnapshot !== undefined
  return isCarrier ? digestOf(message.finalSnapshot.json) : ''
}
