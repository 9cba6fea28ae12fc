import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { finalized, HASTY, onlyOrder, pay, saleOf } from '../support/cashier.ts'
import { get } from '../support/http.ts'
import { OdooShop } from '../support/odoo_shop.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(60_000)

const WAYS = ['rest', 'jsonrpc', 'json2', 'auto'] as const

describe.each(WAYS)('by %s', (api) => {
  test.concurrent('a sale goes all the way, and every terminal hears Odoo’s numbers', async () => {
    const before = Date.now()
    await using shop = await OdooShop.open({ api })
    const tills = [
      await shop.shop.join('Till 1'),
      await shop.shop.join('Till 2', { protocol: 1 }),
      await shop.shop.join('Kitchen', { role: 'kitchen' }),
    ] as const
    const [a, v1, kitchen] = tills
    const snapshot = saleOf(12.5, { uuid: 'uuid-of-sale-1', extra: { kept: [1, null] } })
    const msgId = pay(a, 'Order 00001-001-0001', snapshot)
    expect(await a.next('ORDER_FINALIZE_QUEUED')).toMatchObject({ msgId, version: 1 })
    const heard = await Promise.all(tills.map((till) => finalized(till, 'Order 00001-001-0001')))
    const order = onlyOrder(shop, 'Order 00001-001-0001')
    const { id, lineIdMap, ncf, uuid, configId, amounts } = order
    expect({ uuid, configId, total: amounts.total }).toEqual({ uuid: 'uuid-of-sale-1', configId: 1, total: 12.5 })
    expect(order.snapshot).toEqual({ ...snapshot, posReference: 'Order 00001-001-0001', configId: 1 })
    for (const message of heard)
      expect(message).toMatchObject({ orderId: id, lineIdMap, fiscal: { ncf, number: ncf }, version: 1 })
    expect(lineIdMap).toHaveProperty('line-1')
    expect(ncf).toMatch(/^E31\d{10}$/)
    // A v1 till pays too, and hears what a v2 till does.
    pay(v1, 'Order 00001-001-0002', saleOf(3))
    const ids = await Promise.all(tills.map(async (till) => (await finalized(till, 'Order 00001-001-0002')).orderId))
    expect(new Set(ids)).toEqual(new Set([onlyOrder(shop, 'Order 00001-001-0002').id]))
    await kitchen.next('HUB_STATUS', { where: (message) => message.odoo === 'online' && message.pendingForward === 0 })
    const { body } = await get(`${shop.shop.hub.http}/health`)
    expect(body).toMatchObject({ totalForwarded: 2, pendingForward: 0, odoo: 'online', orders: 0, odooTrouble: null })
    expect(body).toHaveProperty('lastOdooSync', expect.any(Number))
    const synced = Object(body).lastOdooSync
    expect(synced).toBeGreaterThanOrEqual(before)
    expect(synced).toBeLessThanOrEqual(Date.now())
    const late = await shop.shop.join('Till 9')
    expect(late.init.message.orders).toEqual([])
  })
})

test.concurrent('different sessions of Odoo side by side, and each of them one call at a time', async () => {
  await using shop = await OdooShop.open({ env: HASTY, api: 'json2' })
  shop.odoo.faults.set({ rates: { slow: 1 }, scope: 'writes', slowMs: 40 })
  const a = await shop.shop.join('Till 1')
  const references = Array.from({ length: 24 }, (_, at) => `Order ${at}`)
  for (const [at, reference] of references.entries()) pay(a, reference, saleOf(at + 1), { configId: 1 + (at % 3) })
  await Promise.all(references.map((reference) => finalized(a, reference)))
  for (const reference of references) onlyOrder(shop, reference)
  expect(shop.odoo.peaks()).toEqual({ reference: 1, config: 1, all: 3 })
})

test.concurrent('two terminals at the same moment, with the same content: one order, one answer for both', async () => {
  await using shop = await OdooShop.open()
  const [a, b] = [await shop.shop.join('Till 1'), await shop.shop.join('Till 2')]
  const { status, ...rest } = saleOf(8)
  const [first, second] = [pay(a, 'Order 1', { status, ...rest }), pay(b, 'Order 1', { ...rest, status })]
  const mine = (msgId: string) => (message: { readonly msgId?: string | undefined }) => message.msgId === msgId
  await Promise.all([
    a.next('ORDER_FINALIZE_QUEUED', { where: mine(first) }),
    b.next('ORDER_FINALIZE_QUEUED', { where: mine(second) }),
  ])
  const heard = await Promise.all([finalized(a, 'Order 1'), finalized(b, 'Order 1')])
  const { id } = onlyOrder(shop, 'Order 1')
  for (const message of heard) {
    expect(message.orderId).toBe(id)
    expect(message.differs).not.toBe(true)
  }
  expect(shop.odoo.calls().filter(({ what }) => what === 'finalize')).toHaveLength(1)
})

test.concurrent('the same sale again next day, from anybody, gets the same answer and makes nothing', async () => {
  await using shop = await OdooShop.open()
  const a = await shop.shop.join('Till 1')
  const snapshot = saleOf(8)
  const msgId = pay(a, 'Order 1', snapshot)
  const first = await finalized(a, 'Order 1')
  // More than the hub keeps in its memory: the answer must come from the disk.
  for (let at = 0; at < 220; at++) pay(a, `Other ${at}`, saleOf(at + 1), { configId: 1 + (at % 3) })
  await until(() => shop.odoo.paidOrders().length === 221, { what: 'Odoo has all', withinMs: 20_000 })
  await Promise.all(Array.from({ length: 220 }, (_, at) => finalized(a, `Other ${at}`)))
  shop.odoo.clearRecord()
  const { orderId, lineIdMap, fiscal, version } = first
  const answer = { orderId, lineIdMap, fiscal, version }
  const again = async (when: string) => {
    const [b, v1] = [await shop.shop.join(`Till of ${when}`), await shop.shop.join(when, { protocol: 1 })]
    const repeated = pay(b, 'Order 1', snapshot, { msgId })
    const message = await finalized(b, 'Order 1')
    expect(message).toMatchObject({ ...answer, msgId: repeated })
    expect(message.differs).not.toBe(true)
    const anew = pay(b, 'Order 1', snapshot)
    expect(await finalized(b, 'Order 1', { where: (one) => one.msgId === anew })).toMatchObject(answer)
    pay(v1, 'Order 1', snapshot)
    expect(await finalized(v1, 'Order 1')).toMatchObject(answer)
  }
  await again('the same evening')
  await shop.shop.hub.restart('SIGTERM')
  await again('next day')
  await shop.shop.hub.restart('SIGKILL')
  await again('the day after')
  expect(shop.odoo.calls().filter(({ what }) => what === 'finalize')).toEqual([])
  onlyOrder(shop, 'Order 1')
})
