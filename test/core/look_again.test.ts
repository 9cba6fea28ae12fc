import { describe, expect, test } from 'bun:test'
import type { OdooCall } from '../../src/core/odoo.ts'
import {
  callOf,
  failed,
  found,
  gap,
  itemOf,
  LOST,
  looked,
  loseFinalize,
  made,
  NO_SESSION,
  only,
  openShop,
  type Shop,
  save,
  until,
  WELL,
  waitsForOdoo,
} from './odoo_shop.ts'
import type { Play } from './play.ts'
import { GROUP, ODOO } from './stage.ts'
import { pay } from './words.ts'

/** Looking up more than once for one order: when it must be, when it may end. */

const BROKEN = { code: 'SERVER_ERROR' } as const

/** A payment whose call was lost; `tells`: the add-on tells repetitions apart. */
function openLost(tells = false): Shop {
  const opened = openShop()
  const { shop, a } = opened
  if (tells) {
    a.ask(pay('first'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), made(1))
    gap(shop)
  }
  a.ask(pay('A', { totals: { total: 10 } }), 'ORDER_FINALIZE_QUEUED')
  gap(shop)
  loseFinalize(shop, 'A')
  gap(shop)
  return opened
}

/** Lets time pass until something is called for an order that is paid. */
function nextCall(shop: Play): OdooCall {
  for (let step = 0; step < 10_000; step++) {
    const call = shop.calls.find(({ what }) => what === 'look' || what === 'finalize')
    if (call !== undefined) return call
    for (const other of [...shop.calls]) shop.answer(other, other.what === 'probe' ? WELL : looked('sweep'))
    shop.advance(100)
  }
  throw new Error('nothing was called for any order')
}

describe('a payment that was lost once', () => {
  test('[O5] is looked up again before its third call, though the second one surely was not carried out', () => {
    const { shop } = openLost()
    shop.answer(only(shop, 'look'), looked('look'))
    shop.answer(until(shop, 'finalize'), failed('finalize', 'transient'))
    expect(nextCall(shop).what).toBe('look')
    shop.answer(only(shop, 'look'), looked('look', found('A', { orderId: 31 })))
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 31 } })
  })
})

describe('look-ups that go on failing', () => {
  test('[B3] end: the call is repeated when the old one must be over, and not before', () => {
    const { shop } = openLost()
    const lostAt = shop.now
    let looks = 0
    let call = nextCall(shop)
    for (; call.what === 'look' && looks < 200; call = nextCall(shop)) {
      looks++
      shop.answer(call, failed('look', 'transient', BROKEN))
    }
    expect(shop.now - lostAt).toBeGreaterThanOrEqual(ODOO.deadMs)
    expect(looks).toBeGreaterThanOrEqual(5)
    // They back off: a second apart it would be more than a hundred.
    expect(looks).toBeLessThan(20)
    shop.answer(call, made(7))
    expect(shop.order('A').record.result?.orderId).toBe(7)
  })

  test('[B3] do not end with the first failure, however old the call is by then', () => {
    const { shop } = openLost()
    shop.advance(ODOO.deadMs + 1)
    shop.answer(callOf(shop, 'look'), failed('look', 'transient', BROKEN))
    expect(nextCall(shop).what).toBe('look')
  })

  test.each([
    ['found nothing', []],
    ['found it', [found('A', { orderId: 31, amountTotal: 10 })]],
  ])('[B3] are counted anew after one that %s', (_, orders) => {
    const { shop } = openLost(true)
    for (let time = 0; time < 3; time++) shop.answer(until(shop, 'look'), failed('look', 'transient', BROKEN))
    expect(itemOf(shop, 'A').lookMisses).toBe(3)
    shop.answer(nextCall(shop), looked('look', ...orders))
    expect(itemOf(shop, 'A').lookMisses).toBe(0)
  })
})

describe('a paid order that was found, and goes once more for its line ids', () => {
  test('[B2] is final where its session is closed meanwhile: Odoo has it', () => {
    const { shop, b } = openLost(true)
    shop.answer(callOf(shop, 'look'), looked('look', found('A', { orderId: 31, amountTotal: 10 })))
    shop.answer(until(shop, 'finalize'), NO_SESSION)
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 31 } })
    expect(b.taken('ORDER_FINALIZE_ERROR')).toEqual([])
    expect(waitsForOdoo(shop)).toEqual([])
  })

  test('[B2] is not by that, where the amount is another one', () => {
    const { shop } = openLost(true)
    shop.answer(callOf(shop, 'look'), looked('look', found('A', { orderId: 31, amountTotal: 12 })))
    shop.answer(until(shop, 'finalize'), NO_SESSION)
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['finalizing', ['A']])
  })

  test('[B2] is not either, where a later look-up does not find it any more', () => {
    const { shop } = openLost(true)
    shop.answer(callOf(shop, 'look'), looked('look', found('A', { orderId: 31, amountTotal: 10 })))
    shop.answer(until(shop, 'finalize'), LOST)
    shop.answer(nextCall(shop), looked('look'))
    shop.answer(until(shop, 'finalize'), NO_SESSION)
    expect([shop.order('A').record.state, waitsForOdoo(shop)]).toEqual(['finalizing', ['A']])
  })
})

describe('an open order that Odoo has as paid twice', () => {
  function openTwice(): Shop {
    const opened = openShop()
    save(opened.a, 'A', { status: 'draft' })
    for (const till of [opened.a, opened.b]) till.take()
    const twice = looked('sweep', found('A', { orderId: 5 }), found('A', { orderId: 6 }))
    opened.shop.answer(until(opened.shop, 'sweep', 'A'), twice)
    return opened
  }

  test('[B4] is parked for a person, with the numbers of both', () => {
    const { shop, b } = openTwice()
    expect(b.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ code: 'PARKED', retryable: false }])
    expect(shop.order('A').record).toMatchObject({
      state: 'parked',
      result: null,
      finalize: { refusal: { code: 'PARKED', text: 'Odoo has this sale more than once: orders 5, 6.' } },
    })
  })

  test('[M1] has nothing that could be sent again; entered by hand it is final', () => {
    const { shop } = openTwice()
    const { posReference } = shop.order('A').record
    const about = { kind: 'asked', person: 'ana', group: GROUP, posReference } as const
    shop.do({ ...about, ask: 1, wish: { kind: 'retry' } })
    expect(shop.replies.get(1)).toMatchObject({ ok: false, code: 'NOTHING_TO_DO' })
    expect(waitsForOdoo(shop)).toEqual([])
    shop.restart()
    expect(shop.order('A').record.state).toBe('parked')
    shop.do({ ...about, ask: 2, wish: { kind: 'entered', note: 'the first one counts', orderId: 5 } })
    expect(shop.order('A').record).toMatchObject({ state: 'final', result: { orderId: 5 } })
  })
})
