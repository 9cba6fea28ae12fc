import { describe, expect, test } from 'bun:test'
import type { PosReference } from '../../src/protocol/mod.ts'
import {
  batched,
  failed,
  failure,
  flying,
  itemOf,
  LINES,
  madeItem,
  NO,
  only,
  openPaid,
  openShop,
  rowOnDisk,
  STORED,
  save,
  until,
  waitsForOdoo,
} from './odoo_shop.ts'
import type { Play } from './play.ts'
import { acquire, pay } from './words.ts'

function batch(shop: Play) {
  return until(shop, 'batch')
}

describe('the results of a batch', () => {
  test('[W4] are one for each order; one that is refused is parked with the reason and holds nothing up', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    save(a, 'first', {})
    for (const name of ['A', 'B', 'C', 'D', 'E']) save(a, name, {})
    shop.answer(only(shop, 'batch'), batched({ first: STORED }))
    const transient = { kind: 'failed', failure: failure('transient') } as const
    const conflict = { kind: 'conflict', orderId: 5, theirs: LINES, text: 'Other lines' } as const
    shop.answer(batch(shop), batched({ A: STORED, B: NO, C: transient, D: conflict }))
    expect(waitsForOdoo(shop)).toEqual(['B', 'C', 'D', 'E'])
    const why = { code: 'VALIDATION', text: 'Unknown product 9' }
    expect(rowOnDisk(shop, 'B')).toMatchObject({ isParked: true, trouble: why, sentAt: null })
    expect(rowOnDisk(shop, 'D')).toMatchObject({ isParked: true, trouble: { code: 'CONFLICT', text: 'Other lines' } })
    shop.advance(1_000)
    expect(a.statuses.at(-1)?.pendingForward).toBe(2)
    // What Odoo did not answer for is tried again like what failed.
    const { items } = batch(shop)
    expect(items.map(({ posReference }) => posReference)).toEqual(['C', 'E'] as PosReference[])
  })

  test('[W4] one that is parked stays so after a restart, and a newer version is tried', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    save(a, 'A', {})
    shop.answer(only(shop, 'batch'), batched({ A: NO }))
    shop.restart()
    expect(() => until(shop, 'batch')).toThrow('no batch began')
    expect([itemOf(shop, 'A').row.isParked, shop.group.outboxParked]).toEqual([true, 1])
    save(a.back(), 'A', { lines: ['another'] })
    expect(shop.group.outboxParked).toBe(0)
    expect(batch(shop).items).toMatchObject([{ version: 2 }])
  })

  test('[W5] that was refused as a whole is sent again one by one', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    save(a, 'first', {})
    for (const name of ['A', 'B', 'C']) save(a, name, {})
    shop.answer(only(shop, 'batch'), batched({ first: STORED }))
    shop.answer(batch(shop), failed('batch', 'refused', { text: 'Bad data' }))
    const sent: string[] = []
    for (let time = 0; time < 3; time++) {
      const call = batch(shop)
      const [item, ...more] = call.items
      if (item === undefined || more.length > 0) throw new Error(`${call.items.length} orders together`)
      sent.push(item.posReference)
      const isBad = item.posReference === 'B'
      shop.answer(call, isBad ? failed('batch', 'refused') : batched({ [item.posReference]: STORED }))
    }
    expect(sent).toEqual(['A', 'B', 'C'])
    expect([waitsForOdoo(shop), itemOf(shop, 'B').row.isParked]).toEqual([['B'], true])
  })
})

describe('"paid, not finalized"', () => {
  test('[W6] ends when Odoo names an order: it is final, and all are told', () => {
    const { shop, a, b } = openPaid()
    shop.answer(only(shop, 'batch'), batched({ A: madeItem(31) }))
    expect(shop.order('A').record).toMatchObject({ state: 'final', version: 1, result: { orderId: 31 } })
    for (const till of [a, b]) expect(till.taken('ORDER_FINALIZED')).toMatchObject([{ orderId: 31, posReference: 'A' }])
    expect(waitsForOdoo(shop)).toEqual([])
    expect(b.ask(pay('A', { status: 'paid' }), 'ORDER_FINALIZED')).toMatchObject({ orderId: 31, version: 1 })
    expect(b.ask(pay('A', { status: 'paid', tip: 1 }), 'ORDER_FINALIZED')).toMatchObject({ orderId: 31, differs: true })
  })

  test.each([
    ['taken without an order', STORED],
    ['a yes without an order', { kind: 'no_order', theirs: LINES, text: '' }],
  ] as const)('[W6] does not end before that: %s', (_, result) => {
    const { shop } = openPaid()
    shop.answer(only(shop, 'batch'), batched({ A: result }))
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['open', ['A']])
    shop.answer(batch(shop), batched({ A: madeItem(31) }))
    expect(shop.order('A').record.state).toBe('final')
  })

  test('[W6] ends with the lease of whoever works on it', () => {
    const { shop, a, b } = openPaid()
    b.ask(acquire('A', 1), 'LEASE_GRANTED')
    shop.answer(only(shop, 'batch'), batched({ A: madeItem(31) }))
    expect(b.taken('LEASE_REVOKED')).toMatchObject([{ posReference: 'A' }])
    expect(a.taken('ORDER_FINALIZED')).toHaveLength(1)
  })
})

describe('a newer version that came during the call', () => {
  test('[W7] is sent next', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    save(a, 'A', {})
    const call = only(shop, 'batch')
    save(a, 'A', { n: 2 })
    save(a, 'A', { n: 3 })
    expect(flying(shop)).toEqual(['batch A'])
    shop.answer(call, batched({ A: STORED }))
    expect(rowOnDisk(shop, 'A')).toMatchObject({ version: 3, sentVersion: 1, sentAt: null })
    expect(batch(shop).items).toMatchObject([{ version: 3 }])
    shop.answer(only(shop, 'batch'), batched({ A: STORED }))
    expect(waitsForOdoo(shop)).toEqual([])
  })

  test('[W7] is tried, where the older one was refused', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    save(a, 'A', {})
    save(a, 'A', { n: 2 })
    shop.answer(only(shop, 'batch'), batched({ A: NO }))
    expect(itemOf(shop, 'A').row.isParked).toBe(false)
    expect(batch(shop).items).toMatchObject([{ version: 2 }])
  })

  test('[W7] says "paid": what was made of the older one is not the end', () => {
    const { shop, a } = openPaid()
    save(a, 'A', { status: 'paid', tip: 5 })
    shop.answer(only(shop, 'batch'), batched({ A: madeItem(31) }))
    expect(shop.order('A').record.state).toBe('open')
    const conflict = { kind: 'conflict', orderId: 31, theirs: LINES, text: 'Other lines' } as const
    shop.answer(batch(shop), batched({ A: conflict }))
    expect(rowOnDisk(shop, 'A')).toMatchObject({ isParked: true, trouble: { code: 'CONFLICT' } })
  })
})
