import { describe, expect, test } from 'bun:test'
import { remembered } from '../../src/core/stored.ts'
import {
  callOf,
  DOWN,
  failed,
  flying,
  gap,
  LOST,
  made,
  only,
  openAway,
  openShop,
  REFUSED,
  until,
  WELL,
  wellProbed,
} from './odoo_shop.ts'
import { pay } from './words.ts'

describe('an answer to a call that is not known any more', () => {
  test('[E1] changes nothing, and nobody hears of it', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const call = only(shop, 'finalize')
    shop.answer(call, made(1))
    const before = remembered(shop.hub)
    a.take()
    for (const late of [made(2), REFUSED, LOST]) {
      expect(shop.answer(call, late).changes).toEqual([])
    }
    expect(remembered(shop.hub)).toEqual(before)
    expect(a.take()).toEqual([])
  })

  test('[E1] nor one of another kind, nor one from before a restart', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const call = only(shop, 'finalize')
    expect(shop.answer(call, WELL).changes).toEqual([])
    shop.restart()
    shop.advance(0)
    expect(shop.answer(call, made(1)).changes).toEqual([])
    expect(shop.order('A').record.state).toBe('finalizing')
  })
})

describe('a failure of the server', () => {
  test.each([
    ['transient', DOWN],
    ['unauthorised', { scope: 'server' }],
    ['refused', { scope: 'server', code: 'WRONG_DATABASE' }],
  ] as const)('[E2] stops all calls but one probe: %s', (kind, more) => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    a.ask(pay('B'), 'ORDER_FINALIZE_QUEUED')
    const answer = failed('finalize', kind === 'refused' ? 'transient' : kind, more)
    shop.answer(only(shop, 'finalize'), answer)
    shop.advance(20_000)
    expect(flying(shop)).toEqual(['probe'])
  })

  test('[E2] that was none: the probe is well, and everything goes on', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), failed('finalize', 'transient', DOWN))
    expect(shop.hub.odoo).toBe('online')
    wellProbed(shop)
    shop.advance(1_000)
    expect(flying(shop)).toEqual(['finalize A'])
  })

  test('[E2] one lost answer is no sign that Odoo is away, two in a row are', () => {
    const { shop, a } = openShop()
    for (const configId of [7, 8, 9]) {
      a.ask(pay(`at ${configId}`, { paid: 1 }, { configId }), 'ORDER_FINALIZE_QUEUED')
      gap(shop)
    }
    const [first, second, third] = [...shop.calls]
    if (first === undefined || second === undefined || third === undefined) throw new Error('three calls run')
    shop.answer(first, LOST)
    expect(shop.hub.road.probeAt).toBeNull()
    shop.answer(second, made(8))
    shop.answer(third, LOST)
    expect(shop.hub.road.probeAt).toBeNull()
    shop.answer(callOf(shop, 'look'), failed('look', 'ambiguous'))
    expect(flying(shop)).toContain('probe')
  })

  test('[E2] a no about one order is an answer of Odoo like any other', () => {
    const { shop, a } = openShop()
    for (const name of ['A', 'B', 'C']) a.ask(pay(name), 'ORDER_FINALIZE_QUEUED')
    for (const name of ['A', 'B', 'C']) {
      gap(shop)
      shop.answer(until(shop, 'finalize', name), name === 'B' ? REFUSED : LOST)
    }
    expect(shop.hub.road.probeAt).toBeNull()
  })
})

describe('what people see', () => {
  test('[E2] Odoo is offline from the first failed probe on, with the reason, and online from the first good one', () => {
    const { shop, a } = openAway()
    const down = failed('probe', 'transient', { ...DOWN, text: 'Nobody listens at odoo.shop' })
    shop.advance(0)
    shop.answer(only(shop, 'probe'), down)
    const { wall } = shop
    expect(shop.hub.road.trouble).toEqual({
      code: 'CONNECTION_REFUSED',
      text: 'Nobody listens at odoo.shop',
      since: wall,
    })
    shop.advance(1_000)
    shop.answer(only(shop, 'probe'), failed('probe', 'unauthorised', { scope: 'server' }))
    expect(shop.hub.road.trouble).toMatchObject({ code: 'SIGN_IN', since: wall })
    shop.advance(2_000)
    expect(a.statuses.at(-1)?.odoo).toBe('offline')
    shop.answer(only(shop, 'probe'), WELL)
    shop.advance(1_000)
    expect([shop.hub.odoo, shop.hub.road.trouble, a.statuses.at(-1)?.odoo]).toEqual(['online', null, 'online'])
  })

  test('[E2] the log says once that Odoo is away, again with another reason, and that it is back', () => {
    const { shop } = openAway()
    shop.advance(0)
    for (const code of ['CONNECTION_REFUSED', 'CONNECTION_REFUSED', 'MAINTENANCE', 'MAINTENANCE'] as const) {
      shop.answer(only(shop, 'probe'), failed('probe', 'transient', { scope: 'server', code }))
      shop.advance(60_000)
    }
    shop.answer(only(shop, 'probe'), WELL)
    expect(shop.notes).toEqual(['Odoo is away', 'Odoo is away', 'Odoo answers'])
  })

  test('[E2] what waits is counted with its age, what waits for a person is not', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    a.ask(pay('B'), 'ORDER_FINALIZE_QUEUED')
    shop.advance(10_000)
    expect(a.statuses.at(-1)).toMatchObject({ odoo: 'online', pendingForward: 2 })
    shop.answer(only(shop, 'finalize'), REFUSED)
    shop.advance(1_000)
    expect(a.statuses.at(-1)).toMatchObject({ pendingForward: 1, oldestPendingMs: 10_000 })
    shop.answer(only(shop, 'finalize'), made(1))
    shop.advance(1_000)
    expect(a.statuses.at(-1)).toMatchObject({ pendingForward: 0, oldestPendingMs: 0 })
  })
})
