import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { DemoFault } from '../../src/demo/mod.ts'
import { finalized, HASTY, onlyOrder, pay, saleOf, TRIES_MS } from '../support/cashier.ts'
import { parked } from '../support/desk.ts'
import { get } from '../support/http.ts'
import { OdooShop } from '../support/odoo_shop.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(90_000)

const FAULTS: readonly DemoFault[] = [
  'drop_before',
  'drop_after',
  'land_late',
  'answer_late',
  'truncated',
  'server_error',
  'bad_gateway',
  'maintenance',
  'rate_limit',
  'serialization',
  'login_page',
  'database_selector',
  'signed_out',
]

describe.each(['rest', 'jsonrpc', 'json2'] as const)('by %s', (api) => {
  test.concurrent('whatever happens to the first call of a sale, Odoo makes one order of it, and the till hears its id', async () => {
    await using shop = await OdooShop.open({ env: HASTY, api })
    const { faults } = shop.odoo
    faults.set({ lateMs: 500, landMs: 350, retryAfterSeconds: 1 })
    for (const fault of FAULTS) faults.next(fault, { reference: `Order of ${fault}` })
    const [a, v1] = [await shop.shop.join('Till 1'), await shop.shop.join('Till 2', { protocol: 1 })]
    for (const [at, fault] of FAULTS.entries()) pay(a, `Order of ${fault}`, saleOf(at + 1), { configId: 1 + (at % 3) })
    for (const fault of FAULTS) {
      const reference = `Order of ${fault}`
      const { orderId } = await finalized(a, reference)
      expect([fault, (await finalized(v1, reference)).orderId]).toEqual([fault, orderId])
    }
    // What was given up may still land: it lands on the order that is there.
    await shop.odoo.idle()
    for (const fault of FAULTS) {
      const { id } = onlyOrder(shop, `Order of ${fault}`)
      expect([
        fault,
        a.seen('ORDER_FINALIZED').find((one) => one.posReference === `Order of ${fault}`)?.orderId,
      ]).toEqual([fault, id])
    }
    expect(shop.odoo.peaks().config).toBe(1)
    expect(await parked(shop.shop.hub)).toEqual([])
    expect(a.seen('ORDER_FINALIZE_ERROR')).toEqual([])
  })

  test.concurrent('the password is changed, and changed back: the hub says so, and signs in again once each', async () => {
    await using shop = await OdooShop.open({ env: HASTY, api })
    const a = await shop.shop.join('Till 1')
    pay(a, 'Order 1', saleOf(1))
    await finalized(a, 'Order 1')
    change(shop, 'changed')
    shop.odoo.clearRecord()
    a.forget()
    pay(a, 'Order 2', saleOf(2))
    await a.next('HUB_STATUS', { where: ({ odoo }) => odoo === 'offline' })
    const { body } = await get(`${shop.shop.hub.http}/health`)
    expect(body).toMatchObject({ odoo: 'offline', odooTrouble: 'SIGN_IN' })
    expect(shop.odoo.ordersOf('Order 2')).toEqual([])
    expect(finalizes(shop)).toBeLessThanOrEqual(2)
    expect(a.seen('ORDER_FINALIZE_ERROR')).toEqual([])
    change(shop, 'back')
    const { orderId } = await finalized(a, 'Order 2')
    expect(orderId).toBe(onlyOrder(shop, 'Order 2').id)
    // Whoever tries wrong passwords all the time gets locked out: a few tries a minute, not one a call.
    expect(signIns(shop)).toBeLessThanOrEqual(6)
  })
})

test.concurrent('a sign-in that has run out is made anew once, and the sale goes on at once', async () => {
  await using shop = await OdooShop.open({ env: HASTY, api: 'rest' })
  const a = await shop.shop.join('Till 1')
  pay(a, 'Order 1', saleOf(1))
  await finalized(a, 'Order 1')
  shop.odoo.expireSignIns()
  shop.odoo.clearRecord()
  pay(a, 'Order 2', saleOf(2))
  await finalized(a, 'Order 2')
  expect(shop.odoo.calls().filter(({ what }) => what === 'login')).toHaveLength(1)
  expect(signIns(shop)).toBeLessThanOrEqual(2)
  onlyOrder(shop, 'Order 2')
})

test.concurrent.each(['jsonrpc', 'json2'] as const)('by %s the hub looks before it repeats', async (api) => {
  await using shop = await OdooShop.open({ env: HASTY, api })
  const a = await shop.shop.join('Till 1')
  pay(a, 'Order 0', saleOf(1))
  await finalized(a, 'Order 0')
  for (const fault of ['drop_before', 'drop_after', 'truncated', 'land_late'] as const) {
    const reference = `Order of ${fault}`
    shop.odoo.clearRecord()
    shop.odoo.faults.set({ landMs: 200 })
    shop.odoo.faults.next(fault, { reference })
    pay(a, reference, saleOf(2))
    const { orderId, fiscal } = await finalized(a, reference)
    const { id, ncf } = onlyOrder(shop, reference)
    expect([orderId, fiscal]).toMatchObject([id, { ncf }])
    const whats = shop.odoo.calls().map(({ what }) => what)
    const first = whats.indexOf('finalize')
    const second = whats.indexOf('finalize', first + 1)
    const looked = whats.indexOf('pos.order.search_read', first + 1)
    expect([fault, looked > first && (second < 0 || looked < second)]).toEqual([fault, true])
  }
})

test.concurrent('an answer that never comes again is looked for: the order that Odoo made is the order', async () => {
  await using shop = await OdooShop.open({ env: HASTY, api: 'json2', odoo: { enforceUnique: false } })
  const a = await shop.shop.join('Till 1')
  shop.odoo.faults.next('drop_after', { reference: 'Order 1' })
  pay(a, 'Order 1', saleOf(3))
  const { orderId } = await finalized(a, 'Order 1')
  expect(orderId).toBe(onlyOrder(shop, 'Order 1').id)
  expect(finalizes(shop)).toBe(1)
})

test.concurrent('a call that was given up and lands late is the one order, where the add-on knows no repetitions', async () => {
  await using shop = await OdooShop.open({ env: HASTY, api: 'json2', odoo: { enforceUnique: false } })
  shop.odoo.faults.set({ landMs: 250 })
  const a = await shop.shop.join('Till 1')
  shop.odoo.faults.next('land_late', { reference: 'Order 1' })
  pay(a, 'Order 1', saleOf(3))
  const { orderId } = await finalized(a, 'Order 1')
  await shop.odoo.idle()
  expect(orderId).toBe(onlyOrder(shop, 'Order 1').id)
  await until(() => finalizes(shop) === 1, { what: 'one call was made', withinMs: TRIES_MS })
})

function change(shop: OdooShop, to: 'changed' | 'back'): void {
  const isBack = to === 'back'
  shop.odoo.changePassword('admin', isBack ? 'demo-password' : 'another-password')
  shop.odoo.changeApiKey(isBack ? 'demo-api-key-0123456789' : 'another-key')
}

function finalizes(shop: OdooShop): number {
  return shop.odoo.calls().filter(({ what }) => what === 'finalize').length
}

function signIns(shop: OdooShop): number {
  return shop.odoo.calls().filter(({ what }) => what === 'login' || what === 'refresh' || what === 'authenticate')
    .length
}
