import { expect, setDefaultTimeout, test } from 'bun:test'
import { finalized, HASTY, onlyOrder, pay, saleOf, TRIES_MS } from '../support/cashier.ts'
import { parked } from '../support/desk.ts'
import { OdooShop } from '../support/odoo_shop.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(60_000)

const WAYS = ['rest', 'jsonrpc', 'json2'] as const
/** Longer than it takes to kill the hub and start it again. */
const LONG_MS = 1_500
const PATIENT = { ...HASTY, ODOO_TIMEOUT_MS: '5000', ODOO_CALL_DEAD_MS: '6000' }

function isFlying(shop: OdooShop): boolean {
  return shop.odoo.calls().some(({ what, ended }) => what === 'finalize' && ended === null)
}

test.concurrent.each(WAYS)(
  'by %s: kill -9 while Odoo works on the call, which it finishes after the hub is back',
  async (api) => {
    await using shop = await OdooShop.open({ env: PATIENT, api })
    shop.odoo.faults.set({ slowMs: LONG_MS })
    shop.odoo.faults.next('slow', { reference: 'Order 1' })
    const a = await shop.shop.join('Till 1')
    const msgId = pay(a, 'Order 1', saleOf(10))
    await until(() => isFlying(shop), { what: 'the call is in flight' })
    await shop.shop.hub.restart('SIGKILL')
    const back = await shop.shop.rejoin(a)
    const closed = back.init.message.closed.find(({ posReference }) => posReference === 'Order 1')
    // It may have been final before the till was back.
    const orderId = closed?.orderId ?? (await finalized(back, 'Order 1')).orderId
    await until(() => !isFlying(shop), { what: 'the first call is over', withinMs: TRIES_MS })
    expect(onlyOrder(shop, 'Order 1').id).toBe(orderId)
    pay(back, 'Order 1', saleOf(10), { msgId })
    expect(await finalized(back, 'Order 1')).toMatchObject({ orderId, msgId })
    expect(await parked(shop.shop.hub)).toEqual([])
  },
)

test.concurrent.each(['jsonrpc', 'json2'] as const)(
  'by %s: kill -9 after Odoo has made the order and before it answers: it is looked up',
  async (api) => {
    await using shop = await OdooShop.open({ env: PATIENT, api })
    const a = await shop.shop.join('Till 1')
    pay(a, 'Order 0', saleOf(1))
    await finalized(a, 'Order 0')
    shop.odoo.faults.set({ lateMs: LONG_MS })
    shop.odoo.faults.next('answer_late', { reference: 'Order 1' })
    pay(a, 'Order 1', saleOf(10))
    await until(() => shop.odoo.ordersOf('Order 1').length > 0, { what: 'Odoo has made the order' })
    await shop.shop.hub.kill('SIGKILL')
    shop.odoo.clearRecord()
    await shop.shop.hub.start()
    const back = await shop.shop.rejoin(a)
    const isThere = back.init.message.orders.some(({ posReference }) => posReference === 'Order 1')
    if (isThere) await finalized(back, 'Order 1')
    const { id, ncf } = onlyOrder(shop, 'Order 1')
    pay(back, 'Order 1', saleOf(10))
    expect(await finalized(back, 'Order 1')).toMatchObject({ orderId: id, fiscal: { ncf } })
    const whats = shop.odoo.calls().map(({ what }) => what)
    const looked = whats.indexOf('pos.order.search_read')
    expect(looked).toBeGreaterThanOrEqual(0)
    expect(whats.slice(0, looked)).not.toContain('finalize')
  },
)

test.concurrent('an add-on that knows no repetitions is not asked again after kill -9 for what it has made', async () => {
  await using shop = await OdooShop.open({ env: PATIENT, api: 'json2', odoo: { enforceUnique: false } })
  shop.odoo.faults.set({ lateMs: LONG_MS })
  shop.odoo.faults.next('answer_late', { reference: 'Order 1' })
  const a = await shop.shop.join('Till 1')
  pay(a, 'Order 1', saleOf(10))
  await until(() => shop.odoo.ordersOf('Order 1').length > 0, { what: 'Odoo has made the order' })
  await shop.shop.hub.restart('SIGKILL')
  const back = await shop.shop.rejoin(a)
  pay(back, 'Order 1', saleOf(10))
  expect((await finalized(back, 'Order 1')).orderId).toBe(onlyOrder(shop, 'Order 1').id)
})

test.concurrent.each(['SIGTERM', 'SIGKILL'] as const)(
  'Odoo is away from the start: after %s of the hub all goes, oldest first, when it comes',
  async (signal) => {
    await using shop = await OdooShop.open()
    await shop.server.stop({ hard: true })
    await shop.shop.hub.restart('SIGKILL')
    const [a, v1] = [await shop.shop.join('Till 1'), await shop.shop.join('Till 2', { protocol: 1 })]
    const references = Array.from({ length: 20 }, (_, at) => `Order ${at}`)
    for (const [at, reference] of references.entries()) {
      pay(at % 2 === 0 ? a : v1, reference, saleOf(at + 1))
      // Each a turn of its own, so that there is an order of age.
      await (at % 2 === 0 ? v1 : a).updated(reference)
    }
    await a.next('HUB_STATUS', { where: ({ odoo, pendingForward }) => odoo === 'offline' && pendingForward === 20 })
    await shop.shop.hub.restart(signal)
    const back = await shop.shop.rejoin(a)
    expect((await shop.shop.join('Auditor')).init.message.orders).toHaveLength(20)
    await shop.server.restart()
    await Promise.all(references.map((reference) => finalized(back, reference)))
    const ids = references.map((reference) => onlyOrder(shop, reference).id)
    expect(ids).toEqual(ids.map((_, at) => at + 1))
    expect(shop.odoo.peaks()).toEqual({ reference: 1, config: 1, all: 1 })
    expect((await shop.shop.join('Late')).init.message.orders).toEqual([])
  },
)
