import { expect, setDefaultTimeout, test } from 'bun:test'
import { finalized, HASTY, onlyOrder, pay, refused, saleOf } from '../support/cashier.ts'
import { causes, parked, posHub } from '../support/desk.ts'
import { OdooShop } from '../support/odoo_shop.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(60_000)

test.concurrent.each(['rest', 'jsonrpc', 'json2'] as const)(
  'by %s: a refused order is corrected anywhere and goes through',
  async (api) => {
    await using shop = await OdooShop.open({ api })
    const { hub } = shop.shop
    shop.odoo.faults.refuse('Order 1', 'product 7 is not sold any more')
    const [a, v1, c] = [
      await shop.shop.join('Till 1'),
      await shop.shop.join('Till 2', { protocol: 1 }),
      await shop.shop.join('Till 3'),
    ]
    const msgId = pay(a, 'Order 1', saleOf(10))
    for (const till of [a, v1, c]) {
      const error = await refused(till, 'Order 1')
      expect(error).toMatchObject({ retryable: false, code: 'ODOO_REFUSED', version: 1 })
      expect(error.error).toContain('product 7 is not sold any more')
    }
    expect(a.seen('ORDER_FINALIZE_ERROR')[0]).toMatchObject({ msgId })
    const [row] = await parked(hub)
    expect(row).toMatchObject({ posReference: 'Order 1', cause: 'REFUSED', amount: 10 })
    expect(row?.text).toContain('product 7 is not sold any more')
    expect(row?.actions).toEqual(expect.arrayContaining(['retry', 'correct', 'entered', 'export']))
    const late = await shop.shop.join('Till 4')
    expect(late.init.message.orders).toMatchObject([{ posReference: 'Order 1', version: 1, state: 'refused' }])
    // A third till, which did not pay it, corrects it.
    await c.lease('Order 1', 1)
    const corrected = await c.write('Order 1', 1, saleOf(9))
    expect(corrected.version).toBe(2)
    shop.odoo.faults.accept('Order 1')
    pay(c, 'Order 1', saleOf(9), { baseVersion: 2 })
    const { id } = { id: (await finalized(c, 'Order 1')).orderId }
    for (const till of [a, v1, late]) expect((await finalized(till, 'Order 1')).orderId).toBe(id)
    expect(onlyOrder(shop, 'Order 1')).toMatchObject({ id, amounts: { total: 9 } })
    expect(await parked(hub)).toEqual([])
  },
)

test.concurrent('a v1 till’s second try is a new attempt; a refused order outlives kill -9', async () => {
  await using shop = await OdooShop.open()
  shop.odoo.faults.refuse('Order 1', 'no')
  const v1 = await shop.shop.join('Till 1', { protocol: 1 })
  pay(v1, 'Order 1', saleOf(10))
  expect(await refused(v1, 'Order 1')).toMatchObject({ retryable: false })
  await shop.shop.hub.restart('SIGKILL')
  const back = await shop.shop.rejoin(v1)
  expect(await causes(shop.shop.hub)).toEqual(['Order 1: REFUSED'])
  pay(back, 'Order 1', saleOf(10))
  expect(await refused(back, 'Order 1')).toMatchObject({ retryable: false })
  shop.odoo.faults.accept('Order 1')
  pay(back, 'Order 1', saleOf(10))
  expect((await finalized(back, 'Order 1')).orderId).toBe(onlyOrder(shop, 'Order 1').id)
})

test.concurrent('a terminal’s app that is too old for Odoo is told so, by its own code', async () => {
  await using shop = await OdooShop.open({ api: 'rest' })
  shop.odoo.faults.next('client_outdated', { reference: 'Order 1' })
  const [a, b] = [await shop.shop.join('Till 1'), await shop.shop.join('Till 2')]
  pay(a, 'Order 1', saleOf(10))
  for (const till of [a, b]) {
    const error = await refused(till, 'Order 1')
    expect(error).toMatchObject({ retryable: false, code: 'CLIENT_OUTDATED' })
    expect(error.error).toContain('too old')
  }
  const { code } = await posHub(shop.shop.hub, ['retry', 'Order 1'])
  expect(code).toBe(0)
  expect((await finalized(b, 'Order 1')).orderId).toBe(onlyOrder(shop, 'Order 1').id)
})

test.concurrent('what one order is refused for holds nobody else up; only a manager discards it', async () => {
  await using shop = await OdooShop.open({ env: HASTY })
  shop.odoo.faults.refuse('Order 0', 'no')
  const [a, boss] = [await shop.shop.join('Till 1'), await shop.shop.join('Maria', { role: 'manager' })]
  for (let at = 0; at < 10; at++) pay(a, `Order ${at}`, saleOf(10))
  await refused(a, 'Order 0')
  for (let at = 1; at < 10; at++) await finalized(a, `Order ${at}`)
  expect(shop.odoo.ordersOf('Order 0')).toEqual([])
  await a.lease('Order 0', 1)
  a.send({ type: 'ORDER_DISCARD', posReference: 'Order 0', baseVersion: 1, msgId: 'discard-1', reason: 'mine' })
  await a.next('ERROR', { where: ({ msgId }) => msgId === 'discard-1' })
  a.send({ type: 'LEASE_RELEASE', posReference: 'Order 0' })
  await boss.lease('Order 0', 1)
  boss.send({
    type: 'ORDER_DISCARD',
    posReference: 'Order 0',
    baseVersion: 1,
    msgId: 'discard-2',
    reason: 'guest left',
  })
  await a.next('ORDER_DISCARDED', { where: ({ posReference }) => posReference === 'Order 0' })
  // Odoo hears that it is discarded; it is not asked once more to make an order of it.
  await until(() => shop.odoo.ordersOf('Order 0').length > 0, { what: 'Odoo has heard of the discard' })
  expect(onlyOrder(shop, 'Order 0').state).toBe('cancel')
  expect(await parked(shop.shop.hub)).toEqual([])
})
