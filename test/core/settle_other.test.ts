import { describe, expect, test } from 'bun:test'
import {
  batched,
  DOWN,
  failed,
  found,
  gap,
  looked,
  made,
  madeItem,
  only,
  openShop,
  REFUSED,
  save,
  until,
  waitsForOdoo,
  wellProbed,
} from './odoo_shop.ts'
import { Play } from './play.ts'
import { GROUP, ODOO } from './stage.ts'
import { acquire, discard, pay } from './words.ts'

/** Answers that are not about this sale, and what others say of it meanwhile. */

/** Sale "first" is final, as Odoo's order 5. */
function openFirst() {
  const opened = openShop()
  const { shop, a, b } = opened
  a.ask(pay('first'), 'ORDER_FINALIZE_QUEUED')
  shop.answer(only(shop, 'finalize'), made(5))
  gap(shop)
  for (const till of [a, b]) till.take()
  return opened
}

const OTHER = 'Odoo names its order 5, and that is the sale "first" already.'

describe("an order of Odoo that is another sale's already", () => {
  test('[J6] is not this one: it is parked, all are told, and the other one stays as it is', () => {
    const { shop, a, b } = openFirst()
    a.ask(pay('B', { paid: 2 }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), made(5))
    expect(shop.order('B').record).toMatchObject({ state: 'parked', result: null })
    expect(b.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ posReference: 'B', code: 'PARKED', error: OTHER }])
    expect(shop.order('first').record).toMatchObject({ state: 'final', result: { orderId: 5 } })
    expect(waitsForOdoo(shop)).toEqual([])
  })

  test('[J6] is known after a restart too', () => {
    const { shop, a } = openFirst()
    shop.restart()
    a.back().ask(pay('B', { paid: 2 }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(until(shop, 'finalize'), made(5))
    expect(shop.order('B').record.state).toBe('parked')
  })

  test('[J6] is so in a batch and in a look-up of open orders', () => {
    const { shop, a } = openFirst()
    save(a, 'B', { status: 'paid' })
    shop.answer(until(shop, 'batch'), batched({ B: madeItem(5) }))
    expect(shop.order('B').record.state).toBe('parked')
    save(a, 'C', {})
    shop.answer(until(shop, 'sweep', 'C'), looked('sweep', found('C', { orderId: 5 })))
    expect(shop.order('C').record.state).toBe('parked')
  })

  test('[J6] within one batch as well: of two with one number only the first is final', () => {
    const { shop, a } = openShop()
    for (const name of ['A', 'B']) save(a, name, { status: 'paid' })
    for (let time = 0; time < 9 && waitsForOdoo(shop).length > 0; time++) {
      const call = until(shop, 'batch')
      shop.answer(call, batched(Object.fromEntries(call.items.map((item) => [item.posReference, madeItem(9)]))))
    }
    expect([shop.order('A').record.state, shop.order('B').record.state]).toEqual(['final', 'parked'])
  })

  test('[J6] is one to Odoo whatever the groups: the same reference sold in two', () => {
    const groups = new Map([
      [7, GROUP],
      [8, 'bar' as typeof GROUP],
    ])
    const shop = new Play({ settings: { odoo: ODOO, groups } })
    const [a, bar] = [shop.join({ configId: 7 }), shop.join({ group: 'bar', configId: 8 })]
    shop.advance(0)
    wellProbed(shop)
    gap(shop)
    a.say(pay('A'))
    bar.say(pay('A', { paid: 1 }, { configId: 8 }))
    gap(shop)
    shop.answer(only(shop, 'finalize'), made(5))
    gap(shop)
    shop.answer(only(shop, 'finalize'), made(5, false))
    expect(shop.order('A').record.state).toBe('final')
    expect(bar.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ posReference: 'A', code: 'PARKED' }])
  })

  test('[J6] that number 0 says nothing: it was entered by hand without one', () => {
    const { shop, a } = openShop()
    for (const name of ['A', 'B']) {
      a.say(pay(name))
      gap(shop)
      shop.answer(only(shop, 'finalize'), REFUSED)
      enter(shop, name, 0)
      gap(shop)
    }
    expect([shop.order('A').record.state, shop.order('B').record.state]).toEqual(['final', 'final'])
  })
})

