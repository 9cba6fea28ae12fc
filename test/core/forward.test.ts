import { describe, expect, test } from 'bun:test'
import {
  batched,
  failed,
  flying,
  gap,
  itemOf,
  looked,
  made,
  madeItem,
  NO,
  only,
  openPaid,
  openShop,
  REFUSED,
  rowOnDisk,
  STORED,
  save,
  until,
  waitsForOdoo,
} from './odoo_shop.ts'
import type { Play } from './play.ts'
import { ODOO } from './stage.ts'
import { acquire, discard, pay } from './words.ts'

function batch(shop: Play) {
  return until(shop, 'batch')
}

describe('what is forwarded', () => {
  test.each(['closed', 'cancelled', 'canceled', 'cancel'])('[W1] a completed order: %s', (status) => {
    const { shop, a } = openShop()
    save(a, 'A', { status })
    expect(only(shop, 'batch').items).toMatchObject([{ posReference: 'A', version: 1, configId: 7 }])
    shop.answer(only(shop, 'batch'), batched({ A: STORED }))
    expect([waitsForOdoo(shop), shop.hub.road.takenCount]).toEqual([[], 1])
  })

  test('[W1] a discarded order', () => {
    const { shop, a } = openShop()
    save(a, 'A', { lines: [] })
    a.ask(acquire('A', 1), 'LEASE_GRANTED')
    expect(flying(shop)).toEqual([])
    a.ask(discard('A', 1), 'ORDER_DISCARDED')
    expect(flying(shop)).toEqual(['batch A'])
  })

  test('[W1] drafts only where the hub is told to', () => {
    for (const forwardsDrafts of [false, true]) {
      const { shop, a } = openShop({ forwardsDrafts })
      save(a, 'A', { status: 'draft' })
      save(a, 'B', {})
      expect(flying(shop)).toEqual(forwardsDrafts ? ['batch A'] : [])
      expect(waitsForOdoo(shop)).toEqual(forwardsDrafts ? ['A', 'B'] : [])
    }
  })

  test('[W1] the newest version, in batches of as many as are set, at that interval, oldest first', () => {
    const { shop, a } = openShop({ forwardsDrafts: true, forwardBatch: 3 })
    save(a, 'first', {})
    shop.answer(only(shop, 'batch'), batched({ first: STORED }))
    const began = shop.now
    for (const name of ['E', 'D', 'C', 'B', 'A']) {
      save(a, name, {})
      shop.pass(1)
    }
    save(a, 'E', { n: 2 })
    const call = batch(shop)
    expect(shop.now - began).toBeGreaterThanOrEqual(ODOO.forwardIntervalMs - 100)
    expect(call.items).toMatchObject([
      { posReference: 'E', version: 2 },
      { posReference: 'D', version: 1 },
      { posReference: 'C', version: 1 },
    ])
    shop.answer(call, batched({ E: STORED, D: STORED, C: STORED }))
    gap(shop)
    // There was more than one batch takes: the next follows at once.
    expect(flying(shop)).toEqual(['batch B A'])
  })

  test('[W1] sold at another configuration goes in a batch of its own', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'closed', configId: 8 })
    save(a, 'B', { status: 'closed', config_id: [9, 'Bar'] })
    shop.join({ configId: null }).ask(acquire('C'), 'LEASE_GRANTED')
    gap(shop)
    expect(shop.calls.map(({ items }) => items.map(({ configId }) => configId))).toEqual([[8], [9]])
  })

  test('[W1] what became a draft again is not sent any more', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'paid' })
    expect(waitsForOdoo(shop)).toEqual(['A'])
    save(a, 'A', { status: 'draft' })
    expect([waitsForOdoo(shop), rowOnDisk(shop, 'A')]).toEqual([[], undefined])
  })

  test('[W1] nor while it was on the way, once that call is over or must be over', () => {
    for (const answer of [batched({ A: STORED }), failed('batch', 'transient'), failed('batch', 'ambiguous')]) {
      const { shop, a } = openPaid()
      save(a, 'A', { status: 'draft' })
      shop.answer(only(shop, 'batch'), answer)
      expect(() => until(shop, 'batch')).toThrow('no batch began')
      expect(waitsForOdoo(shop)).toEqual([])
    }
  })
})

describe('a snapshot that says "paid"', () => {
  test('[W2] waits 60 s for its payment first', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'paid' })
    const from = shop.now
    batch(shop)
    expect(shop.now - from).toBeGreaterThanOrEqual(60_000)
    expect(shop.now - from).toBeLessThan(60_200)
  })

  test('[W2] waits that long from the moment that it says so, also where drafts are forwarded', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    save(a, 'other', {})
    save(a, 'A', {})
    shop.answer(only(shop, 'batch'), batched({ other: STORED }))
    // Its draft waits for the next batch, and is paid before that goes.
    save(a, 'A', { status: 'paid' })
    const from = shop.now
    batch(shop)
    expect(shop.now - from).toBeGreaterThanOrEqual(60_000)
  })

  test('[W2] waits that long again after a restart, but not once it was sent', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'paid' })
    shop.advance(50_000)
    shop.restart()
    const from = shop.now
    shop.answer(batch(shop), failed('batch', 'transient'))
    expect(shop.now - from).toBeGreaterThanOrEqual(60_000)
    shop.restart()
    const again = shop.now
    batch(shop)
    expect(shop.now - again).toBeLessThan(1_000)
  })

  test('[W2] is not forwarded at all if its payment comes', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'paid' })
    shop.advance(30_000)
    a.ask(pay('A', { status: 'paid' }), 'ORDER_FINALIZE_QUEUED')
    expect(flying(shop)).toEqual(['finalize A'])
    shop.answer(only(shop, 'finalize'), made(5))
    expect(waitsForOdoo(shop)).toEqual([])
  })
})

describe('orders on the road of payments', () => {
  test('[W3] are never in a batch: finalizing, refused, parked, final', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    a.ask(pay('A', { status: 'paid' }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), REFUSED)
    save(a, 'A', { status: 'paid' })
    expect(waitsForOdoo(shop)).toEqual([])
    for (const state of ['parked', 'final'] as const) {
      a.ask(pay(state), 'ORDER_FINALIZE_QUEUED')
      shop.mark(state, { state })
    }
    expect(() => until(shop, 'batch')).toThrow('no batch began')
  })

  test('[W3] a payment takes the row over, one that was parked too', () => {
    const { shop, a } = openPaid()
    shop.answer(only(shop, 'batch'), batched({ A: NO }))
    expect(itemOf(shop, 'A').row.isParked).toBe(true)
    a.ask(pay('A', { status: 'paid' }), 'ORDER_FINALIZE_QUEUED')
    expect(rowOnDisk(shop, 'A')).toMatchObject({ kind: 'finalize', isParked: false, trouble: null, version: 2 })
    expect(shop.group.outboxParked).toBe(0)
    gap(shop)
    expect(flying(shop)).toEqual(['finalize A'])
  })

  test('[W3] a payment that comes while its order is in a batch goes after it, and Odoo names the same order', () => {
    const { shop, a } = openPaid()
    a.ask(pay('A', { status: 'paid' }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'batch'), batched({ A: madeItem(31) }))
    expect(shop.order('A').record.state).toBe('finalizing')
    gap(shop)
    shop.answer(only(shop, 'look'), looked('look'))
    gap(shop)
    shop.answer(only(shop, 'finalize'), made(31, false))
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 31 } })
  })
})
