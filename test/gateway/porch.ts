import type { Command, SignIn as SignInCommand } from '../../src/core/command.ts'
import type { Effect } from '../../src/core/outcome.ts'
import type { Chance, SignIn, SignInResult } from '../../src/engine/ports.ts'
import { Gateway, type GatewayParts } from '../../src/gateway/gateway.ts'
import type { GroupId, HubWords, ProtocolVersion } from '../../src/protocol/mod.ts'
import { FakeClock } from '../engine/fake_clock.ts'
import { FakeLog } from '../engine/house.ts'
import { FakeHall, FakeLine } from './fake_line.ts'

/** A gateway between lines and an engine that tests have in their hands. */

export const SHOP = 'shop' as GroupId

export const ANNA: SignInResult = {
  ok: true,
  identity: { subject: 'anna', name: 'Till 1', role: 'cashier', configIds: [] },
}

/** A sign-in that answers when a test lets it, with what the test says. */
class FakeSignIn implements SignIn {
  readonly asked: { readonly token: string; answer(result: SignInResult): void }[] = []
  /** What is answered at once; undefined: nothing, until a test does. */
  atOnce: SignInResult | undefined = ANNA

  check(token: string): Promise<SignInResult> {
    const { promise, resolve } = Promise.withResolvers<SignInResult>()
    this.asked.push({ token, answer: resolve })
    if (this.atOnce !== undefined) resolve(this.atOnce)
    return promise
  }
}

class CountingChance implements Chance {
  #count = 0
  secret = () => `secret-${++this.#count}`
  name = () => `t-${++this.#count}`
  digest = (text: string) => `digest of ${text}`
  fraction = () => 0
}

/** All that waits for a promise is done: promises that settle each other settle before the next task. */
export function settled(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  setImmediate(resolve)
  return promise
}

export class Porch {
  readonly clock = new FakeClock()
  readonly log = new FakeLog()
  readonly hall = new FakeHall()
  readonly signIn = new FakeSignIn()
  readonly gateway: Gateway
  readonly commands: Command[] = []
  /** The length that was said for each command. */
  readonly lengths: (number | undefined)[] = []
  /** Whether the engine takes what is submitted. */
  isTaking = true
  #lines = 0

  constructor(limits: Partial<GatewayParts> = {}) {
    const { clock, log, hall, signIn } = this
    this.gateway = new Gateway({
      ...{ clock, log, hall, signIn, chance: new CountingChance() },
      submit: (command, chars) => {
        if (!this.isTaking) return false
        this.commands.push(command)
        this.lengths.push(chars)
        return true
      },
      groupOf: (configId) => (configId === null ? 'default' : `group of ${configId}`) as GroupId,
      ...{ authTimeoutMs: 5_000, framesPerSecondMax: 2_000, socketsMax: 100, socketsPerAddressMax: 50 },
      ...limits,
    })
  }

  /** A socket that has said nothing. */
  knock(address?: string): FakeLine {
    const line = new FakeLine(++this.#lines, address)
    this.gateway.opened(line)
    return line
  }

  say(line: FakeLine, message: object | string): void {
    this.gateway.received(line, typeof message === 'string' ? message : JSON.stringify(message))
  }

  perform(...effects: readonly Effect[]): void {
    this.gateway.perform(effects)
  }

  send(line: FakeLine, message: HubWords): void {
    this.perform({ kind: 'send', line: line.id, message })
  }

  broadcast(message: HubWords, except: FakeLine | null = null): void {
    this.perform({ kind: 'broadcast', group: SHOP, message, except: except?.id ?? null })
  }

  admit(line: FakeLine, protocol: ProtocolVersion = 2): void {
    this.perform({ kind: 'admit', line: line.id, group: SHOP, protocol })
  }

  /** A terminal that is signed in; nothing of that is counted any more. */
  async enter(protocol: ProtocolVersion = 2, address?: string): Promise<FakeLine> {
    const line = this.knock(address)
    this.say(line, { type: 'AUTH', token: 'x', deviceId: `device-${line.id}`, protocol })
    await settled()
    this.admit(line, protocol)
    line.takeDeeds()
    line.frames.length = 0
    this.commands.length = 0
    this.lengths.length = 0
    return line
  }

  /** What was submitted, as `said HEARTBEAT`, `line_closed 3`; from then on only what comes later. */
  taken(): string[] {
    return this.commands.splice(0).map((command) => {
      if (command.kind === 'said') return `said ${command.message.type}`
      return 'line' in command ? `${command.kind} ${command.line}` : command.kind
    })
  }

  get lastSignIn(): SignInCommand | undefined {
    return this.commands.findLast((command) => command.kind === 'sign_in')
  }
}

export const STATUS: HubWords = {
  type: 'HUB_STATUS',
  connectedTerminals: 1,
  odoo: 'offline',
  pendingForward: 0,
  oldestPendingMs: 0,
}