function enter(shop: Play, posReference: string, orderId: number) {
  const { posReference: reference } = shop.order(posReference).record
  const wish = { kind: 'entered', note: 'typed in', orderId } as const
  shop.do({ kind: 'asked', ask: orderId, person: 'ana', group: GROUP, posReference: reference, wish })
  return shop.replies.get(orderId)
}

describe("a terminal that hears Odoo's yes by the direct road while ours goes on", () => {
  function openSettled() {
    const opened = openShop()
    const { a, b } = opened
    a.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    b.say(pay('A', { paid: 1 }, { settled: { orderId: 88 } }))
    return opened
  }

  test('[J2] makes a refusal none: Odoo is asked, and without an answer it is for a person', () => {
    const { shop } = openSettled()
    shop.answer(only(shop, 'finalize'), REFUSED)
    expect(shop.order('A').record.state).toBe('finalizing')
    shop.answer(until(shop, 'look'), looked('look'))
    expect(shop.order('A').record.state).toBe('parked')
  })

  test('[J2] or it is final, with that very number', () => {
    const { shop } = openSettled()
    shop.answer(only(shop, 'finalize'), REFUSED)
    shop.answer(until(shop, 'look'), looked('look', found('A', { orderId: 88 })))
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 88 } })
  })

  test('[F5] is written down: a restart knows it, and what was said first stays', () => {
    const { shop, a } = openSettled()
    a.say(pay('A', { paid: 1 }, { settled: { orderId: 89 } }))
    expect(shop.order('A').record.finalize?.settledOrderId).toBe(88)
    shop.restart()
    expect(shop.order('A').record).toMatchObject({ state: 'finalizing', finalize: { settledOrderId: 88 } })
  })

  test('[F6] with another content it is a second payment, and says nothing of this one', () => {
    const { shop, a, b } = openShop()
    a.ask(pay('A', { paid: 1 }), 'ORDER_FINALIZE_QUEUED')
    b.say(pay('A', { paid: 2 }, { settled: { orderId: 88 } }))
    expect(shop.order('A').record.finalize?.settledOrderId).toBeNull()
  })
})

describe('a payment that nothing gets through', () => {
  test.each([
    ['one that rests', {}],
    ['while Odoo is away', DOWN],
  ])('[M2] may be entered by hand: %s', (_, more) => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    expect(enter(shop, 'A', 4)).toMatchObject({ ok: false, code: 'NOTHING_TO_DO' })
    shop.answer(only(shop, 'finalize'), failed('finalize', 'transient', more))
    expect(enter(shop, 'A', 4)).toEqual({ ok: true })
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 4 } })
    expect(waitsForOdoo(shop)).toEqual([])
  })
})

describe('a sale entered by hand', () => {
  test('[M2][J6] under the number of another sale is not: nothing changes, and the person is told which', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), made(4))
    gap(shop)
    a.ask(pay('B'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), REFUSED)
    expect(enter(shop, 'B', 4)).toMatchObject({
      ok: false,
      code: 'NOTHING_TO_DO',
      text: expect.stringContaining('"A"'),
    })
    expect(shop.order('B').record.state).toBe('refused')
    expect(enter(shop, 'B', 5)).toEqual({ ok: true })
  })
})

describe('a refused order that a manager discarded since', () => {
  test('[F5] the same finalize again hears that, and not that the hub goes on trying', () => {
    const { shop, a } = openShop()
    const manager = shop.join({ role: 'manager', configId: 7 })
    const frame = pay('A', { paid: 1 }, { msgId: 'p' })
    a.ask(frame, 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), REFUSED)
    manager.take()
    manager.ask(acquire('A', 1), 'LEASE_GRANTED')
    manager.ask(discard('A', 1, { reason: 'guest left' }), 'ORDER_DISCARDED')
    a.take()
    const told = { code: 'ODOO_REFUSED', retryable: false, msgId: 'p' }
    const error = 'Odoo refused the payment, and the order was discarded since.'
    expect(a.ask(frame, 'ORDER_FINALIZE_ERROR')).toMatchObject({ ...told, error })
    expect(shop.order('A').record.state).toBe('discarded')
  })
})
