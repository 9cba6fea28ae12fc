import { describe, expect, test } from 'bun:test'
import type { OdooAnswer, OdooCall } from '../../src/core/odoo.ts'
import {
  batched,
  callOf,
  DOWN,
  failed,
  failure,
  flying,
  gap,
  itemOf,
  LOST,
  looked,
  made,
  NO_SESSION,
  only,
  openAway,
  openShop,
  REFUSED,
  rowOnDisk,
  toldOf,
  until,
  WELL,
} from './odoo_shop.ts'
import type { Play } from './play.ts'
import { acquire, pay, write } from './words.ts'

/** How long it takes until a call of that kind begins, in half seconds: a probe may just be in its way. */
function waitMs(shop: Play, what: OdooCall['what'] = 'finalize'): number {
  const from = shop.now
  until(shop, what)
  return Math.floor((shop.now - from) / 500) * 500
}

/** The waits before each of so many tries that all fail in the same way. */
function waits(shop: Play, count: number, chance: number, answer: OdooAnswer): number[] {
  const all: number[] = []
  for (let time = 0; time < count; time++) {
    const [call] = shop.calls
    if (call === undefined) throw new Error('nothing is in flight')
    shop.answer(call, answer, chance)
    all.push(waitMs(shop, call.what))
  }
  return all
}

const DOUBLING = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]

describe('what failed', () => {
  test.each([
    [1, 1],
    [0, 0.5],
  ])('[E3] rests for a time that doubles from 1 s to 60 s, spread by chance %p to %p of it', (chance, part) => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const busy = failed('finalize', 'transient')
    expect(waits(shop, 8, chance, busy)).toEqual(DOUBLING.map((ms) => ms * part))
  })

  test.each([
    [1, 1],
    [0, 0.5],
  ])('[E3] and so do probes, while Odoo is away: by chance %p, %p of it', (chance, part) => {
    const { shop } = openAway()
    shop.advance(0)
    const down = failed('probe', 'transient', DOWN)
    expect(waits(shop, 8, chance, down)).toEqual(DOUBLING.map((ms) => ms * part))
    shop.answer(only(shop, 'probe'), WELL)
    shop.advance(60_000)
    // It was there in between: the first wait is the shortest again.
    expect(waits(shop, 1, chance, down)).toEqual([1_000 * part])
  })

  test('[E3] waits as long as Odoo asked, up to ten minutes', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const asked = (retryAfterMs: number) => failed('finalize', 'transient', { code: 'RATE_LIMITED', retryAfterMs })
    for (const [ms, waited] of [[30_000, 30_000] as const, [10, 2_000] as const, [9_000_000, 600_000] as const]) {
      shop.answer(only(shop, 'finalize'), asked(ms), 1)
      expect(waitMs(shop)).toBe(waited)
    }
  })

  test('[E3] where the server asked it of everybody, nobody goes before: not even a probe', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const asked = { scope: 'server', code: 'RATE_LIMITED', retryAfterMs: 45_000 } as const
    shop.answer(only(shop, 'finalize'), failed('finalize', 'transient', asked))
    expect(waitMs(shop, 'probe')).toBe(45_000)
    shop.answer(only(shop, 'probe'), failed('probe', 'transient', asked))
    expect(waitMs(shop, 'probe')).toBe(45_000)
    expect(flying(shop)).toEqual(['probe'])
  })

  test('[E3] one order that fails holds no other up', () => {
    const { shop, a } = openShop()
    for (const name of ['bad', 'good', 'late']) a.ask(pay(name), 'ORDER_FINALIZE_QUEUED')
    shop.answer(callOf(shop, 'finalize', 'bad'), failed('finalize', 'transient'))
    gap(shop)
    shop.answer(callOf(shop, 'finalize', 'good'), made(2))
    gap(shop)
    shop.answer(callOf(shop, 'finalize', 'late'), made(3))
    expect(shop.order('late').record.state).toBe('final')
  })
})

