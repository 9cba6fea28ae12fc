import { describe, expect, test } from 'bun:test'
import type { StoreFailure } from '../../src/engine/ports.ts'
import { failure } from '../core/odoo_shop.ts'
import { Ledger, SINCE, type Sold } from './ledger.ts'

const DAY_MS = 24 * 3_600_000
const FULL: StoreFailure = { kind: 'io', text: 'The disk reports an error.' }

describe('what is the same', () => {
  test('nothing on either side', async () => {
    expect(await new Ledger().compare()).toEqual({ ok: true, compared: 0, differences: [] })
  })

  test.each<[string, Sold, Parameters<Ledger['enter']>[1]]>([
    ['a final order', {}, {}],
    ['one that Odoo has done or invoiced', {}, { state: 'done' }],
    ['an amount that Odoo has rounded', { total: 10.009 }, {}],
    ['an amount that the snapshot does not tell', { total: null }, { amountTotal: 99 }],
    ['an amount that Odoo does not tell', {}, { amountTotal: null }],
    ['entered by hand without its number', { orderId: 0 }, { orderId: 4711 }],
    ['on its way, and there already', { state: 'finalizing', orderId: null }, { orderId: 4711 }],
  ])('%s', async (_, sold, found) => {
    const ledger = new Ledger().sell('A', sold).enter('A', found)
    expect(await ledger.compare()).toEqual({ ok: true, compared: 1, differences: [] })
  })

  test('on its way, and not there yet', async () => {
    expect(await new Ledger().sell('A', { state: 'finalizing', orderId: null }).differences()).toEqual([])
  })

  test('what the hub has not sold is not its business: open, refused, parked and discarded orders', async () => {
    const ledger = new Ledger()
    for (const state of ['open', 'refused', 'parked', 'discarded'] as const) ledger.sell(state, { state })
    expect(await ledger.compare()).toEqual({ ok: true, compared: 0, differences: [] })
  })
})

describe('differences', () => {
  test('missing in Odoo, with all that the hub has of it', async () => {
    expect(await new Ledger().sell('A', { orderId: 5, total: 12.5 }).compare()).toEqual({
      ok: true,
      compared: 1,
      differences: [
        { kind: 'missing_in_odoo', posReference: 'A', hub: { state: 'final', orderId: 5, amount: 12.5 }, odoo: [] },
      ],
    })
  })

  test.each(['draft', 'cancel', ''])('what is %p in Odoo is not paid there', async (state) => {
    expect(await new Ledger().sell('A').enter('A', { state }).differences()).toEqual(['A: missing_in_odoo'])
  })

  test('entered by hand without its number, and not there under its reference', async () => {
    expect(await new Ledger().sell('A', { orderId: 0 }).differences()).toEqual(['A: missing_in_odoo'])
  })

  test('another amount, by more than rounding', async () => {
    const ledger = new Ledger().sell('A', { total: 10 }).enter('A', { amountTotal: 10.02 })
    expect(await ledger.compare()).toMatchObject({
      differences: [{ kind: 'amount_differs', hub: { amount: 10 }, odoo: [{ orderId: 1, amount: 10.02 }] }],
    })
  })

  test('another order id; and that alone where the amount differs too', async () => {
    const ledger = new Ledger().sell('A', { orderId: 5 }).enter('A', { orderId: 6, amountTotal: 99 })
    expect(await ledger.differences()).toEqual(['A: other_order_id'])
  })

  test('twice in Odoo, whatever else there is to say; an order that was listed twice is one', async () => {
    const ledger = new Ledger().sell('A').enter('A', { orderId: 1 }).enter('A', { orderId: 1 })
    expect(await ledger.differences()).toEqual([])
    ledger.enter('A', { orderId: 2, amountTotal: 7 })
    expect(await ledger.compare()).toMatchObject({
      differences: [
        {
          kind: 'twice_in_odoo',
          odoo: [
            { orderId: 1, amount: 10 },
            { orderId: 2, amount: 7 },
          ],
        },
      ],
    })
  })

  test('one reference in two groups: each is compared with what Odoo has', async () => {
    const ledger = new Ledger().sell('A', { total: 20 }).sell('A', { group: 'bar', total: 10 }).enter('A')
    expect(await ledger.compare()).toMatchObject({
      compared: 2,
      differences: [{ kind: 'amount_differs', hub: { amount: 20 } }],
    })
    const other = new Ledger().sell('A', { total: 10 }).sell('A', { group: 'bar', total: 20 }).enter('A')
    expect(await other.differences()).toEqual(['A: amount_differs'])
  })
})

