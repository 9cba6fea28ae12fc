import { expect, test } from 'bun:test'
import { CallRecord } from '../../src/demo/record.ts'
import { createStand, rpc, rpcCommon, SALE, saleOf } from '../support/demo.ts'

function pay(posReference: string, configId: number) {
  return rpc('hub_finalize_snapshot', [{ ...saleOf(posReference), configId }])
}

/** A stand-in whose slow calls wait until `wake` is called. */
function createPatientStand() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stand = createStand({ sleep: () => promise })
  stand.odoo.faults.set({ rates: { slow: 1 } })
  return { ...stand, wake: resolve }
}

test('each call is on record, with what it was about and how it ended', async () => {
  const stand = createStand()
  await stand.post('/jsonrpc', rpcCommon('common', 'login', ['demo', 'admin', 'wrong']))
  await stand.post('/jsonrpc', pay('a', 2))
  stand.odoo.faults.next('drop_after')
  await stand.post('/jsonrpc', rpc('hub_batch_sync', [[saleOf('b'), saleOf('c')]]))
  await stand.post('/jsonrpc', rpc('search_count', [[]]))
  const began = stand.clock.now
  expect(stand.odoo.calls()).toMatchObject([
    { number: 1, way: 'jsonrpc', what: 'authenticate', references: [], ending: 'answered', status: 200 },
    { number: 2, what: 'finalize', references: ['a'], configIds: [2], began, ended: began, fault: null },
    { what: 'batch', references: ['b', 'c'], configIds: [1, 1], ending: 'dropped', status: null, fault: 'drop_after' },
    { what: 'pos.order.search_count' },
  ])
})

test('the most calls in flight at one time are told by reference, by configuration and in all', async () => {
  const stand = createPatientStand()
  const calls = [pay('a', 1), pay('a', 1), pay('b', 1), pay('c', 2)].map((body) => stand.post('/jsonrpc', body))
  stand.wake()
  await Promise.all(calls)
  expect(stand.odoo.peaks()).toEqual({ reference: 2, config: 3, all: 4 })
})

test('one after another they are never more than one', async () => {
  const stand = createStand()
  for (const reference of ['a', 'a', 'b']) await stand.post('/jsonrpc', pay(reference, 1))
  await stand.post('/jsonrpc', rpc('hub_batch_sync', [[SALE, SALE]]))
  expect(stand.odoo.peaks()).toEqual({ reference: 1, config: 1, all: 1 })
})

test('a caller who left is not in flight any more, and the work goes on', async () => {
  const stand = createPatientStand()
  const left = new AbortController()
  const body = JSON.stringify(pay('a', 1))
  const request = new Request('http://odoo.test/jsonrpc', { method: 'POST', body, signal: left.signal })
  const first = stand.odoo.fetch(request)
  while (stand.odoo.calls().length === 0) await Promise.resolve()
  left.abort()
  const second = stand.post('/jsonrpc', pay('a', 1))
  stand.wake()
  await Promise.all([first, second])
  expect(stand.odoo.calls()).toMatchObject([{ ending: 'left' }, { ending: 'answered' }])
  expect(stand.odoo.peaks().reference).toBe(1)
  expect(stand.odoo.paidOrders()).toHaveLength(1)
})

test('peaks and calls can be forgotten', async () => {
  const stand = createStand()
  await stand.post('/jsonrpc', pay('a', 1))
  stand.odoo.clearRecord()
  expect([stand.odoo.calls().length, stand.odoo.peaks().all, stand.odoo.orders().length]).toEqual([0, 0, 1])
})

test('the record keeps the newest calls', () => {
  const record = new CallRecord(() => 0)
  const call = { way: 'web', what: 'version', references: [], configIds: [], fault: null } as const
  for (let count = 0; count <= 100_000; count++) record.begin(call)({ ending: 'answered', status: 200 })
  expect(record.calls()).toHaveLength(90_001)
  expect(record.calls().at(-1)).toMatchObject({ number: 100_001, ending: 'answered' })
})
