import { describe, expect, test } from 'bun:test'
import {
  batched,
  callOf,
  flying,
  found,
  gap,
  looked,
  madeItem,
  NO,
  only,
  openPaid,
  openShop,
  REFUSED,
  STORED,
  save,
  until,
  waitsForOdoo,
} from './odoo_shop.ts'
import { acquire, discard, pay, release, write } from './words.ts'

/** What people do while a version is on its way, and what its answer means then. */

describe('an order that was discarded while its version was on the way', () => {
  test('[W7] as a draft: Odoo hears the discard next, though it has no version of its own', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    save(a, 'A', { status: 'draft' })
    const call = until(shop, 'batch')
    a.ask(acquire('A', 1), 'LEASE_GRANTED')
    a.ask(discard('A', 1), 'ORDER_DISCARDED')
    shop.answer(call, batched({ A: STORED }))
    expect(waitsForOdoo(shop)).toEqual(['A'])
    shop.answer(until(shop, 'batch', 'A'), batched({ A: STORED }))
    expect(waitsForOdoo(shop)).toEqual([])
  })

  test('[D3] as paid: only a manager could, with a reason', () => {
    const { shop, a } = openPaid()
    const waiter = shop.join({ role: 'waiter', configId: 7 })
    for (const [till, code] of [
      [waiter, 'MANAGER_REQUIRED'],
      [shop.join({ role: 'manager', configId: 7 }), 'REASON_REQUIRED'],
    ] as const) {
      till.ask(acquire('A', 1), 'LEASE_GRANTED')
      expect(till.ask(discard('A', 1), 'ERROR').code).toBe(code)
      till.tell(release('A'))
      a.take()
    }
    expect(shop.order('A').record.state).toBe('open')
  })

  test('[D3] as paid: not by a manager either, as long as Odoo may be making an order of it', () => {
    const { shop } = openPaid()
    const call = callOf(shop, 'batch')
    const manager = shop.join({ role: 'manager', configId: 7 })
    manager.ask(acquire('A', 1), 'LEASE_GRANTED')
    expect(manager.ask(discard('A', 1, { reason: 'guest left' }), 'ERROR')).toMatchObject({
      code: 'ODOO_AWAY',
      next: 'later',
    })
    shop.answer(call, batched({ A: NO }))
    manager.ask(discard('A', 1, { reason: 'guest left' }), 'ORDER_DISCARDED')
    expect(waitsForOdoo(shop)).toEqual(['A'])
  })
})

describe('a paid version that was written as a draft while it was on the way', () => {
  test('[W6] is final where Odoo has made an order of it: what was paid never becomes unpaid', () => {
    const { shop, a, b } = openPaid()
    const call = callOf(shop, 'batch')
    a.ask(acquire('A', 1), 'LEASE_GRANTED')
    a.ask(write('A', 1, { status: 'draft' }), 'ORDER_ACCEPTED')
    shop.answer(call, batched({ A: madeItem(77) }))
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 77 } })
    expect(waitsForOdoo(shop)).toEqual([])
    expect(b.taken('ORDER_FINALIZED')).toMatchObject([{ posReference: 'A', orderId: 77 }])
  })

  test('[W6] stays open where Odoo made none', () => {
    const { shop, a } = openPaid()
    const call = callOf(shop, 'batch')
    a.ask(acquire('A', 1), 'LEASE_GRANTED')
    a.ask(write('A', 1, { status: 'draft' }), 'ORDER_ACCEPTED')
    shop.answer(call, batched({ A: STORED }))
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['open', []])
  })

  test('[W1] that was a draft when it went is not final by that', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    save(a, 'A', { status: 'draft' })
    const call = until(shop, 'batch')
    save(a, 'A', { status: 'open' })
    shop.answer(call, batched({ A: madeItem(77) }))
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['open', ['A']])
  })
})

describe('a payment that overtook its version in a batch', () => {
  test.each([
    ['made', { A: madeItem(77) }],
    ['stored', { A: STORED }],
    ['not answered for', {}],
  ])('[J3] is not refused at once where that was %s: Odoo is asked first', (_, results) => {
    const { shop, a } = openPaid()
    const call = callOf(shop, 'batch')
    a.ask(pay('A', { status: 'paid' }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(call, batched(results))
    gap(shop)
    expect(flying(shop)).toEqual(['look A'])
    shop.answer(only(shop, 'look'), looked('look'))
    shop.answer(until(shop, 'finalize'), REFUSED)
    expect(shop.order('A').record.state).toBe('finalizing')
    shop.answer(until(shop, 'look'), looked('look', found('A', { orderId: 77 })))
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 77 } })
  })

  test('[J3] is, where Odoo had refused that too: nothing can have made it', () => {
    const { shop, a } = openPaid()
    const call = callOf(shop, 'batch')
    a.ask(pay('A', { status: 'paid' }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(call, batched({ A: NO }))
    gap(shop)
    shop.answer(only(shop, 'finalize'), REFUSED)
    expect(shop.order('A').record.state).toBe('refused')
  })
})

describe('an order whose snapshot says that it has ended', () => {
  test('[W8] leaves the active set when Odoo has it: all are told, newcomers never hear of it', () => {
    const { shop, a, b } = openShop()
    save(a, 'A', { status: 'cancelled' })
    b.take()
    shop.answer(until(shop, 'batch'), batched({ A: STORED }))
    expect(b.taken('ORDER_DISCARDED')).toMatchObject([{ posReference: 'A', sourceTerminal: a.id, seq: shop.group.seq }])
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['discarded', []])
    expect(shop.join({ configId: 7 }).init.orders).toEqual([])
    shop.restart()
    expect([shop.group.orders.size, waitsForOdoo(shop)]).toEqual([0, []])
  })

  test('[W8] stays while somebody holds it, and is off the road all the same', () => {
    const { shop, a, b } = openShop()
    save(a, 'A', { status: 'cancelled' })
    const call = until(shop, 'batch')
    b.ask(acquire('A', 1), 'LEASE_GRANTED')
    shop.answer(call, batched({ A: STORED }))
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['open', []])
    b.ask(write('A', 1, { status: 'draft' }), 'ORDER_ACCEPTED')
  })

  test('[W8] is open again with a new version', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'closed' })
    shop.answer(until(shop, 'batch'), batched({ A: STORED }))
    a.take()
    save(a, 'A', { status: 'draft' })
    expect(shop.order('A').record).toMatchObject({ state: 'open', version: 2 })
  })

  test('[W8] stays where Odoo has not the newest version, or none', () => {
    const { shop, a } = openShop()
    save(a, 'A', { status: 'cancelled' })
    const call = until(shop, 'batch')
    save(a, 'A', { status: 'cancelled', n: 2 })
    shop.answer(call, batched({ A: STORED }))
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['open', ['A']])
    shop.answer(until(shop, 'batch', 'A'), batched({ A: NO }))
    expect(shop.order('A').record.state).toBe('open')
  })
})
