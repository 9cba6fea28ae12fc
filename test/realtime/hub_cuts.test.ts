import { expect, test } from 'bun:test'
import type { ConflictEvent, OrderUpdatedEvent, SyncEvent } from '../../src/realtime/transport.ts'
import { createRandom, type Random } from '../support/random.ts'
import { Shop } from '../support/shop.ts'
import { until } from '../support/wait.ts'
import { QUICK, Till } from './hub_till.ts'
import { BadWire } from './hub_wire.ts'

const SEEDS = 100
const AT_ONCE = 10
const CHANGES = 6

/** Of snapshots in this file: the ids of its lines. */
function linesOf(snapshot: unknown): readonly string[] {
  const lines = typeof snapshot === 'object' && snapshot !== null && 'lines' in snapshot ? snapshot.lines : []
  return Array.isArray(lines) ? lines.map(String) : []
}

/** Adds lines to one order, as a waiter does; where another was faster, it adds them to what is stored. */
class Waiter {
  readonly added: string[] = []
  #lines: readonly string[] = []
  #version = 0
  readonly #till: Till
  readonly #posReference: string

  constructor(till: Till, posReference: string) {
    this.#till = till
    this.#posReference = posReference
    till.transport.onOrderUpdated((event) => this.#see(event))
    till.transport.onSyncInit((event: SyncEvent) => {
      for (const order of event.orders) this.#see(order)
    })
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  async add(line: string): Promise<void> {
    this.added.push(line)
    await this.#write([...this.#lines, line])
  }

  async #write(lines: readonly string[]): Promise<void> {
    this.#lines = lines
    const base = this.#version
    const answer = await this.#till.transport.sendOrderSnapshot(this.#posReference, base, { lines })
    if (answer.state === 'saved') this.#version = Math.max(this.#version, answer.version)
    else if (answer.state === 'conflict') await this.#merge(answer.conflict)
    else throw new Error(`refused: ${answer.refusal.code}`)
  }

  async #merge({ hubVersion, hubSnapshot }: ConflictEvent): Promise<void> {
    const stored = linesOf(hubSnapshot)
    this.#version = Math.max(this.#version, hubVersion)
    await this.#write([...new Set([...stored, ...this.#lines, ...this.added])])
  }

  #see(event: Omit<OrderUpdatedEvent, 'sourceTerminal'>): void {
    if (event.posReference !== this.#posReference || event.version <= this.#version) return
    if (this.#till.state.unsent > 0) return
    this.#version = event.version
    this.#lines = linesOf(event.snapshot)
  }
}

async function play(shop: Shop, random: Random): Promise<{ readonly cuts: number }> {
  const posReference = `order of seed ${random.seed}`
  using wire = new BadWire({ port: shop.hub.port, random, cutsMax: random.below(8) })
  const names = ['Anna', 'Bert'].map((name) => `${name} ${random.seed}`)
  const tills = names.map((name) => new Till({ url: wire.url, name, pingMs: 100 }))
  using anna = tills[0] as Till
  using bert = tills[1] as Till
  const waiters = [new Waiter(anna, posReference), new Waiter(bert, posReference)]
  await Promise.all(tills.map((till) => till.transport.connect()))
  const writes: Promise<void>[] = []
  for (let change = 0; change < CHANGES; change++) {
    const waiter = waiters[random.below(2)]
    if (waiter !== undefined) writes.push(waiter.add(`line ${change}`))
    if (random.below(2) === 0) await Promise.race(writes)
  }
  const settled = Promise.all(writes)
  await until(() => tills.every((till) => till.state.unsent === 0) || wire.cuts > 3, { what: 'some work is done' })
  wire.calm()
  await settled
  const all = Array.from({ length: CHANGES }, (_, change) => `line ${change}`)
  await Promise.all(tills.map((till) => till.ready()))
  const same = () => waiters.every((waiter) => [...waiter.lines].sort().join() === all.join())
  await until(same, { what: `both tills of seed ${random.seed} show all lines: ${JSON.stringify(waiters)}` })
  expect(tills.map((till) => till.shelf.rows)).toEqual([[], []])
  expect(new Set(tills.flatMap((till) => till.shelf.ids)).size).toBe(tills.flatMap((till) => till.shelf.ids).length)
  return { cuts: wire.cuts }
}

test('[P1][P6] 100 seeds of cuts at any byte: no line is lost, and both tills show the same', async () => {
  await using shop = await Shop.open({ ...QUICK, HUB_LEASE_TTL_MS: '2000' })
  let cuts = 0
  for (let seed = 1; seed <= SEEDS; seed += AT_ONCE) {
    const seeds = Array.from({ length: AT_ONCE }, (_, more) => seed + more)
    const played = await Promise.all(seeds.map((one) => play(shop, createRandom(one))))
    for (const one of played) cuts += one.cuts
  }
  expect(cuts).toBeGreaterThan(SEEDS)
}, 60_000)
