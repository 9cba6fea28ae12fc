import { expect, setDefaultTimeout, test } from 'bun:test'
import type { DemoCall } from '../../src/demo/mod.ts'
import type { JsonObject } from '../../src/protocol/mod.ts'
import { finalized, HASTY, onlyOrder, pay, refused, saleOf, TRIES_MS } from '../support/cashier.ts'
import { causes, parked, posHub } from '../support/desk.ts'
import { OdooShop } from '../support/odoo_shop.ts'
import { freshMsgId, type Terminal } from '../support/terminal.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(60_000)

/** An order of one version, whose lease is free. */
async function writeOrder(till: Terminal, posReference: string, snapshot: JsonObject): Promise<void> {
  await till.lease(posReference)
  await till.write(posReference, 0, snapshot)
  till.send({ type: 'LEASE_RELEASE', posReference })
}

/** Without those of no orders: the hub may ask in that way whether Odoo is there. */
function batches(shop: OdooShop): readonly DemoCall[] {
  return shop.odoo.calls().filter(({ what, references }) => what === 'batch' && references.length > 0)
}

test.concurrent.each(['rest', 'jsonrpc', 'json2'] as const)(
  'by %s: closed orders go in batches of the size that is set',
  async (api) => {
    await using shop = await OdooShop.open({ env: { ...HASTY, HUB_FORWARD_BATCH_SIZE: '3' }, api })
    await shop.server.stop({ hard: true })
    const a = await shop.shop.join('Till 1', { configId: 1 })
    const references = Array.from({ length: 8 }, (_, at) => `Order ${at}`)
    for (const reference of references) await writeOrder(a, reference, { status: 'cancelled', totals: { total: 4 } })
    await writeOrder(a, 'Draft', { status: 'draft' })
    await shop.server.restart()
    await until(() => shop.odoo.orders().length === 8, { what: 'Odoo has them', withinMs: TRIES_MS })
    for (const reference of references) expect(onlyOrder(shop, reference).state).toBe('cancel')
    expect(batches(shop).map(({ references: sent }) => sent.length)).toEqual([3, 3, 2])
    expect(batches(shop).flatMap(({ references: sent }) => sent)).toEqual(references)
    expect(shop.odoo.ordersOf('Draft')).toEqual([])
    await a.next('HUB_STATUS', { where: ({ pendingForward, odoo }) => pendingForward === 0 && odoo === 'online' })
  },
)

test.concurrent('HUB_FORWARD=all: drafts go too, only the newest version, and what is paid goes on as what it is', async () => {
  await using shop = await OdooShop.open({ env: { ...HASTY, HUB_FORWARD: 'all' }, api: 'json2' })
  const a = await shop.shop.join('Till 1', { configId: 1 })
  await a.lease('Order 1')
  for (let version = 0; version < 30; version++) await a.write('Order 1', version, { status: 'draft', version })
  const newest = () => shop.odoo.ordersOf('Order 1')[0]?.snapshot['version'] === 29
  await until(newest, { what: 'Odoo has the newest version', withinMs: TRIES_MS })
  expect(onlyOrder(shop, 'Order 1').state).toBe('draft')
  expect(batches(shop).length).toBeLessThan(30)
  pay(a, 'Order 1', saleOf(10), { baseVersion: 30 })
  const { orderId } = await finalized(a, 'Order 1')
  expect(onlyOrder(shop, 'Order 1')).toMatchObject({ id: orderId, state: 'paid' })
  const last = batches(shop).length
  await writeOrder(a, 'Order 2', { status: 'draft' })
  await until(() => batches(shop).length > last, { what: 'the next batch came' })
  expect(
    batches(shop)
      .slice(last)
      .flatMap(({ references }) => references),
  ).toEqual(['Order 2'])
})

test.concurrent('discarded orders go to Odoo as discarded: no draft stays open there, and nothing is paid', async () => {
  await using shop = await OdooShop.open({ env: { ...HASTY, HUB_FORWARD: 'all' }, api: 'json2' })
  const boss = await shop.shop.join('Maria', { role: 'manager', configId: 1 })
  await boss.lease('Order 1')
  await boss.write('Order 1', 0, { status: 'draft' })
  await until(() => shop.odoo.ordersOf('Order 1').length > 0, { what: 'Odoo has the draft' })
  discard(boss, 'Order 1')
  shop.odoo.faults.refuse('Order 2', 'no')
  pay(boss, 'Order 2', saleOf(10))
  await refused(boss, 'Order 2')
  shop.odoo.faults.accept('Order 2')
  await boss.lease('Order 2', 1)
  discard(boss, 'Order 2')
  const isDone = (reference: string) => batches(shop).at(-1)?.references.includes(reference) === true
  await until(() => isDone('Order 2') || shop.odoo.ordersOf('Order 2').length > 0, { what: 'Odoo was told of both' })
  expect(shop.odoo.orders().map(({ posReference, state }) => [posReference, state])).toEqual([
    ['Order 1', 'cancel'],
    ['Order 2', 'cancel'],
  ])
})

function discard(boss: Terminal, posReference: string): void {
  boss.send({ type: 'ORDER_DISCARD', posReference, baseVersion: 1, msgId: freshMsgId(), reason: 'the guest left' })
}

test.concurrent('one bad order holds no other up, stands on the list with Odoo’s reason, and can be tried again', async () => {
  await using shop = await OdooShop.open({ env: { ...HASTY, HUB_FORWARD: 'all' }, api: 'json2' })
  const { hub } = shop.shop
  shop.odoo.faults.next('validation', { reference: 'Order 4', times: 2 })
  const a = await shop.shop.join('Till 1', { configId: 1 })
  await shop.server.stop({ hard: true })
  const references = Array.from({ length: 9 }, (_, at) => `Order ${at}`)
  for (const reference of references) await writeOrder(a, reference, { status: 'closed', totals: { total: 4 } })
  await shop.server.restart()
  await until(() => shop.odoo.orders().length === 8, { what: 'Odoo has the good ones', withinMs: TRIES_MS })
  expect(shop.odoo.ordersOf('Order 4')).toEqual([])
  await until(async () => (await parked(hub)).length === 1, { what: 'the bad one is on the list' })
  const [row] = await parked(hub)
  expect(row).toMatchObject({ posReference: 'Order 4', cause: 'FORWARD_REFUSED', amount: 4 })
  expect(row?.text).toContain('told to refuse this')
  await writeOrder(a, 'Order 9', { status: 'closed' })
  await until(() => shop.odoo.ordersOf('Order 9').length === 1, { what: 'a later one goes on' })
  expect(await causes(hub)).toEqual(['Order 4: FORWARD_REFUSED'])
  await hub.restart('SIGKILL')
  expect(await causes(hub)).toEqual(['Order 4: FORWARD_REFUSED'])
  expect((await posHub(hub, ['retry', 'Order 4'])).code).toBe(0)
  await until(() => shop.odoo.ordersOf('Order 4').length === 1, { what: 'it went through', withinMs: TRIES_MS })
  expect(await parked(hub)).toEqual([])
})
