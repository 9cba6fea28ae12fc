import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import type { Till } from './till.ts'
import { acquire, beat, discard, force, pay, release, write } from './words.ts'

/** `a` holds order A at version 2; `b` and the v1 terminal look on. */
function open(): { shop: Play; a: Till; b: Till; old: Till } {
  const shop = new Play()
  const [a, b] = [shop.join({ name: 'Till A' }), shop.join({ name: 'Till B' })]
  const old = shop.join({ name: 'Old', protocol: 1 })
  a.ask(acquire('A'), 'LEASE_GRANTED')
  a.ask(write('A', 0, { lines: [1] }, { msgId: 'm1' }), 'ORDER_ACCEPTED')
  a.ask(write('A', 1, { lines: [1, 2] }, { msgId: 'm2' }), 'ORDER_ACCEPTED')
  for (const till of [a, b, old]) till.take()
  return { shop, a, b, old }
}

describe('a msgId', () => {
  test('[V1] with the same content gets the same answer, nothing is stored and nobody hears of it', () => {
    const { shop, a, b } = open()
    const answer = { posReference: 'A', version: 1, msgId: 'm1', seq: 1 }
    const again = write('A', 0, { lines: [1] }, { msgId: 'm1' })
    expect(a.ask(again, 'ORDER_ACCEPTED')).toMatchObject(answer)
    expect(b.ask(again, 'ORDER_ACCEPTED')).toMatchObject(answer)
    expect([a.take(), b.take()]).toEqual([[], []])
    expect(shop.order('A').record).toMatchObject({ version: 2, seq: 2 })
  })

  test('[V1] comes before everything else: paid, no lease, stale fence, stale version', () => {
    const { shop, a } = open()
    a.tell(release('A'))
    const again = write('A', 0, { lines: [1] }, { msgId: 'm1', fence: 99 })
    a.ask(again, 'ORDER_ACCEPTED')
    a.ask(pay('A', { lines: [1, 2] }), 'ORDER_FINALIZE_QUEUED')
    for (const state of ['finalizing', 'parked', 'final'] as const) {
      shop.mark('A', { state })
      expect(a.ask(again, 'ORDER_ACCEPTED').version).toBe(1)
    }
  })

  test('[V1] with other content is refused, and so is one that another kind of message used', () => {
    const { shop, a } = open()
    for (const frame of [
      write('A', 2, { lines: [3] }, { msgId: 'm1' }),
      pay('A', { lines: [1] }, { msgId: 'm1' }),
      discard('A', 2, { msgId: 'm1' }),
    ]) {
      expect(a.ask(frame, 'ERROR')).toMatchObject({ code: 'MSG_ID_REUSED', next: 'never', msgId: 'm1' })
    }
    expect(shop.order('A').record.version).toBe(2)
  })

  test('[V1] is an order’s own: another order may have the same one', () => {
    const { a } = open()
    a.ask(acquire('B'), 'LEASE_GRANTED')
    a.ask(write('B', 0, { lines: [9] }, { msgId: 'm1' }), 'ORDER_ACCEPTED')
  })

  test('[V1] of v1 is none: what stands there is ignored', () => {
    const { shop, a, old } = open()
    a.tell(release('A'))
    old.ask(acquire('A', 2), 'LEASE_GRANTED')
    old.tell(write('A', 2, { lines: [3] }, { msgId: 'm1' }))
    expect(shop.order('A').record.version).toBe(3)
  })

  test('[V1] of a refused attempt is not remembered: the same message may succeed later', () => {
    const { a, b } = open()
    const frame = write('A', 2, { lines: [3] }, { msgId: 'once' })
    b.ask(frame, 'LEASE_DENIED')
    a.tell(release('A'))
    b.take()
    b.ask(acquire('A', 2), 'LEASE_GRANTED')
    expect(b.ask(frame, 'ORDER_ACCEPTED').version).toBe(3)
  })

  test('[V1] is known after a restart, to whoever sends it', () => {
    const { shop, a } = open()
    shop.restart()
    a.back()
    a.take()
    expect(a.ask(write('A', 0, { lines: [1] }, { msgId: 'm1' }), 'ORDER_ACCEPTED').version).toBe(1)
  })
})

