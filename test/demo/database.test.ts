import { expect, test } from 'bun:test'
import { Database } from '../../src/demo/database.ts'
import { compactLines, createMemoryShelf } from '../../src/demo/mod.ts'
import type { DemoOrder } from '../../src/demo/order.ts'
import { createStand, finalize, rpc, SALE, saleOf } from '../support/demo.ts'

function orderOf(id: number): DemoOrder {
  return {
    id,
    posReference: `r${id}`,
    uuid: null,
    state: 'draft',
    configId: 1,
    ncf: null,
    lineIdMap: {},
    amounts: { total: 0, tax: 0, paid: 0, back: 0 },
    orderedAt: 0,
    changedAt: 0,
    snapshot: {},
  }
}

test('a shelf brings everything back: orders, their answers, and where the numbers stood', async () => {
  const shelf = createMemoryShelf()
  const before = createStand({ shelf })
  await before.post('/jsonrpc', rpc('hub_batch_sync', [[{ ...saleOf('open'), status: 'open' }]]))
  const answer = await finalize(before, SALE)
  const after = createStand({ shelf })
  expect(after.odoo.orders()).toEqual(before.odoo.orders())
  expect(await finalize(after, SALE)).toEqual({ ...Object(answer), created: false })
  expect(await finalize(after, saleOf('next'))).toMatchObject({
    order_id: 3,
    line_id_map: { L1: 2 },
    fiscal: { ncf: 'E310000000002' },
  })
})

test('damaged lines are left out', () => {
  const good = JSON.stringify(orderOf(1))
  const shelf = { load: () => ['', '{"id":2', 'null', '{"id":3}', good], append: () => undefined }
  expect(new Database(shelf).orders()).toEqual([orderOf(1)])
})

test('compacting keeps the newest line of the newest orders', () => {
  const lines = [3, 1, 2].map((id) => JSON.stringify(orderOf(id)))
  const newer = JSON.stringify({ ...orderOf(2), state: 'paid' })
  expect(compactLines([...lines, newer, '{"id":9', '{}'], 2)).toEqual([newer, JSON.stringify(orderOf(3))])
})

test('is full at fifty thousand orders, and takes no more; what is there can still be paid', async () => {
  const lines = Array.from({ length: 50_001 }, (_, at) => JSON.stringify(orderOf(at + 1)))
  const stand = createStand({ shelf: { load: () => lines, append: () => undefined } })
  expect(stand.odoo.orders()).toHaveLength(50_000)
  const message = 'the stand-in is full: give it a new file'
  expect(await finalize(stand, SALE)).toMatchObject({ status: 'error', error: { message } })
  expect(await finalize(stand, saleOf('r1'))).toMatchObject({ status: 'ok', order_id: 1 })
})

test('a body beyond 4 MiB is not taken', async () => {
  const stand = createStand()
  expect((await stand.post('/jsonrpc', ' '.repeat(4 * 1024 * 1024 + 1))).status).toBe(413)
  expect(
    (await stand.post('/jsonrpc', `${JSON.stringify(rpc('search_count', [[]]))}${' '.repeat(4_000_000)}`)).status,
  ).toBe(200)
})
