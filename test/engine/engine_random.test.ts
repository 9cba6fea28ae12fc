import { expect, test } from 'bun:test'
import type { Command } from '../../src/core/command.ts'
import type { GroupId, PosReference } from '../../src/protocol/mod.ts'
import { createRandom, type Random } from '../support/random.ts'
import {
  discard,
  finalize,
  floorUpdate,
  heartbeat,
  lease,
  lineClosed,
  lock,
  pong,
  release,
  signIn,
  snapshot,
  tableUpdate,
  ticket,
  unlock,
} from './commands.ts'
import { EngineHouse, FULL } from './house.ts'

/** What is in memory is what is on the disk, whatever the terminals of a shop do and whenever the disk refuses. */

const ORDERS = 6
const TABLES = 4
const LINES = 5

class Shop {
  readonly #random: Random
  readonly house = EngineHouse.started()
  #line = 0
  #msgIds = 0
  #lines: number[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** Some commands that come together, and the time until they do. */
  step(): void {
    const { house } = this
    const refuses = this.#random.below(40) === 0
    if (refuses) house.disk.commits = FULL
    for (let count = 1 + this.#random.below(6); count > 0; count--) house.engine.submit(this.#command())
    house.run()
    house.disk.commits = null
    house.clock.advance(this.#random.below(10) === 0 ? this.#random.below(30_000) : this.#random.below(400))
    if (house.engine.state.hub === null) house.clock.advance(250)
    const { hub } = house.engine.state
    this.#lines = this.#lines.filter((line) => hub?.lines.has(line) || hub?.contests.has(line))
    if (this.#random.below(100) === 0) house.clock.stall(this.#random.below(100_000))
  }

  #command(): Command {
    const line = this.#lines[this.#random.below(this.#lines.length)]
    if (line === undefined || this.#random.below(30) === 0) return this.#arrive()
    // Orders come and go, because what is paid takes no more; mostly a terminal has its own.
    const own = this.#random.below(4) > 0 ? line : this.#random.below(ORDERS)
    const order = `order-${Math.floor(this.#msgIds / 60)}-${own % ORDERS}`
    const table = this.#random.below(TABLES)
    const version = this.#versionOf(order)
    const msgId = `m-${++this.#msgIds}`
    const commands: readonly (() => Command)[] = [
      () => lease(line, order, version),
      () => lease(line, order, version),
      () => snapshot(line, order, version, { msgId }),
      () => snapshot(line, order, version, { msgId }),
      () => snapshot(line, order, version, { msgId }),
      () => snapshot(line, order, version + this.#random.below(5)),
      () => finalize(line, order, { msgId }),
      () => discard(line, order, version, msgId),
      () => release(line, order),
      () => lock(line, table),
      () => unlock(line, table),
      () => tableUpdate(line, table, `status ${this.#random.below(3)}`),
      () => floorUpdate(line, table),
      () => ticket(line, msgId),
      () => ticket(line),
      () => heartbeat(line),
      () => pong(line),
      () => this.#leave(line),
    ]
    return commands[this.#random.below(commands.length)]?.() ?? heartbeat(line)
  }

  #versionOf(order: string): number {
    const group = this.house.engine.state.hub?.groups.get('default' as GroupId)
    return group?.orders.get(order as PosReference)?.record.version ?? 0
  }

  /** The same devices come again and again, of two groups and both protocols. */
  #arrive(): Command {
    const line = ++this.#line
    const device = this.#random.below(LINES)
    this.#lines = [line, ...this.#lines].slice(0, LINES)
    const protocol = device % 2 === 0 ? 1 : 2
    const { deviceId, subject } = signIn(1000 + device)
    return signIn(line, { deviceId, subject, protocol, group: (device === 4 ? 'bar' : 'default') as GroupId })
  }

  #leave(line: number): Command {
    this.#lines = this.#lines.filter((other) => other !== line)
    return lineClosed(line)
  }
}

test.each(Array.from({ length: 12 }, (_, at) => [at + 1] as const))('memory equals disk, seed %p', (seed) => {
  const shop = new Shop(createRandom(seed))
  for (let steps = 0; steps < 250; steps++) {
    shop.step()
    if (shop.house.engine.state.hub !== null) expect([steps, shop.house.onDisk]).toEqual([steps, shop.house.memory])
  }
  // The shop was a busy one: otherwise nothing was shown.
  expect(shop.house.words('ORDER_UPDATED').length).toBeGreaterThan(20)
  expect(shop.house.words('TICKET_NUMBER_ASSIGNED').length).toBeGreaterThan(20)
  const events = new Set(shop.house.takeEvents().map((event) => event.split(' ')[0] ?? ''))
  for (const event of ['commit', 'refused', 'recover', 'find']) expect(events).toContain(event)
})