describe('the lease', () => {
  test('[V3] nobody holds it: denied with no name', () => {
    const { a, b } = open()
    a.tell(release('A'))
    b.take()
    expect(b.ask(write('A', 2, {}, { msgId: 'm3' }), 'LEASE_DENIED')).toMatchObject({
      holder: '',
      holderName: '',
      code: 'NO_LEASE',
      msgId: 'm3',
    })
  })

  test('[V3] another holds it: denied with its name, for v1 as for v2', () => {
    const { shop, a, b, old } = open()
    for (const till of [b, old]) {
      const denied = till.ask(write('A', 2), 'LEASE_DENIED')
      expect(denied).toMatchObject({ holder: a.id, holderName: 'Till A', code: 'LEASE_HELD' })
    }
    expect(shop.order('A').record.version).toBe(2)
  })

  test('[V3] an order that nobody ever wrote needs a lease too', () => {
    const { b } = open()
    expect(b.ask(write('new', 0), 'LEASE_DENIED').code).toBe('NO_LEASE')
  })

  test('[V3] the fence of an earlier grant is refused, that of the present one is not', () => {
    const { shop, a } = open()
    const { fence } = a.ask(acquire('A', 2), 'LEASE_GRANTED')
    const manager = shop.join({ role: 'manager' })
    manager.say(force('A'))
    manager.tell(release('A'))
    const again = a.ask(acquire('A', 2), 'LEASE_GRANTED')
    a.take()
    const stale = a.ask(write('A', 2, { lines: [] }, { fence }), 'LEASE_DENIED')
    expect(stale.code).toBe('STALE_FENCE')
    a.ask(write('A', 2, { lines: [] }, { fence: again.fence + 1 }), 'LEASE_DENIED')
    a.ask(write('A', 2, { lines: [] }, { fence: again.fence }), 'ORDER_ACCEPTED')
    a.ask(write('A', 3, { lines: [] }), 'ORDER_ACCEPTED')
  })

  test('[V3] v1 has no fences: what stands there is ignored', () => {
    const { shop, a, old } = open()
    a.tell(release('A'))
    old.ask(acquire('A', 2), 'LEASE_GRANTED')
    old.tell(write('A', 2, { lines: [] }, { fence: 0 }))
    expect(shop.order('A').record.version).toBe(3)
  })

  test('[V3] a lease that ran out is none, at that very moment', () => {
    const { shop, a } = open()
    shop.advance(59_999)
    shop.pass(1)
    expect(a.say(write('A', 2)).at(-1)).toMatchObject({ type: 'LEASE_DENIED', code: 'NO_LEASE' })
  })

  test('[V3] comes before the version: without it nobody learns of a conflict', () => {
    const { b } = open()
    b.ask(write('A', 0), 'LEASE_DENIED')
    b.ask(write('A', 50), 'LEASE_DENIED')
  })

  test('[V3] each write keeps it, one that meets a conflict too', () => {
    const { shop, a } = open()
    for (const frame of [write('A', 2), write('A', 2)]) {
      shop.advance(50_000)
      a.say(frame)
    }
    shop.advance(50_000)
    a.tell(beat('A'))
  })
})