describe('what only Odoo has', () => {
  test('is missing here, where the hub sells at that configuration', async () => {
    const ledger = new Ledger().sell('A').enter('A').enter('B', { orderId: 2 })
    expect(await ledger.compare()).toMatchObject({
      differences: [{ kind: 'missing_in_hub', posReference: 'B', hub: null, odoo: [{ orderId: 2, amount: 10 }] }],
    })
  })

  test.each([8, null])('is not looked at where it never sold: configuration %p', async (configId) => {
    const ledger = new Ledger().sell('A').enter('A')
    ledger.enter('B', { orderId: 2, configId }).enter('B', { orderId: 3, configId })
    expect(await ledger.differences()).toEqual([])
  })

  test('twice is said as that', async () => {
    const ledger = new Ledger().sell('A').enter('A').enter('B', { orderId: 2 }).enter('B', { orderId: 3 })
    expect(await ledger.differences()).toEqual(['B: twice_in_odoo'])
  })

  test.each(['open', 'discarded'] as const)('an order that is %s here is missing here, and said so', async (state) => {
    const ledger = new Ledger().sell('A').enter('A').sell('B', { state, orderId: null }).enter('B', { orderId: 2 })
    expect(await ledger.compare()).toMatchObject({
      differences: [{ kind: 'missing_in_hub', posReference: 'B', hub: { state, orderId: null } }],
    })
  })

  test.each(['refused', 'parked', 'finalizing', 'final'] as const)('one that is %s here is not', async (state) => {
    const ledger = new Ledger().sell('A').enter('A').enter('B', { orderId: 2 })
    // Before the time that is compared.
    ledger.sell('B', { state, orderId: null, group: 'bar', at: SINCE - 1 }).sell('B', { state: 'open', orderId: null })
    expect(await ledger.differences()).toEqual([])
    const other = new Ledger().sell('A').enter('A').enter('B', { orderId: 2 })
    other.sell('B', { state, orderId: null, at: SINCE - 1 }).sell('B', { state: 'open', orderId: null, group: 'bar' })
    expect(await other.differences()).toEqual([])
  })

  test('orders without a reference are not one order made many times', async () => {
    const ledger = new Ledger().sell('A').enter('A').enter('', { orderId: 2 }).enter('', { orderId: 3 })
    expect(await ledger.differences()).toEqual([])
  })
})

describe('where the time cuts', () => {
  test('an order of Odoo from long before, final in the hub only now, is looked up by its reference', async () => {
    const ledger = new Ledger().sell('A').enter('A', { at: SINCE - 9 * DAY_MS })
    expect(await ledger.differences()).toEqual([])
    expect(ledger.odoo.asked.look).toEqual([['A']])
  })

  test('nothing is looked up that was listed', async () => {
    const ledger = new Ledger().sell('A').enter('A', { at: SINCE - DAY_MS })
    expect(await ledger.differences()).toEqual([])
    expect(ledger.odoo.asked).toEqual({ list: [[SINCE - DAY_MS, 0]], look: [] })
  })

  test('what changed at that very millisecond counts, what did before does not', async () => {
    const ledger = new Ledger().sell('A').sell('B', { at: SINCE - 1 })
    expect(await ledger.compare()).toMatchObject({ compared: 1 })
  })

  test('a time in the future has no orders', async () => {
    const ledger = new Ledger().sell('A').enter('B')
    expect(await ledger.compare(SINCE + 900 * DAY_MS)).toEqual({ ok: true, compared: 0, differences: [] })
  })
})

describe('what is in the way is said, and is no agreement', () => {
  test('the road cannot list', async () => {
    const ledger = new Ledger().sell('A')
    ledger.odoo.answer = () => ({ kind: 'cannot' })
    expect(await ledger.differences()).toContain('ODOO_API=jsonrpc')
  })

  test.each([0, 1])('Odoo fails at call %p', async (at) => {
    const ledger = new Ledger().sell('A')
    ledger.odoo.answer = (call) => (call === at ? { kind: 'failed', failure: failure('transient') } : null)
    expect(await ledger.compare()).toEqual({ ok: false, text: 'Odoo: transient' })
  })

  test('the disk refuses at first', async () => {
    const ledger = new Ledger().sell('A')
    ledger.disk.refuses = FULL
    expect(await ledger.compare()).toEqual({ ok: false, text: FULL.text })
    expect(ledger.odoo.asked.list).toEqual([])
  })

  test('the disk refuses when it is asked about what only Odoo has', async () => {
    const ledger = new Ledger().sell('A').enter('A').enter('B', { orderId: 2 })
    ledger.odoo.answer = () => {
      ledger.disk.refuses = FULL
      return null
    }
    expect(await ledger.compare()).toEqual({ ok: false, text: FULL.text })
  })
})
