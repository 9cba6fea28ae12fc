import { expect, setDefaultTimeout, test } from 'bun:test'
import { finalized, onlyOrder, pay, refused, saleOf, TRIES_MS } from '../support/cashier.ts'
import { causes, parked } from '../support/desk.ts'
import { OdooShop } from '../support/odoo_shop.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(60_000)

test.concurrent.each(['rest', 'jsonrpc', 'json2'] as const)(
  'by %s: without an open session a sale waits, and goes by itself',
  async (api) => {
    await using shop = await OdooShop.open({ api })
    const { hub } = shop.shop
    shop.odoo.closeSession(1)
    const [a, v1] = [await shop.shop.join('Till 1'), await shop.shop.join('Till 2', { protocol: 1 })]
    pay(a, 'Order 1', saleOf(10))
    for (const till of [a, v1]) {
      expect(await refused(till, 'Order 1')).toMatchObject({ retryable: true, code: 'NO_OPEN_SESSION' })
    }
    expect((await shop.shop.join('Late')).init.message.orders).toMatchObject([{ state: 'finalizing' }])
    // Another configuration goes on meanwhile.
    pay(a, 'Order 2', saleOf(11), { configId: 2 })
    expect((await finalized(a, 'Order 2')).orderId).toBe(onlyOrder(shop, 'Order 2').id)
    const [row] = await parked(hub)
    expect(row).toMatchObject({ posReference: 'Order 1', cause: 'NO_OPEN_SESSION', amount: 10 })
    expect(await parked(hub)).toHaveLength(1)
    shop.odoo.openSession(1)
    for (const till of [a, v1]) expect((await finalized(till, 'Order 1')).orderId).toBe(onlyOrder(shop, 'Order 1').id)
    expect(await parked(hub)).toEqual([])
  },
)

test.concurrent('many sales of a closed session: one of them knocks, all stand on the list, all go when it opens', async () => {
  await using shop = await OdooShop.open()
  const { hub } = shop.shop
  shop.odoo.closeSession(1)
  const a = await shop.shop.join('Till 1')
  const references = Array.from({ length: 12 }, (_, at) => `Order ${at}`)
  for (const reference of references) {
    pay(a, reference, saleOf(5))
    await a.next('ORDER_FINALIZE_QUEUED', { where: ({ posReference }) => posReference === reference })
  }
  await refused(a, 'Order 0')
  await until(() => finalizes(shop) >= 2, { what: 'the session was tried again', withinMs: TRIES_MS })
  const tried = shop.odoo.calls().flatMap((call) => (call.what === 'finalize' ? call.references : []))
  expect([...new Set(tried)]).toEqual(['Order 0'])
  expect(await causes(hub)).toEqual(references.map((reference) => `${reference}: NO_OPEN_SESSION`))
  // Ten tries take minutes.
  expect(finalizes(shop)).toBeLessThan(10)
  // kill -9 while they wait: they wait on.
  await hub.restart('SIGKILL')
  const back = await shop.shop.rejoin(a)
  shop.odoo.openSession(1)
  await Promise.all(references.map((reference) => finalized(back, reference)))
  const ids = references.map((reference) => onlyOrder(shop, reference).id)
  expect(ids).toEqual(ids.toSorted((left, right) => left - right))
  expect(await parked(hub)).toEqual([])
})

function finalizes(shop: OdooShop): number {
  return shop.odoo.calls().filter(({ what }) => what === 'finalize').length
}
