import { expect, setDefaultTimeout, test } from 'bun:test'
import { finalized, pay, saleOf } from '../support/cashier.ts'
import { FakeOdoo } from '../support/fake_odoo.ts'
import { get } from '../support/http.ts'
import type { Terminal } from '../support/terminal.ts'
import { VirtualShop } from '../support/virtual_shop.ts'

setDefaultTimeout(120_000)

const HOUR_MS = 3_600_000
const DAYS = 7
const SALES = 5_000
const CONFIGS = 3
/** Shorter than a heartbeat, so that no terminal is thought to be silent. */
const LEAP_MS = 9_000

/** Sales paid one after another, and each written down. */
async function sell(till: Terminal, first: number, end: number): Promise<void> {
  for (let at = first; at < end; at++) pay(till, `Order ${at}`, saleOf(at + 1), { configId: 1 + (at % CONFIGS) })
  const isLast = ({ posReference }: { readonly posReference: string }) => posReference === `Order ${end - 1}`
  await till.next('ORDER_FINALIZE_QUEUED', { where: isLast, withinMs: 30_000 })
}

/** The places of the sales of one configuration, in the order in which Odoo was given them. */
function placesOf(odoo: FakeOdoo, configId: number): number[] {
  return odoo.made
    .filter((order) => order.configId === configId)
    .map(({ posReference }) => Number(posReference.slice('Order '.length)))
}

test(`Odoo is away for a week: ${SALES} sales go in order of age when it is back, and the floor works meanwhile`, async () => {
  const odoo = new FakeOdoo()
  odoo.isAway = true
  await using shop = await VirtualShop.open({ odoo, env: { HUB_FRAMES_PER_SECOND_MAX: '1000000' } })
  const ignored = ['ORDER_UPDATED', 'HUB_STATUS'] as const
  const [till, waiter] = [await shop.join('Till 1', { ignored }), await shop.join('Waiter', { ignored })]
  for (let day = 0; day < DAYS; day++) {
    await sell(till, Math.round((day * SALES) / DAYS), Math.round(((day + 1) * SALES) / DAYS))
    await waiter.lease('Table 4', day)
    expect((await waiter.write('Table 4', day, { day })).version).toBe(day + 1)
    await shop.pass(24 * HOUR_MS, LEAP_MS)
  }
  const away = await get(`${shop.http}/health`)
  const ageing = { count: SALES, over1h: SALES, over12h: SALES, over20h: SALES }
  expect(away.body).toMatchObject({ odoo: 'offline', pendingForward: SALES, paidNotFinal: ageing })
  // Nothing but probes, and of these at most one each half minute.
  expect(odoo.calls).toMatchObject({ finalize: 0, batch: 0, look: 0 })
  expect(odoo.calls.probe).toBeLessThan(DAYS * 24 * 120 + 20)
  expect(odoo.calls.probe).toBeGreaterThan(DAYS * 24 * 60 - 20)

  odoo.isAway = false
  const knocks = odoo.calls.finalize
  await shop.passUntil(() => odoo.calls.finalize > knocks, { withinMs: 61_000 })
  const began = shop.clock.now()
  await shop.passUntil(() => odoo.made.length === SALES, { withinMs: 10 * 60_000, stepMs: 5 })
  // A bounded rate: a call each 5 ms at most.
  expect(shop.clock.now() - began).toBeGreaterThan((SALES - 100) * 5)
  expect(odoo.peak).toBe(1)
  expect(odoo.calls.finalize).toBe(SALES)
  for (let configId = 1; configId <= CONFIGS; configId++) {
    const places = placesOf(odoo, configId)
    expect(places).toEqual(places.toSorted((left, right) => left - right))
  }
  await finalized(till, `Order ${SALES - 1}`)
  await waiter.lease('Table 4', DAYS)
  expect((await waiter.write('Table 4', DAYS, { day: 'after' })).version).toBe(DAYS + 1)
  const back = await get(`${shop.http}/health`)
  expect(back.body).toMatchObject({ odoo: 'online', pendingForward: 0, totalForwarded: SALES, orders: 1 })
})
