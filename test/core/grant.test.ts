import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import { type Till, typesOf } from './till.ts'
import { acquire, beat, beatLock, forceLock, HEARTBEAT, lock, pay, release, unlock, write } from './words.ts'

/** The two kinds of grants, in the words of each: what holds for one holds for the other. */
const KINDS = [
  {
    kind: 'lock',
    ttlMs: 45_000,
    ask: lock(5),
    beat: beatLock(5),
    release: unlock(5),
    granted: 'TABLE_LOCK_GRANTED',
    denied: 'TABLE_LOCK_DENIED',
    revoked: 'TABLE_LOCK_REVOKED',
    reason: 'Lock expired',
  },
  {
    kind: 'lease',
    ttlMs: 60_000,
    ask: acquire('A'),
    beat: beat('A'),
    release: release('A'),
    granted: 'LEASE_GRANTED',
    denied: 'LEASE_DENIED',
    revoked: 'LEASE_REVOKED',
    reason: 'Lease expired',
  },
] as const

function open(): { shop: Play; a: Till; b: Till } {
  const shop = new Play()
  const [a, b] = [shop.join({ name: 'A' }), shop.join({ name: 'B' })]
  a.take()
  b.take()
  return { shop, a, b }
}

for (const way of KINDS) {
  describe(`a ${way.kind}`, () => {
    test('[G1] while it runs, nobody else gets it', () => {
      const { shop, a, b } = open()
      const granted = a.ask(way.ask, way.granted)
      expect(granted).toMatchObject({ ttlMs: way.ttlMs, expiresAt: shop.wall + way.ttlMs })
      b.take()
      b.ask(way.ask, way.denied)
      a.say(way.release)
      b.take()
      b.ask(way.ask, way.granted)
    })

    test('[G2] a millisecond before its end it is held, and at its end it is free for whoever asks next', () => {
      for (const [ms, answer] of [[way.ttlMs - 1, way.denied] as const, [way.ttlMs, way.granted] as const]) {
        const { shop, a, b } = open()
        a.ask(way.ask, way.granted)
        shop.advance(way.ttlMs - 1)
        shop.pass(ms - way.ttlMs + 1)
        expect(typesOf(b.say(way.ask))).toContain(answer)
      }
    })

    test('[G2] its holder hears of the end at that very moment, and is not asked first', () => {
      const { shop, a } = open()
      a.ask(way.ask, way.granted)
      shop.advance(way.ttlMs - 1)
      expect(typesOf(a.take())).toEqual([])
      shop.advance(1)
      expect(a.taken(way.revoked)).toMatchObject([{ reason: way.reason }])
    })

    test('[G2] the holder itself comes too late at the end of its time', () => {
      const { shop, a } = open()
      a.ask(way.ask, way.granted)
      shop.advance(way.ttlMs - 1)
      shop.pass(1)
      expect(typesOf(a.say(way.beat))).toContain(way.revoked)
    })

    test('[G2] each renewal counts its whole time from then', () => {
      const { shop, a, b } = open()
      a.ask(way.ask, way.granted)
      shop.advance(20_000)
      a.tell(way.beat)
      shop.advance(way.ttlMs - 1)
      b.ask(way.ask, way.denied)
      shop.advance(1)
      b.take()
      b.ask(way.ask, way.granted)
    })

    test('[G3] asked again it keeps its fence and lives longer; granted anew it has a greater one', () => {
      const { shop, a, b } = open()
      const first = a.ask(way.ask, way.granted)
      shop.advance(30_000)
      const again = a.ask(way.ask, way.granted)
      expect(again.fence).toBe(first.fence)
      expect(again.expiresAt).toBe(shop.wall + way.ttlMs)
      a.say(way.release)
      const second = a.ask(way.ask, way.granted)
      expect(second.fence).toBeGreaterThan(first.fence)
      a.say(way.release)
      b.take()
      expect(b.ask(way.ask, way.granted).fence).toBeGreaterThan(second.fence)
    })

    test('[G4] in the grace of its holder nobody else gets it, and at its end it is free', () => {
      const { shop, a, b } = open()
      a.ask(way.ask, way.granted)
      shop.advance(1_000)
      a.drop()
      b.take()
      shop.advance(9_999)
      expect(b.ask(way.ask, way.denied)).toBeDefined()
      shop.pass(1)
      expect(typesOf(b.say(way.ask))).toContain(way.granted)
    })

    test('[G4] grace counts from the disconnect, whether its own end was nearer or further', () => {
      for (const before of [0, way.ttlMs - 1]) {
        const { shop, a, b } = open()
        a.ask(way.ask, way.granted)
        shop.advance(before)
        a.drop()
        shop.advance(9_999)
        b.take()
        b.ask(way.ask, way.denied)
        shop.advance(1)
        b.take()
        b.ask(way.ask, way.granted)
      }
    })

    test('[G5] a plain HEARTBEAT renews what the socket was granted', () => {
      const { shop, a } = open()
      a.ask(way.ask, way.granted)
      for (let beats = 0; beats < 10; beats++) {
        shop.advance(20_000)
        a.ask(HEARTBEAT, 'HEARTBEAT_OK')
      }
      a.tell(way.beat)
    })

    test('[G5] back on another socket, a plain HEARTBEAT does not renew what was not named or touched', () => {
      const { shop, a } = open()
      a.ask(way.ask, way.granted)
      a.drop().back()
      shop.advance(way.ttlMs - 1)
      a.ask(HEARTBEAT, 'HEARTBEAT_OK')
      a.take()
      shop.advance(1)
      expect(a.taken(way.revoked)).toMatchObject([{ reason: way.reason }])
    })

    test('[G5] back on another socket, a plain HEARTBEAT renews what resume.holds names', () => {
      const { shop, a } = open()
      a.ask(way.ask, way.granted)
      a.drop().back({ tableLocks: [5], leases: ['A'] })
      shop.advance(way.ttlMs - 1)
      a.ask(HEARTBEAT, 'HEARTBEAT_OK')
      a.take()
      shop.advance(way.ttlMs - 1)
      a.tell(way.beat)
    })

    test('[G5] back on another socket, what it heartbeats or asks for again is renewed by HEARTBEAT', () => {
      for (const touch of [way.beat, way.ask]) {
        const { shop, a } = open()
        a.ask(way.ask, way.granted)
        a.drop().back()
        a.say(touch)
        a.take()
        shop.advance(way.ttlMs - 1)
        a.ask(HEARTBEAT, 'HEARTBEAT_OK')
        shop.advance(way.ttlMs - 1)
        a.tell(way.beat)
      }
    })

    test('[G5] naming what it does not hold gives it nothing', () => {
      const { shop, a, b } = open()
      a.ask(way.ask, way.granted)
      b.drop().back({ tableLocks: [5], leases: ['A'] })
      b.take()
      b.ask(HEARTBEAT, 'HEARTBEAT_OK')
      b.ask(way.ask, way.denied)
      shop.advance(way.ttlMs)
      b.take()
      b.ask(way.ask, way.granted)
    })
  })
}

