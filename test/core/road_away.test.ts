import { describe, expect, test } from 'bun:test'
import { CALL_GAP_MS } from '../../src/core/limits.ts'
import {
  batched,
  callOf,
  DOWN,
  failed,
  flying,
  gap,
  LOST,
  looked,
  loseFinalize,
  made,
  only,
  openAway,
  openShop,
  REFUSED,
  rowOnDisk,
  STORED,
  until,
  WELL,
  waitsForOdoo,
  wellProbed,
} from './odoo_shop.ts'
import { ODOO } from './stage.ts'
import { acquire, discard, pay, write } from './words.ts'

describe('when Odoo may be away', () => {
  test('[O3] nothing goes but one probe, however much waits and however long', () => {
    const { shop, a } = openAway()
    for (let n = 0; n < 50; n++)
      a.ask(pay(`order ${n}`, { paid: 1 }, { configId: 7 + (n % 5) }), 'ORDER_FINALIZE_QUEUED')
    for (let time = 0; time < 20; time++) {
      shop.advance(60_000)
      shop.answer(only(shop, 'probe'), failed('probe', 'transient', DOWN))
    }
    expect(shop.hub.odoo).toBe('offline')
  })

  test('[O3] when it answers again, what had failed goes at once, and the lanes that waited too', () => {
    const { shop, a } = openShop()
    for (const configId of [7, 8]) a.ask(pay(`at ${configId}`, { paid: 1 }, { configId }), 'ORDER_FINALIZE_QUEUED')
    gap(shop)
    for (let time = 0; time < 4; time++) shop.answer(until(shop, 'finalize', 'at 8'), failed('finalize', 'waiting'))
    shop.answer(callOf(shop, 'finalize', 'at 7'), failed('finalize', 'transient', DOWN))
    shop.answer(only(shop, 'probe'), failed('probe', 'transient', DOWN))
    shop.advance(1_000)
    shop.answer(only(shop, 'probe'), WELL)
    gap(shop)
    gap(shop)
    expect(flying(shop).toSorted()).toEqual(['finalize at 7', 'finalize at 8'])
  })

  test('[O3] calls that run go on, and their answers count', () => {
    const { shop, a } = openShop()
    for (const configId of [7, 8]) a.ask(pay(`at ${configId}`, { paid: 1 }, { configId }), 'ORDER_FINALIZE_QUEUED')
    gap(shop)
    shop.answer(callOf(shop, 'finalize', 'at 7'), failed('finalize', 'transient', DOWN))
    expect(flying(shop)).toEqual(['finalize at 8', 'probe'])
    shop.answer(callOf(shop, 'finalize', 'at 8'), made(8))
    expect(shop.order('at 8').record.state).toBe('final')
  })
})

describe('without traffic', () => {
  test('[O4] Odoo is asked once a minute whether it is there', () => {
    const { shop } = openShop()
    shop.advance(59_999 - CALL_GAP_MS)
    expect(flying(shop)).toEqual([])
    for (let minute = 0; minute < 3; minute++) {
      shop.advance(minute === 0 ? 1 : 60_000)
      shop.answer(only(shop, 'probe'), WELL)
    }
  })

  test('[O4] it is not asked while a call runs, and the hub rests until that call ends', () => {
    const { shop, a } = openShop()
    shop.advance(50_000)
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    // A hub that could not rest would be thrown out of `advance`.
    shop.advance(120_000)
    expect(flying(shop)).toEqual(['finalize A'])
    shop.answer(only(shop, 'finalize'), made(1))
    shop.advance(60_000)
    expect(flying(shop)).toEqual(['probe'])
  })

  test('[O4] a hub without Odoo calls nobody, and keeps what is meant for it', () => {
    const { shop, a } = openShop()
    shop.restart({ ...shop.settings, odoo: null })
    a.back()
    a.take()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.advance(600_000)
    expect([flying(shop), waitsForOdoo(shop)]).toEqual([[], ['A']])
  })
})

describe('after a call without an answer', () => {
  test('[O5] Odoo is asked for the reference before the call is repeated', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    loseFinalize(shop, 'A')
    gap(shop)
    expect(flying(shop)).toEqual(['look A'])
    shop.answer(only(shop, 'look'), looked('look'))
    until(shop, 'finalize')
    expect(flying(shop)).toEqual(['finalize A'])
  })

  test('[O5] each time anew', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    for (let time = 0; time < 3; time++) {
      loseFinalize(shop, 'A')
      gap(shop)
      expect(flying(shop)).toEqual(['look A'])
      shop.answer(only(shop, 'look'), looked('look'))
      until(shop, 'finalize')
    }
  })

  test('[O5] where it cannot be asked, the call is repeated: Odoo makes one order of any number', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    loseFinalize(shop, 'A')
    gap(shop)
    shop.answer(only(shop, 'look'), { what: 'look', answer: { kind: 'cannot' } })
    until(shop, 'finalize')
    expect(rowOnDisk(shop, 'A')?.unansweredAt).not.toBeNull()
  })

  test('[O5] a look-up waits for no session: another order of it may be on its way', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    a.ask(pay('B'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(callOf(shop, 'finalize', 'A'), LOST)
    gap(shop)
    gap(shop)
    shop.answer(callOf(shop, 'look'), failed('look', 'transient'))
    shop.advance(2_000)
    expect(flying(shop)).toEqual(['finalize B', 'look A'])
  })
})