describe('the version', () => {
  test('[V4] a base behind the stored version is a conflict, with what is stored', () => {
    const { shop, a } = open()
    for (const base of [0, 1]) {
      const msgId = `base ${base}`
      const conflict = a.ask(write('A', base, {}, { msgId }), 'CONFLICT')
      const stored = { posReference: 'A', hubVersion: 2, hubSnapshot: { lines: [1, 2] } }
      expect<unknown>(conflict).toEqual({ type: 'CONFLICT', ...stored, msgId })
    }
    expect(shop.order('A').record.version).toBe(2)
  })

  test('[V5] from v2 a base ahead of the stored version is a conflict too', () => {
    const { a } = open()
    expect(a.ask(write('A', 3), 'CONFLICT').hubVersion).toBe(2)
    a.ask(acquire('new'), 'LEASE_GRANTED')
    expect(a.ask(write('new', 1), 'CONFLICT')).toMatchObject({ hubVersion: 0, hubSnapshot: null })
  })

  test('[V5] from v1 it is taken up to stored + 1,000', () => {
    const { shop, a, old } = open()
    a.tell(release('A'))
    old.ask(acquire('A', 2), 'LEASE_GRANTED')
    const conflict = old.ask(write('A', 1_003), 'CONFLICT')
    const stored = { posReference: 'A', hubVersion: 2, hubSnapshot: { lines: [1, 2] } }
    expect<unknown>(conflict).toEqual({ type: 'CONFLICT', ...stored })
    old.tell(write('A', 1_002))
    expect(shop.order('A').record.version).toBe(1_003)
    old.tell(write('A', 1_005))
    expect(shop.order('A').record.version).toBe(1_006)
  })

  test('[V5] what a v2 terminal brings from another epoch is taken as v1’s is', () => {
    const { shop } = open()
    const back = shop.join()
    back.drop().back({ epoch: 'before the restore', seq: 40 })
    expect(back.init.mode).toBe('full')
    back.take()
    back.ask(acquire('B'), 'LEASE_GRANTED')
    expect(back.ask(write('B', 1_001), 'CONFLICT').hubVersion).toBe(0)
    expect(back.ask(write('B', 7), 'ORDER_ACCEPTED').version).toBe(8)
  })

  test('[V6] an accepted snapshot is the next version: the sender hears it, all others see it', () => {
    const { shop, a, b, old } = open()
    const accepted = a.ask(write('A', 2, { lines: [3] }, { msgId: 'm3' }), 'ORDER_ACCEPTED')
    expect<unknown>(accepted).toEqual({ type: 'ORDER_ACCEPTED', posReference: 'A', version: 3, msgId: 'm3', seq: 3 })
    const updated = { type: 'ORDER_UPDATED', posReference: 'A', version: 3, snapshot: { lines: [3] } }
    const whole = { ...updated, sourceTerminal: a.id, seq: 3, state: 'open' }
    for (const other of [b, old]) expect<unknown>(other.take()).toEqual([whole])
    expect(a.take()).toEqual([])
    expect(shop.order('A').record).toMatchObject({ version: 3, author: a.id, at: shop.wall })
  })

  test('[V6] others see it, whether they hold or wait or neither; other groups do not', () => {
    const { shop, a, b } = open()
    const stranger = shop.join({ group: 'other' })
    stranger.take()
    b.ask(acquire('A', 2), 'LEASE_DENIED')
    a.ask(write('A', 2), 'ORDER_ACCEPTED')
    expect(b.taken('ORDER_UPDATED')).toHaveLength(1)
    expect(stranger.take()).toEqual([])
  })

  test('[V6] the story keeps author, base, time and content of each version', () => {
    const { shop, a } = open()
    shop.advance(1_000)
    a.ask(write('A', 2, { lines: [3] }), 'ORDER_ACCEPTED')
    const entry = shop.changes.flatMap((change) => (change.kind === 'order_versioned' ? [change.entry] : [])).at(-1)
    expect(entry).toMatchObject({ version: 3, baseVersion: 2, kind: 'snapshot', author: a.id, authorName: 'Till A' })
    expect(entry).toMatchObject({ at: shop.wall, snapshot: { json: '{"lines":[3]}' } })
  })

  test('[V7] a snapshot comes back as it was sent, byte for byte, to v1 and to who joins later', () => {
    const { shop, a, old } = open()
    const big = { big: 2 ** 53 - 1, кофе: [null, [], {}, '\u0000\u2028'], nested: { deep: [[[1.5e-7]]] }, '': '' }
    a.ask(write('A', 2, big), 'ORDER_ACCEPTED')
    expect(shop.order('A').snapshot.json).toBe(JSON.stringify(big))
    expect<unknown>(old.taken('ORDER_UPDATED')[0]?.snapshot).toEqual(big)
    expect<unknown>(shop.join().init.orders[0]?.snapshot).toEqual(big)
  })

  test('[V8] an accepted snapshot reopens a discarded order, one that is denied or behind does not', () => {
    const { shop, a, b } = open()
    a.say(discard('A', 2))
    b.take()
    b.ask(write('A', 2), 'LEASE_DENIED')
    b.ask(acquire('A', 2), 'LEASE_GRANTED')
    b.ask(write('A', 1), 'CONFLICT')
    expect(shop.order('A').record.state).toBe('discarded')
    expect(b.ask(write('A', 2, { lines: [3] }), 'ORDER_ACCEPTED').version).toBe(3)
    expect(a.taken('ORDER_UPDATED')).toMatchObject([{ version: 3, state: 'open' }])
    expect(shop.join().init.orders).toMatchObject([{ posReference: 'A', version: 3, state: 'open' }])
  })

  test('[V8] a refused order can be corrected, and stays refused until it is finalized anew', () => {
    const { shop, a } = open()
    shop.mark('A', { state: 'refused' })
    expect(a.ask(write('A', 2, { lines: [3] }), 'ORDER_ACCEPTED').version).toBe(3)
    expect(shop.order('A').record.state).toBe('refused')
    a.ask(pay('A', { lines: [3] }), 'ORDER_FINALIZE_QUEUED')
    expect(shop.order('A').record.state).toBe('finalizing')
  })
})