test('[G5] back on another socket, what it writes to is renewed by HEARTBEAT', () => {
  const { shop, a } = open()
  a.ask(acquire('A'), 'LEASE_GRANTED')
  a.drop().back()
  a.take()
  a.ask(write('A', 0), 'ORDER_ACCEPTED')
  shop.advance(59_999)
  a.ask(HEARTBEAT, 'HEARTBEAT_OK')
  shop.advance(59_999)
  a.ask(write('A', 1), 'ORDER_ACCEPTED')
})

test('[G5] a v1 terminal that is back keeps by LEASE_HEARTBEAT what a plain HEARTBEAT alone would lose', () => {
  const { shop, b } = open()
  const a = shop.join({ protocol: 1 })
  for (const order of ['A', 'B']) a.ask(acquire(order), 'LEASE_GRANTED')
  a.drop().back()
  a.take()
  a.tell(beat('A'))
  shop.advance(50_000)
  a.tell(HEARTBEAT)
  b.take()
  shop.advance(10_000)
  expect(a.taken('LEASE_REVOKED')).toMatchObject([{ posReference: 'B', reason: 'Lease expired' }])
  b.ask(acquire('A'), 'LEASE_DENIED')
})

test('[G6] all that were denied an order are told once when it is free, and nobody else', () => {
  const { shop, a, b } = open()
  const [c, idle, old] = [shop.join(), shop.join(), shop.join({ protocol: 1 })]
  a.ask(acquire('A'), 'LEASE_GRANTED')
  for (const denied of [b, b, c, old]) denied.ask(acquire('A'), 'LEASE_DENIED')
  for (const till of [a, b, c, idle, old]) till.take()
  a.tell(release('A'))
  for (const told of [b, c]) expect(told.take()).toEqual([{ type: 'LEASE_AVAILABLE', posReference: 'A' }])
  for (const untold of [a, idle, old]) expect(untold.take()).toEqual([])
  c.ask(acquire('A'), 'LEASE_GRANTED')
  c.tell(release('A'))
  expect(b.take()).toEqual([])
})

/** Everything by which a lease may end. */
const ENDS: readonly { readonly name: string; readonly end: (shop: Play, a: Till, manager: Till) => void }[] = [
  { name: 'its time is over', end: (shop) => shop.advance(60_000) },
  { name: 'the grace of its holder is over', end: (shop, a) => shop.advance(a.drop().line ?? 10_000) },
  { name: 'its holder pays', end: (_shop, a) => a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED') },
  { name: 'a v1 terminal pays', end: (shop) => shop.join({ protocol: 1 }).tell(pay('A')) },
  { name: 'its table is taken by force', end: (_shop, _a, manager) => manager.say(forceLock(5)) },
]

test.each(ENDS)('[G6] who asked or wrote in vain is told of the end of a lease when $name', ({ end }) => {
  const shop = new Play()
  const [a, manager] = [shop.join(), shop.join({ role: 'manager' })]
  const [asked, wrote] = [shop.join(), shop.join()]
  a.ask(acquire('A'), 'LEASE_GRANTED')
  asked.take()
  asked.ask(acquire('A'), 'LEASE_DENIED')
  a.say(write('A', 0, { tableId: 5 }))
  a.ask(lock(5), 'TABLE_LOCK_GRANTED')
  wrote.take()
  wrote.ask(write('A', 0), 'LEASE_DENIED')
  asked.take()
  end(shop, a, manager)
  for (const till of [asked, wrote]) expect(till.taken('LEASE_AVAILABLE')).toMatchObject([{ posReference: 'A' }])
})

test('[G6] who was denied a leased order because of its table is told too when the lease ends', () => {
  const { shop, a, b } = open()
  const c = shop.join()
  a.ask(acquire('A'), 'LEASE_GRANTED')
  a.say(write('A', 0, { tableId: 5 }))
  b.ask(lock(5), 'TABLE_LOCK_GRANTED')
  c.take()
  c.ask(acquire('A', 1), 'LEASE_DENIED')
  a.tell(release('A'))
  expect(c.taken('LEASE_AVAILABLE')).toMatchObject([{ posReference: 'A' }])
})