describe('drafts', () => {
  test('[O6] rest after a call without an answer until that call must be over', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0), 'ORDER_ACCEPTED')
    shop.answer(only(shop, 'batch'), failed('batch', 'ambiguous'))
    a.ask(acquire('A', 1), 'LEASE_GRANTED')
    a.ask(write('A', 1), 'ORDER_ACCEPTED')
    for (let at = 0; at < 149; at++) {
      shop.advance(1_000)
      expect(flying(shop).filter((call) => call.startsWith('batch'))).toEqual([])
      for (const call of [...shop.calls]) shop.answer(call, call.what === 'probe' ? WELL : looked('sweep'))
    }
    shop.advance(1_000)
    expect(flying(shop)).toEqual(['batch A'])
    expect(only(shop, 'batch').items).toMatchObject([{ version: 2 }])
  })

  test('[O6] rest as much longer as the hub itself stood still: in that time it could not see the call end', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0), 'ORDER_ACCEPTED')
    shop.answer(only(shop, 'batch'), failed('batch', 'ambiguous'))
    const from = shop.now
    shop.stall(100_000)
    until(shop, 'batch')
    expect(shop.now - from).toBeGreaterThanOrEqual(ODOO.deadMs + 100_000)
  })

  test('[O6] a payment does not rest for that, and is looked up first', () => {
    const { shop, a } = openShop({ forwardsDrafts: true })
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0), 'ORDER_ACCEPTED')
    shop.answer(only(shop, 'batch'), failed('batch', 'ambiguous'))
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    gap(shop)
    shop.answer(only(shop, 'look'), looked('look'))
    until(shop, 'finalize')
    expect(flying(shop)).toEqual(['finalize A'])
    // The old call with the draft may still be carried out: what is refused now is not definite.
    shop.answer(only(shop, 'finalize'), REFUSED)
    expect(shop.order('A').record.state).toBe('finalizing')
  })
})

describe('references of open and refused orders', () => {
  test('[O7] are looked up each minute, two hundred at a time', () => {
    const { shop, a } = openShop()
    for (let n = 0; n < 250; n++) {
      a.ask(acquire(`order ${n}`), 'LEASE_GRANTED')
      a.ask(write(`order ${n}`, 0), 'ORDER_ACCEPTED')
      a.say({ type: 'LEASE_RELEASE', posReference: `order ${n}` })
    }
    a.ask(acquire('gone'), 'LEASE_GRANTED')
    a.ask(write('gone', 0), 'ORDER_ACCEPTED')
    a.ask(discard('gone', 1), 'ORDER_DISCARDED')
    shop.answer(only(shop, 'batch'), batched({ gone: STORED }))
    for (let minute = 0; minute < 2; minute++) {
      shop.advance(60_000)
      if (shop.calls[0]?.what === 'probe') wellProbed(shop)
      const names = new Set<string>()
      for (const count of [200, 50]) {
        const { items } = only(shop, 'sweep')
        expect(items).toHaveLength(count)
        for (const { posReference } of items) names.add(posReference)
        shop.answer(only(shop, 'sweep'), looked('sweep'))
      }
      expect([names.size, names.has('gone')]).toEqual([250, false])
      expect(flying(shop)).toEqual([])
    }
  })

  test('[O7] are looked up at once when Odoo is back', () => {
    const { shop, a } = openAway()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0), 'ORDER_ACCEPTED')
    shop.advance(0)
    wellProbed(shop)
    expect(flying(shop)).toEqual(['sweep A'])
  })

  test('[O7] are looked up again ten minutes after that was refused, and not before', () => {
    const { shop, a } = openAway()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0), 'ORDER_ACCEPTED')
    shop.advance(0)
    wellProbed(shop)
    const denied = { kind: 'unauthorised', scope: 'server', code: 'ACCESS' } as const
    shop.answer(only(shop, 'sweep'), failed('sweep', 'unauthorised', denied))
    wellProbed(shop)
    for (let minute = 1; minute < 10; minute++) {
      shop.advance(60_000)
      wellProbed(shop)
      expect(flying(shop)).toEqual([])
    }
    shop.advance(60_000)
    if (flying(shop).includes('probe')) wellProbed(shop)
    shop.advance(0)
    expect(flying(shop)).toEqual(['sweep A'])
  })

  test('[O7] are not looked up where the server has no look-up', () => {
    const { shop, a } = openAway()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0), 'ORDER_ACCEPTED')
    shop.advance(0)
    wellProbed(shop)
    shop.answer(only(shop, 'sweep'), { what: 'sweep', answer: { kind: 'cannot' } })
    for (let minute = 0; minute < 3; minute++) {
      shop.advance(60_000)
      wellProbed(shop)
    }
    expect(flying(shop)).toEqual([])
  })
})
