import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import { type Till, typesOf } from './till.ts'
import { acquire, beat, discard, pay, write } from './words.ts'

/** `a` holds order A at version 1. */
function open(): { shop: Play; a: Till; b: Till; old: Till } {
  const shop = new Play()
  const [a, b, old] = [shop.join(), shop.join(), shop.join({ protocol: 1 })]
  a.ask(acquire('A'), 'LEASE_GRANTED')
  a.ask(write('A', 0, { tableId: 5 }), 'ORDER_ACCEPTED')
  for (const till of [a, b, old]) till.take()
  return { shop, a, b, old }
}

describe('a discard', () => {
  test('[D1] is judged like a snapshot: msgId, paid, lease, version', () => {
    const { shop, a, b } = open()
    expect(b.ask(discard('A', 1), 'LEASE_DENIED')).toMatchObject({ holder: a.id, code: 'LEASE_HELD' })
    expect(a.ask(discard('A', 0, { msgId: 'd0' }), 'CONFLICT')).toMatchObject({ hubVersion: 1, msgId: 'd0' })
    expect(a.ask(discard('A', 2), 'CONFLICT').hubVersion).toBe(1)
    expect(b.ask(discard('new', 0), 'LEASE_DENIED').code).toBe('NO_LEASE')
    expect(shop.order('A').record.state).toBe('open')
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    expect(a.ask(discard('A', 2), 'ERROR').code).toBe('ORDER_FINAL')
  })

  test('[D1] of an order that was never written is refused, and said', () => {
    const { a } = open()
    a.ask(acquire('new'), 'LEASE_GRANTED')
    expect(a.ask(discard('new', 0, { msgId: 'd' }), 'ERROR')).toMatchObject({ code: 'ORDER_UNKNOWN', msgId: 'd' })
  })

  test('[D1] sent again gets the same answer and does nothing; with other content, or as other work, it is refused', () => {
    const { shop, a, b } = open()
    const frame = discard('A', 1, { msgId: 'd', reason: 'mistake' })
    const answer = a.ask(frame, 'ORDER_DISCARDED')
    b.take()
    expect(a.ask(frame, 'ORDER_DISCARDED')).toEqual(answer)
    expect(b.take()).toEqual([])
    expect(a.ask({ ...frame, reason: 'other' }, 'ERROR').code).toBe('MSG_ID_REUSED')
    expect(a.ask(pay('A', {}, { msgId: 'd' }), 'ERROR').code).toBe('MSG_ID_REUSED')
    expect(shop.order('A').record).toMatchObject({ state: 'discarded', version: 1 })
  })

  test('[D1] sent again after another terminal has reopened the order, it gets the same answer and discards nothing', () => {
    const { shop, a, b } = open()
    const frame = discard('A', 1, { msgId: 'd' })
    const answer = a.ask(frame, 'ORDER_DISCARDED')
    b.take()
    b.ask(acquire('A', 1), 'LEASE_GRANTED')
    b.ask(write('A', 1), 'ORDER_ACCEPTED')
    a.take()
    const again = a.ask(frame, 'ORDER_DISCARDED')
    expect(shop.order('A').record.state).toBe('open')
    expect(again).toEqual(answer)
  })

  test('[D2] the order leaves the active set, its lease ends, and all v2 terminals hear it, the sender too', () => {
    const { shop, a, b, old } = open()
    const discarded = { type: 'ORDER_DISCARDED', posReference: 'A', sourceTerminal: a.id, seq: 2 }
    expect<unknown>(a.say(discard('A', 1))).toEqual([discarded])
    expect<unknown>(b.take()).toEqual([discarded])
    expect(old.take()).toEqual([])
    a.ask(beat('A'), 'LEASE_DENIED')
    for (const till of [old, b]) expect(till.drop().back().init.orders).toEqual([])
    expect(b.init).toMatchObject({ mode: 'delta', closed: [{ posReference: 'A', state: 'discarded' }] })
    expect(shop.group.orders.size).toBe(0)
    b.take()
    b.ask(acquire('A', 1), 'LEASE_GRANTED')
  })

  test('[D2] who waits for the order is told that it is free', () => {
    const { a, b } = open()
    b.ask(acquire('A', 1), 'LEASE_DENIED')
    a.say(discard('A', 1))
    expect(typesOf(b.take()).sort()).toEqual(['LEASE_AVAILABLE', 'ORDER_DISCARDED'])
  })

  test('[D2] a discarded order is so after a restart', () => {
    const { shop, a } = open()
    a.say(discard('A', 1, { msgId: 'd' }))
    shop.restart()
    a.back()
    expect(a.init.orders).toEqual([])
    a.take()
    a.ask(discard('A', 1, { msgId: 'd' }), 'ORDER_DISCARDED')
  })
})

describe('a refused order', () => {
  test('[D3] is discarded only by a manager, with a reason', () => {
    const { shop, a } = open()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.mark('A', { state: 'refused' })
    a.say(acquire('A', 2))
    expect(a.ask(discard('A', 2, { reason: 'guest left' }), 'ERROR')).toMatchObject({ code: 'MANAGER_REQUIRED' })
    const manager = shop.join({ role: 'manager' })
    manager.say(acquire('A', 2, { force: true }))
    manager.take()
    for (const reason of [undefined, '', '  ']) {
      expect(manager.ask(discard('A', 2, { reason }), 'ERROR')).toMatchObject({ code: 'REASON_REQUIRED' })
    }
    expect(shop.order('A').record.state).toBe('refused')
    manager.ask(discard('A', 2, { reason: 'guest left' }), 'ORDER_DISCARDED')
    expect(shop.order('A').record).toMatchObject({ state: 'discarded', finalize: null })
    expect(shop.changes.filter(({ kind }) => kind === 'audited')).toHaveLength(2)
  })

  test('[D3] an open order needs neither, and leaves no audit', () => {
    const { shop, a } = open()
    a.ask(discard('A', 1), 'ORDER_DISCARDED')
    expect(shop.changes.filter(({ kind }) => kind === 'audited')).toEqual([])
  })

  test('[D3] that was corrected is still refused: its discard needs a manager', () => {
    const { shop, a } = open()
    shop.mark('A', { state: 'refused' })
    a.ask(write('A', 1), 'ORDER_ACCEPTED')
    expect(a.ask(discard('A', 2, { reason: 'guest left' }), 'ERROR').code).toBe('MANAGER_REQUIRED')
  })
})
