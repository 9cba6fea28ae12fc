import type { HubMessageType, Role } from '../../src/protocol/mod.ts'
import { type Environment, HubProcess } from './hub_process.ts'
import { type ResumeFrom, Terminal } from './terminal.ts'
import { tokenFor } from './tokens.ts'
import { Wire, type WireOptions } from './wire.ts'

export type Joining = {
  readonly role?: Role
  readonly protocol?: 1 | 2
  /** If not one of its own, made from the name. */
  readonly deviceId?: string
  /** Of the token. */
  readonly configs?: readonly number[]
  /** Of `AUTH`. */
  readonly configId?: number
  readonly resume?: ResumeFrom
  readonly withinMs?: number
  readonly ignored?: readonly HubMessageType[]
}

/**
 * A hub and the terminals of a shop. Disposing of it ends them, and fails the test if the hub has ended by itself or
 * has said to any terminal what it may not.
 */
export class Shop {
  readonly hub: HubProcess
  readonly #terminals: Terminal[] = []
  readonly #wires: Wire[] = []

  private constructor(hub: HubProcess) {
    this.hub = hub
  }

  static async open(env: Environment = {}): Promise<Shop> {
    return new Shop(await HubProcess.start({ env }))
  }

  /** A shop around a hub that was started in another way; it ends with the shop. */
  static around(hub: HubProcess): Shop {
    return new Shop(hub)
  }

  /** A terminal that is signed in with a signed token; role `cashier` and protocol 2 if nothing else is said. */
  async join(name: string, joining: Joining = {}): Promise<Terminal> {
    const { role = 'cashier', configs, deviceId = `device of ${name}`, ...rest } = joining
    const token = await tokenFor({ name, role, ...(configs === undefined ? {} : { configs }) })
    const terminal = await Terminal.connect(this.hub.url, { token, deviceId, ...rest })
    this.#terminals.push(terminal)
    return terminal
  }

  /** The same person and device on a new socket; v2 resumes its session. */
  async rejoin(former: Terminal, changed: { resume?: ResumeFrom; withinMs?: number } = {}): Promise<Terminal> {
    const resume = former.protocol === 2 ? { resume: changed.resume ?? former.resume() } : {}
    const terminal = await Terminal.connect(this.hub.url, { ...former.options, ...changed, ...resume })
    this.#terminals.push(terminal)
    return terminal
  }

  /** An open socket on which nobody is signed in. */
  async wire(options: WireOptions = {}): Promise<Wire> {
    const wire = new Wire(this.hub.url, options)
    this.#wires.push(wire)
    await wire.opened
    return wire
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]()
    for (const line of [...this.#terminals, ...this.#wires]) line.check()
  }
}
