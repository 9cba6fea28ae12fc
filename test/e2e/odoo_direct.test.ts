import { expect, setDefaultTimeout, test } from 'bun:test'
import { finalized, HASTY, onlyOrder, pay, refused, saleOf, TRIES_MS } from '../support/cashier.ts'
import { parked, story } from '../support/desk.ts'
import { payDirectly } from '../support/direct.ts'
import { OdooShop } from '../support/odoo_shop.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(60_000)

const WAYS = ['rest', 'jsonrpc', 'json2'] as const

test.concurrent.each(WAYS)(
  'by %s: a v2 till pays at Odoo itself while the hub is trying, and tells it',
  async (api) => {
    await using shop = await OdooShop.open({ env: HASTY, api })
    const [a, b] = [await shop.shop.join('Till 1'), await shop.shop.join('Till 2', { protocol: 1 })]
    // While it does not know that Odoo is there, the hub tries no sale.
    await a.next('HUB_STATUS', { where: ({ odoo }) => odoo === 'online' })
    shop.odoo.faults.set({ rates: { drop_before: 1 }, scope: 'writes' })
    pay(a, 'Order 1', saleOf(10))
    await a.next('ORDER_FINALIZE_QUEUED')
    await until(() => shop.odoo.calls().some(({ what }) => what === 'finalize'), { what: 'the hub has tried' })
    shop.odoo.faults.clear()
    const orderId = await payDirectly(shop.server, 'Order 1', saleOf(10))
    pay(a, 'Order 1', saleOf(10), { settledId: orderId })
    for (const till of [a, b]) expect(await finalized(till, 'Order 1')).toMatchObject({ orderId })
    expect(onlyOrder(shop, 'Order 1').id).toBe(orderId)
    expect(await parked(shop.shop.hub)).toEqual([])
  },
)

test.concurrent.each(WAYS)(
  'by %s: a sale that the hub never had is told with settled, and confirmed by the hub’s own call',
  async (api) => {
    await using shop = await OdooShop.open({ api })
    const [a, b] = [await shop.shop.join('Till 1'), await shop.shop.join('Till 2')]
    const orderId = await payDirectly(shop.server, 'Order 1', saleOf(10))
    shop.odoo.clearRecord()
    const msgId = pay(a, 'Order 1', saleOf(10), { settledId: orderId })
    const { lineIdMap, ncf } = onlyOrder(shop, 'Order 1')
    for (const till of [a, b])
      expect(await finalized(till, 'Order 1')).toMatchObject({ orderId, lineIdMap, fiscal: { ncf }, msgId })
    expect(shop.odoo.calls().filter(({ what }) => what === 'finalize')).toHaveLength(1)
    onlyOrder(shop, 'Order 1')
  },
)

test.concurrent.each(WAYS)(
  'by %s: a settled sale of which Odoo knows nothing, and which it does not take, waits for a person',
  async (api) => {
    await using shop = await OdooShop.open({ env: HASTY, api })
    shop.odoo.faults.refuse('Order 1', 'no such product')
    const a = await shop.shop.join('Till 1')
    pay(a, 'Order 1', saleOf(10), { settledId: 4711 })
    expect(await refused(a, 'Order 1')).toMatchObject({ retryable: false, code: 'PARKED' })
    expect((await parked(shop.shop.hub)).map(({ cause, amount }) => [cause, amount])).toEqual([['PARKED', 10]])
    expect(await story(shop.shop.hub, 'Order 1')).toMatchObject({ state: 'parked' })
    expect(shop.odoo.ordersOf('Order 1')).toEqual([])
  },
)

test.concurrent('an open order that a v1 till paid at Odoo itself is closed when Odoo is back', async () => {
  await using shop = await OdooShop.open({ env: HASTY, api: 'json2' })
  const [a, v1] = [await shop.shop.join('Till 1'), await shop.shop.join('Till 2', { protocol: 1 })]
  await v1.lease('Order 1')
  v1.say('Order 1', 0, { ...saleOf(10), status: 'draft' })
  await a.updated('Order 1')
  const orderId = await payDirectly(shop.server, 'Order 1', saleOf(10))
  await shop.server.stop({ hard: true })
  pay(a, 'Order 2', saleOf(5))
  await a.next('HUB_STATUS', { where: ({ odoo, pendingForward }) => odoo === 'offline' && pendingForward === 1 })
  await shop.server.restart()
  for (const till of [a, v1]) expect(await finalized(till, 'Order 1')).toMatchObject({ orderId })
  expect(await v1.next('LEASE_REVOKED')).toMatchObject({ posReference: 'Order 1' })
  expect((await shop.shop.join('Late')).init.message.orders.map(({ posReference }) => posReference)).not.toContain(
    'Order 1',
  )
  await finalized(a, 'Order 2')
  onlyOrder(shop, 'Order 1')
})

test.concurrent('an order that is only a draft in Odoo, or is another shop’s, stays open', async () => {
  const env = { ...HASTY, HUB_GROUPS: 'main=1,2;terrace=3' }
  await using shop = await OdooShop.open({ env, api: 'json2' })
  const a = await shop.shop.join('Till 1', { configId: 1 })
  const terrace = await shop.shop.join('Till 3', { configId: 3 })
  for (const till of [a, terrace]) {
    await till.lease('Order 1')
    await till.write('Order 1', 0, { status: 'draft' })
  }
  await payDirectly(shop.server, 'Order 1', saleOf(10, { configId: 3 }))
  await shop.shop.hub.restart('SIGKILL')
  const [back, other] = [await shop.shop.rejoin(a), await shop.shop.rejoin(terrace)]
  await until(() => shop.odoo.calls().some(({ what }) => what === 'pos.order.search_read'), {
    what: 'the hub has looked',
    withinMs: TRIES_MS,
  })
  await finalizedOrGone(other)
  await back.caughtUp()
  expect(back.types()).not.toContain('ORDER_FINALIZED')
  const { orders } = (await shop.shop.join('Late', { configId: 1 })).init.message
  expect(orders).toMatchObject([{ posReference: 'Order 1', state: 'open' }])
})

/** It heard that the order is final, or came back after that. */
async function finalizedOrGone(till: Awaited<ReturnType<OdooShop['shop']['join']>>): Promise<void> {
  if (till.init.message.orders.some(({ posReference }) => posReference === 'Order 1')) await finalized(till, 'Order 1')
}
