import { expect, setDefaultTimeout, test } from 'bun:test'
import type { DemoCall } from '../../src/demo/mod.ts'
import { finalized, onlyOrder, pay, saleOf } from '../support/cashier.ts'
import { payDirectly } from '../support/direct.ts'
import { get } from '../support/http.ts'
import { VirtualShop } from '../support/virtual_shop.ts'

setDefaultTimeout(60_000)

const PATIENCE_MS = 60_000

function sentFor(shop: VirtualShop, posReference: string): readonly DemoCall[] {
  return shop.odoo.calls().filter(({ references }) => references.includes(posReference))
}

test('a snapshot that says "paid" waits a minute for its payment, and is completed then: all hear it', async () => {
  await using shop = await VirtualShop.open()
  const [a, v1] = [await shop.join('Till 1', { configId: 1 }), await shop.join('Old', { protocol: 1 })]
  await a.lease('Order 1')
  await a.write('Order 1', 0, saleOf(10))
  await shop.pass(PATIENCE_MS - 2_000)
  expect(sentFor(shop, 'Order 1')).toEqual([])
  const { body } = await get(`${shop.http}/health`)
  expect(body).toMatchObject({ paidNotFinal: { count: 1 } })
  await shop.passUntil(() => shop.odoo.ordersOf('Order 1').length > 0, { withinMs: 3_600_000 })
  expect(sentFor(shop, 'Order 1').map(({ what }) => what)).toEqual(['batch'])
  const { id, ncf } = onlyOrder(shop, 'Order 1')
  await shop.passUntil(() => a.seen('ORDER_FINALIZED').length > 0, { withinMs: 3_600_000 })
  for (const till of [a, v1]) expect(await finalized(till, 'Order 1')).toMatchObject({ orderId: id, fiscal: { ncf } })
  // The payment that comes after all is the same sale.
  const msgId = pay(a, 'Order 1', saleOf(10), { baseVersion: 1 })
  expect(await finalized(a, 'Order 1')).toMatchObject({ orderId: id, msgId })
  expect(sentFor(shop, 'Order 1')).toHaveLength(1)
})

test('a payment within the minute takes its own road: it is never in a batch', async () => {
  await using shop = await VirtualShop.open()
  const a = await shop.join('Till 1', { configId: 1 })
  await a.lease('Order 1')
  await a.write('Order 1', 0, saleOf(10))
  await shop.pass(30_000)
  pay(a, 'Order 1', saleOf(10), { baseVersion: 1 })
  await shop.passUntil(() => a.seen('ORDER_FINALIZED').length > 0, { withinMs: 3_600_000 })
  await shop.pass(3 * PATIENCE_MS)
  expect(sentFor(shop, 'Order 1').map(({ what }) => what)).toEqual(['finalize'])
  onlyOrder(shop, 'Order 1')
})

test('a payment that comes while its forwarded version is on the way: one order', async () => {
  await using shop = await VirtualShop.open()
  shop.odoo.faults.set({ slowMs: 300 })
  shop.odoo.faults.next('slow', { reference: 'Order 1' })
  const a = await shop.join('Till 1', { configId: 1 })
  await a.lease('Order 1')
  await a.write('Order 1', 0, saleOf(10))
  await shop.passUntil(() => sentFor(shop, 'Order 1').length > 0, { withinMs: 3_600_000 })
  pay(a, 'Order 1', saleOf(10), { baseVersion: 1 })
  // Small steps: the stand-in is slow in real time.
  await shop.passUntil(() => a.seen('ORDER_FINALIZED').length > 0, { withinMs: 3_600_000, stepMs: 5 })
  expect((await finalized(a, 'Order 1')).orderId).toBe(onlyOrder(shop, 'Order 1').id)
  expect(shop.odoo.peaks()).toMatchObject({ reference: 1, config: 1 })
})

test('each minute the hub looks whether an open order was paid at Odoo itself', async () => {
  await using shop = await VirtualShop.open()
  const [a, v1] = [await shop.join('Till 1'), await shop.join('Old', { protocol: 1 })]
  await v1.lease('Order 1')
  v1.say('Order 1', 0, { ...saleOf(10), status: 'draft' })
  await a.updated('Order 1')
  await a.lease('Order 2')
  await a.write('Order 2', 0, { status: 'draft' })
  await shop.pass(5_000)
  const orderId = await payDirectly(shop.server, 'Order 1', saleOf(10))
  shop.odoo.clearRecord()
  await shop.passUntil(() => a.seen('ORDER_FINALIZED').length > 0, { withinMs: 3_600_000 })
  for (const till of [a, v1]) expect(await finalized(till, 'Order 1')).toMatchObject({ orderId })
  expect(onlyOrder(shop, 'Order 1').id).toBe(orderId)
  const late = await shop.join('Late')
  expect(late.init.message.orders).toMatchObject([{ posReference: 'Order 2', state: 'open' }])
  expect(sentFor(shop, 'Order 1')).toEqual([])
})

test('without traffic the hub notices by itself that Odoo is gone, and that it is back', async () => {
  await using shop = await VirtualShop.open()
  const a = await shop.join('Till 1')
  const says = (odoo: 'online' | 'offline') => () => a.seen('HUB_STATUS').at(-1)?.odoo === odoo
  await shop.passUntil(says('online'), { withinMs: 3_600_000 })
  await shop.server.stop({ hard: true })
  await shop.passUntil(says('offline'), { withinMs: 3_600_000 })
  await shop.server.restart()
  await shop.passUntil(says('online'), { withinMs: 3_600_000 })
})