describe('a failure that may have been carried out', () => {
  test.each([
    ['lost', LOST],
    ['a gateway that gave up', failed('finalize', 'transient', { code: 'BAD_GATEWAY', mayHaveLanded: true })],
  ])('[E4] is on the disk until the order has a definite answer: %s', (_, answer) => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    const sentAt = shop.wall
    shop.pass(30_000)
    shop.answer(only(shop, 'finalize'), answer)
    expect(rowOnDisk(shop, 'A')).toMatchObject({
      sentAt: null,
      unansweredAt: sentAt,
      trouble: { code: expect.any(String) },
    })
    // What comes later and surely was not carried out does not wipe it out.
    shop.answer(until(shop, 'finalize'), failed('finalize', 'transient'))
    expect(rowOnDisk(shop, 'A')).toMatchObject({ sentAt: null, unansweredAt: sentAt })
    shop.answer(until(shop, 'finalize'), made(9, false))
    expect([rowOnDisk(shop, 'A'), shop.order('A').record.result?.orderId]).toEqual([undefined, 9])
  })

  test('[E4] what was surely not carried out is not', () => {
    const { shop, a } = openShop()
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), failed('finalize', 'transient'))
    expect(rowOnDisk(shop, 'A')).toMatchObject({ sentAt: null, unansweredAt: null })
    shop.advance(1_000)
    expect(flying(shop)).toEqual(['finalize A'])
    shop.answer(only(shop, 'finalize'), REFUSED)
    expect(shop.order('A').record.state).toBe('refused')
  })

  test('[E4] of a version that was forwarded is known to the payment that follows', () => {
    const { shop, a } = openShop()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0, { status: 'paid' }), 'ORDER_ACCEPTED')
    shop.answer(until(shop, 'batch'), failed('batch', 'ambiguous'))
    const { unansweredAt } = itemOf(shop, 'A').row
    expect(unansweredAt).not.toBeNull()
    // It is a draft again: nothing to forward, and yet not forgotten.
    a.ask(acquire('A', 1), 'LEASE_GRANTED')
    a.ask(write('A', 1, { status: 'draft' }), 'ORDER_ACCEPTED')
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    expect(rowOnDisk(shop, 'A')).toMatchObject({ kind: 'finalize', unansweredAt })
    shop.answer(until(shop, 'look'), looked('look'))
    shop.answer(until(shop, 'finalize'), REFUSED)
    expect(shop.order('A').record.state).toBe('finalizing')
  })
})

describe('no open session', () => {
  const told = {
    posReference: 'A',
    version: 1,
    retryable: true,
    code: 'NO_OPEN_SESSION',
    error: 'No open session for Bar',
  }

  test('[E5] the order stays finalizing, and all are told once', () => {
    const { shop, a, b } = openShop()
    const old = shop.join({ protocol: 1 })
    a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
    for (let time = 0; time < 5; time++) {
      shop.answer(only(shop, 'finalize'), NO_SESSION)
      waitMs(shop)
    }
    for (const till of [a, b, old]) expect(toldOf(till, 'ORDER_FINALIZE_ERROR')).toMatchObject([told])
    expect(shop.order('A').record.state).toBe('finalizing')
    shop.answer(only(shop, 'finalize'), made(3))
    expect(toldOf(b, 'ORDER_FINALIZED')).toMatchObject([{ posReference: 'A', orderId: 3 }])
  })

  test('[E5] its session is tried again by one order, with a back-off, and other sessions go on', () => {
    const { shop, a } = openShop()
    for (const name of ['A', 'B', 'C']) a.ask(pay(name), 'ORDER_FINALIZE_QUEUED')
    a.ask(pay('bar', { paid: 1 }, { configId: 8 }), 'ORDER_FINALIZE_QUEUED')
    gap(shop)
    shop.answer(callOf(shop, 'finalize', 'bar'), made(8))
    const tried: number[] = []
    for (const ms of DOUBLING) {
      const from = shop.now
      shop.answer(only(shop, 'finalize'), NO_SESSION, 1)
      shop.advance(100)
      a.ask(pay(`bar ${ms} ${from}`, { paid: 1 }, { configId: 8 }), 'ORDER_FINALIZE_QUEUED')
      shop.answer(only(shop, 'finalize'), made(9))
      waitMs(shop)
      tried.push(Math.floor((shop.now - from) / 500) * 500)
      expect(only(shop, 'finalize').items).toMatchObject([{ configId: 7 }])
    }
    expect(tried).toEqual(DOUBLING)
  })

  test('[E5] when a session opens, all of its orders go', () => {
    const { shop, a } = openShop()
    for (const name of ['A', 'B', 'C']) a.ask(pay(name), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), NO_SESSION)
    waitMs(shop)
    for (const orderId of [1, 2, 3]) {
      shop.answer(only(shop, 'finalize'), made(orderId))
      gap(shop)
    }
    expect(shop.group.orders.size).toBe(0)
  })

  test('[E5] holds what is only forwarded back too, and stops nothing else', () => {
    const { shop, a } = openShop()
    for (const name of ['A', 'B']) {
      a.ask(acquire(name), 'LEASE_GRANTED')
      a.ask(write(name, 0, { status: 'closed', configId: name === 'A' ? 7 : 8 }), 'ORDER_ACCEPTED')
    }
    shop.answer(callOf(shop, 'batch', 'A'), failed('batch', 'waiting'), 1)
    gap(shop)
    expect(flying(shop)).toEqual(['batch B'])
    const waiting = { kind: 'failed', failure: failure('waiting') } as const
    shop.answer(only(shop, 'batch'), batched({ B: waiting }), 1)
    expect(a.taken('ORDER_FINALIZE_ERROR')).toEqual([])
    expect(until(shop, 'batch', 'A').items).toHaveLength(1)
    expect(until(shop, 'batch', 'B').items).toHaveLength(1)
  })

  test('[E5] an order that was refused in between does not keep its session waiting', () => {
    const { shop, a } = openShop()
    for (const name of ['A', 'B']) a.ask(pay(name), 'ORDER_FINALIZE_QUEUED')
    shop.answer(only(shop, 'finalize'), NO_SESSION)
    waitMs(shop)
    shop.answer(only(shop, 'finalize'), REFUSED)
    gap(shop)
    expect(flying(shop)).toEqual(['finalize B'])
  })
})
