import { type DemoServer, startDemoServer } from '../../src/bun/demo_server.ts'
import { type OpenHub, openHub } from '../../src/bun/open_hub.ts'
import type { Odoo } from '../../src/engine/ports.ts'
import { FakeClock } from '../engine/fake_clock.ts'
import { configFor, KeptLog } from './clock.ts'
import { openFolder } from './folder.ts'
import type { Environment } from './hub_process.ts'
import { odooEnvironment } from './odoo_shop.ts'
import { Terminal, type TerminalOptions } from './terminal.ts'
import { tokenFor } from './tokens.ts'

/** Less than what the hub takes for a standstill of its own. */
const STEP_MS = 900

/** It shows whole milliseconds, as every clock of a hub does: whoever wants to be woken between two is in the next. */
class WholeClock extends FakeClock {
  override at(time: number, wake: () => void): () => void {
    return super.at(Math.ceil(time), wake)
  }
}

export type VirtualOptions = {
  readonly env?: Environment
  /** In place of the stand-in. */
  readonly odoo?: Odoo
}

/** A hub in this process on a real file and a real port, whose time goes by only when the test says so. */
export class VirtualShop {
  readonly clock: FakeClock
  readonly log: KeptLog
  readonly server: DemoServer
  readonly #hub: OpenHub
  readonly #folder: AsyncDisposable
  readonly #terminals: Terminal[] = []

  private constructor(parts: {
    clock: FakeClock
    log: KeptLog
    server: DemoServer
    hub: OpenHub
    folder: AsyncDisposable
  }) {
    this.clock = parts.clock
    this.log = parts.log
    this.server = parts.server
    this.#hub = parts.hub
    this.#folder = parts.folder
  }

  static async open({ env = {}, odoo }: VirtualOptions = {}): Promise<VirtualShop> {
    const folder = await openFolder()
    const clock = new WholeClock(1_000, Date.now())
    const log = new KeptLog()
    const server = await startDemoServer()
    const config = configFor(folder.path, { ...odooEnvironment(server, 'json2'), ...env })
    const hub = await openHub(config, { clock, log, ...(odoo !== undefined && { odoo }) })
    return new VirtualShop({ clock, log, server, hub, folder })
  }

  get odoo(): DemoServer['odoo'] {
    return this.server.odoo
  }

  get http(): string {
    return `http://127.0.0.1:${this.#hub.port}`
  }

  async join(name: string, options: Partial<TerminalOptions> = {}): Promise<Terminal> {
    const token = await tokenFor({ name, role: 'manager' })
    const url = `ws://127.0.0.1:${this.#hub.port}/`
    const terminal = await Terminal.connect(url, { token, deviceId: `device of ${name}`, ...options })
    this.#terminals.push(terminal)
    return terminal
  }

  /** Lets time go by in small steps, and the hub and its sockets do after each what they have to. */
  async pass(ms: number, stepMs = STEP_MS): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(left, stepMs))
      await settled()
    }
  }

  /** Lets time go by until it is so; fails after `withinMs` of the hub's time. */
  async passUntil(condition: () => boolean, { withinMs, stepMs = STEP_MS }: Passing): Promise<void> {
    const end = this.clock.now() + withinMs
    while (!condition()) {
      if (this.clock.now() >= end) throw new Error(`it is not so after ${withinMs} ms of the hub's time`)
      await this.pass(stepMs, stepMs)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const terminal of this.#terminals) await terminal.drop()
      const closed = this.#hub.close()
      let isClosed = false
      void closed.then(() => {
        isClosed = true
      })
      await this.passUntil(() => isClosed, { withinMs: 60_000 })
      await closed
      for (const terminal of this.#terminals) terminal.check()
    } finally {
      await this.server.stop({ hard: true })
      await this.#folder[Symbol.asyncDispose]()
    }
  }
}

export type Passing = { readonly withinMs: number; readonly stepMs?: number }

/** What waits for its turn in this process has had it, a few turns deep. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
