import { expect, setDefaultTimeout, test } from 'bun:test'
import { OdooShop } from '../support/odoo_shop.ts'
import { Payer } from '../support/payer.ts'
import { clockReaches } from '../support/wait.ts'

setDefaultTimeout(180_000)

const KILL_EVERY_MS = 1_000
/** The stand-in is stopped hard and started again with every third kill. */
const RESTART_EVERY = 3

const ENV = { ODOO_TIMEOUT_MS: '2000', ODOO_CONNECT_TIMEOUT_MS: '1000', ODOO_CALL_DEAD_MS: '2500' }

/** Pays, comes back and pays again, until all is confirmed. `whenUp` settles when the hub listens. */
async function payUntilDone(shop: OdooShop, payer: Payer, whenUp: () => Promise<void>): Promise<void> {
  while (!payer.isDone) {
    await whenUp()
    // A hub that is killed while the till signs in has not lost anything; the till comes again.
    await payer.pay(shop.shop).catch((error: unknown) => {
      if (payer.isDone || !isLost(error)) throw error
    })
  }
}

function isLost(error: unknown): boolean {
  return error instanceof Error && /did not open|closed|still waiting/i.test(error.message)
}

/** Kills the hub each second, and starts it again, until `isDone`. The result is how often. */
async function torture(shop: OdooShop, isDone: () => boolean, gate: Gate): Promise<number> {
  let kills = 0
  let at = performance.now()
  while (!isDone()) {
    at = Math.max(at + KILL_EVERY_MS, performance.now())
    await clockReaches(at)
    if (isDone()) return kills
    kills++
    gate.close()
    await shop.shop.hub.kill('SIGKILL')
    if (kills % RESTART_EVERY === 0) await shop.server.restart()
    await shop.shop.hub.start()
    gate.open()
  }
  return kills
}

/** Where tills wait for a hub that is being started. */
class Gate {
  #promise = Promise.resolve()
  #open: () => void = () => undefined

  close(): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#promise = promise
    this.#open = resolve
  }

  open(): void {
    this.#open()
  }

  passed(): Promise<void> {
    return this.#promise
  }
}

async function sellUnderTorture(shop: OdooShop, payers: readonly Payer[]): Promise<number> {
  const gate = new Gate()
  const isDone = () => payers.every((payer) => payer.isDone)
  const selling = Promise.all(payers.map((payer) => payUntilDone(shop, payer, () => gate.passed())))
  const [kills] = await Promise.all([torture(shop, isDone, gate), selling])
  return kills
}

function makePayers(count: number, each: number): Payer[] {
  return Array.from({ length: count }, (_, at) => new Payer(`Till ${at}`, { count: each, configId: 1 + (at % 3) }))
}

test('1,000 sales from 10 terminals, one answer in three lost, Odoo restarting, the hub killed each second', async () => {
  const faults = { rates: { drop_before: 0.17, drop_after: 0.17 }, scope: 'writes' } as const
  await using shop = await OdooShop.open({ env: ENV, odoo: { seed: 7, faults } })
  const payers = makePayers(10, 100)
  const kills = await sellUnderTorture(shop, payers)
  expect(kills).toBeGreaterThan(2)
  const { odoo } = shop
  expect(odoo.duplicates()).toEqual([])
  expect(odoo.paidOrders().length).toBe(1_000)
  expect(odoo.peaks().reference).toBe(1)
  const ids = new Map<string, number>(odoo.paidOrders().map(({ posReference, id }) => [posReference, id]))
  for (const payer of payers) {
    expect(payer.confirmed.size).toBe(100)
    for (const [posReference, orderId] of payer.confirmed) expect(ids.get(posReference)).toBe(orderId)
  }
  const late = await shop.shop.join('Auditor')
  expect(late.init.message.orders).toEqual([])
})

test('an add-on that knows no repetitions is never asked twice at once, nor again for what it has', async () => {
  const faults = { rates: { drop_before: 0.17, drop_after: 0.17 }, scope: 'writes' } as const
  await using shop = await OdooShop.open({ env: ENV, odoo: { seed: 8, faults, enforceUnique: false } })
  const payers = makePayers(6, 30)
  await sellUnderTorture(shop, payers)
  expect(shop.odoo.peaks().reference).toBe(1)
  expect(shop.odoo.duplicates()).toEqual([])
  expect(shop.odoo.paidOrders().length).toBe(180)
})
