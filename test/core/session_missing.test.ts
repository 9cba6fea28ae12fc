import { describe, expect, test } from 'bun:test'
import { flying, gap, made, NO_SESSION, only, openShop, REFUSED, until } from './odoo_shop.ts'
import { pay } from './words.ts'

/** Payments for a session that other payments wait for already. */

const TOLD = {
  type: 'ORDER_FINALIZE_ERROR',
  posReference: 'B',
  version: 1,
  retryable: true,
  code: 'NO_OPEN_SESSION',
  error: 'Odoo has no open session for the point of sale 7.',
} as const

/** Order A waits for the session of configuration 7; `old` speaks v1. */
function openWaiting() {
  const opened = openShop()
  const { shop, a, b } = opened
  const old = shop.join({ protocol: 1, configId: 7 })
  a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
  shop.answer(only(shop, 'finalize'), NO_SESSION, 1)
  gap(shop)
  for (const till of [a, b, old]) till.take()
  return { ...opened, old }
}

describe('a payment into a session that is known to be closed', () => {
  test('[E5] all hear at once why it waits, the sender beside that it is written down', () => {
    const { shop, a, b, old } = openWaiting()
    expect(a.ask(pay('B'), 'ORDER_FINALIZE_QUEUED').reason).toBe(TOLD.error)
    for (const till of [b, old]) expect(till.taken('ORDER_FINALIZE_ERROR')).toMatchObject([TOLD])
    expect([shop.order('B').record.state, flying(shop)]).toEqual(['finalizing', []])
  })

  test('[E5] they hear it once: when its own call meets the same, nobody is told again', () => {
    const { shop, a, b } = openWaiting()
    a.say(pay('B'))
    for (const till of [a, b]) till.take()
    shop.answer(until(shop, 'finalize', 'A'), REFUSED)
    for (const till of [a, b]) till.take()
    shop.answer(until(shop, 'finalize', 'B'), NO_SESSION)
    for (const till of [a, b]) expect(till.taken('ORDER_FINALIZE_ERROR')).toEqual([])
  })

  test('[E5] one at another configuration is none of it, nor is one after the session was opened', () => {
    const { shop, a, b } = openWaiting()
    a.ask(pay('bar', { paid: 1 }, { configId: 8 }), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), made(8))
    shop.answer(until(shop, 'finalize', 'A'), made(1))
    a.ask(pay('B'), 'ORDER_FINALIZE_QUEUED')
    expect(b.taken('ORDER_FINALIZE_ERROR')).toEqual([])
  })
})

describe('a v1 terminal whose payment waits for a session', () => {
  test('[F4] hears that after its ten seconds, and not that Odoo is away', () => {
    const { shop, old } = openWaiting()
    old.tell(pay('B'))
    shop.pass(9_999)
    shop.do({ kind: 'tick' })
    expect(old.take().filter((heard) => heard.type === 'ORDER_FINALIZE_ERROR')).toEqual([])
    shop.pass(1)
    shop.do({ kind: 'tick' })
    expect(old.taken('ORDER_FINALIZE_ERROR')).toMatchObject([TOLD])
  })

  test('[F4] so does the one whose own payment found the session closed', () => {
    const { shop } = openShop()
    const old = shop.join({ protocol: 1, configId: 7 })
    old.tell(pay('A'))
    shop.answer(only(shop, 'finalize'), NO_SESSION)
    expect(old.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ code: 'NO_OPEN_SESSION' }])
    shop.pass(10_000)
    shop.do({ kind: 'tick' })
    expect(old.taken('ORDER_FINALIZE_ERROR')).toMatchObject([{ code: 'NO_OPEN_SESSION', retryable: true }])
  })
})
