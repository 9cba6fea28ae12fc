import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import { type Till, typesOf } from './till.ts'
import { acquire, beatLock, forceLock, HEARTBEAT, lock, unlock, write } from './words.ts'

function open(): { shop: Play; a: Till; b: Till; manager: Till } {
  const shop = new Play()
  const [a, b] = [shop.join({ name: 'Till A' }), shop.join({ name: 'Till B', protocol: 1 })]
  const manager = shop.join({ name: 'Maria', role: 'manager' })
  for (const till of [a, b, manager]) till.take()
  return { shop, a, b, manager }
}

describe('TABLE_LOCK_ACQUIRE', () => {
  test('[T1] a free table is granted, and the others hear the new list of locks', () => {
    const { shop, a, b, manager } = open()
    const granted = a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    expect(granted).toMatchObject({ tableId: 5, ttlMs: 45_000, expiresAt: shop.wall + 45_000 })
    const entry = { tableId: 5, lockedBy: a.id, lockedByName: 'Till A', expiresAt: granted.expiresAt }
    for (const other of [b, manager]) expect(other.take()).toEqual([{ type: 'TABLE_LOCKS_STATE', locks: [entry] }])
    shop.advance(1_000)
    b.ask(lock(6), 'TABLE_LOCK_GRANTED')
    const [state] = a.taken('TABLE_LOCKS_STATE')
    expect(state?.locks).toMatchObject([entry, { tableId: 6, lockedBy: b.id, expiresAt: shop.wall + 45_000 }])
  })

  test('[T1] the list names only locks: no leases, and none that is over', () => {
    const { shop, a, b } = open()
    a.ask(acquire('5'), 'LEASE_GRANTED')
    a.ask(lock(4), 'TABLE_LOCK_GRANTED')
    shop.advance(45_000)
    b.take()
    a.say(lock(5))
    expect(b.taken('TABLE_LOCKS_STATE').at(-1)?.locks).toMatchObject([{ tableId: 5 }])
  })

  test('[T1] two tables of one terminal are two locks', () => {
    const { a } = open()
    const fences = [lock(0), lock(1), lock(2 ** 53 - 1)].map((frame) => a.ask(frame, 'TABLE_LOCK_GRANTED').fence)
    expect(new Set(fences).size).toBe(3)
  })

  test('[T2] a table that another terminal holds is denied, with its holder, and nobody else hears of it', () => {
    const { a, b, manager } = open()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    for (const till of [b, manager]) till.take()
    const denied = b.ask(lock(5), 'TABLE_LOCK_DENIED')
    expect(denied).toMatchObject({ tableId: 5, lockedBy: a.id, lockedByName: 'Till A' })
    expect(denied.reason).toContain('Till A')
    expect([a.take(), manager.take()]).toEqual([[], []])
  })
})

describe('TABLE_LOCK_RELEASE', () => {
  test('[T3] the holder releases, and all hear it, the sender too', () => {
    const { a, b, manager } = open()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    for (const till of [b, manager]) till.take()
    const released = [{ type: 'TABLE_LOCK_RELEASED', tableId: 5 }]
    expect<unknown>(a.say(unlock(5))).toEqual(released)
    for (const other of [b, manager]) expect<unknown>(other.take()).toEqual(released)
    b.ask(lock(5), 'TABLE_LOCK_GRANTED')
  })

  test('[T3] from anyone else, or of a free table, nothing happens and nobody is told', () => {
    const { a, b, manager } = open()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    for (const till of [b, manager]) till.take()
    for (const other of [b, manager]) for (const table of [5, 6]) other.tell(unlock(table))
    for (const till of [a, b, manager]) expect(till.take()).toEqual([])
    a.tell(beatLock(5))
  })

  test('[T3] all hear of the end of a lock that nobody renewed, and the holder why', () => {
    const { shop, a, b } = open()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    b.take()
    shop.advance(45_000)
    expect(b.take()).toEqual([{ type: 'TABLE_LOCK_RELEASED', tableId: 5 }])
    expect(typesOf(a.take()).sort()).toEqual(['TABLE_LOCK_RELEASED', 'TABLE_LOCK_REVOKED'])
  })
})

describe('TABLE_LOCK_FORCE_ACQUIRE', () => {
  test('[T4] a manager takes the lock: the loser hears who, everyone hears the new list', () => {
    const { a, b, manager } = open()
    const { fence } = a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    for (const till of [b, manager]) till.take()
    const heard = manager.say(forceLock(5, 'guest left'))
    expect(typesOf(heard)).toEqual(['TABLE_LOCK_GRANTED', 'TABLE_LOCKS_STATE'])
    expect(heard[0]).toMatchObject({ tableId: 5, ttlMs: 45_000 })
    expect(heard[0]).toHaveProperty('fence', fence + 1)
    const lost = a.take()
    expect(typesOf(lost)).toEqual(['TABLE_LOCK_REVOKED', 'TABLE_LOCKS_STATE'])
    expect(lost[0]).toMatchObject({ tableId: 5, reason: expect.stringContaining('Maria') })
    expect(b.take()).toMatchObject([{ type: 'TABLE_LOCKS_STATE', locks: [{ tableId: 5, lockedBy: manager.id }] }])
    expect(a.ask(lock(5), 'TABLE_LOCK_DENIED').lockedBy).toBe(manager.id)
  })

  test("[T4] the loser's leases on orders of that table are revoked too, and no others", () => {
    const { a, b, manager } = open()
    for (const till of [a, b]) till.say(lock(till === a ? 5 : 6))
    for (const [order, tableId] of [['A', 5] as const, ['B', 5] as const, ['C', 6] as const]) {
      a.say(acquire(order))
      a.say(write(order, 0, { tableId }))
    }
    b.say(acquire('D'))
    b.say(write('D', 0, { tableId: 5 }))
    a.take()
    manager.say(forceLock(5))
    expect(a.taken('LEASE_REVOKED')).toMatchObject([
      { posReference: 'A', reason: expect.stringContaining('Maria') },
      { posReference: 'B', reason: expect.stringContaining('Maria') },
    ])
    a.ask(write('A', 1, { tableId: 5 }), 'LEASE_DENIED')
    a.ask(write('C', 1, { tableId: 6 }), 'ORDER_ACCEPTED')
    b.take()
    b.tell(write('D', 1, { tableId: 5 }))
    manager.take()
    manager.ask(acquire('A', 1), 'LEASE_GRANTED')
  })

  test('[T4] works against a holder that is in its grace; back again it hears that it lost', () => {
    const { a, manager } = open()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    a.drop()
    manager.take()
    expect(typesOf(manager.say(forceLock(5)))).toContain('TABLE_LOCK_GRANTED')
    a.back()
    expect(a.init.tableLocks).toMatchObject([{ tableId: 5, lockedBy: manager.id }])
    a.take()
    a.ask(beatLock(5), 'TABLE_LOCK_REVOKED')
  })

  test('[T4] a free table, or its own, a manager gets as anyone does, and no audit says so', () => {
    const { shop, b, manager } = open()
    const { fence } = manager.ask(forceLock(5), 'TABLE_LOCK_GRANTED')
    expect(typesOf(b.take())).toEqual(['TABLE_LOCKS_STATE'])
    shop.advance(40_000)
    expect(manager.ask(forceLock(5), 'TABLE_LOCK_GRANTED')).toMatchObject({ fence, expiresAt: shop.wall + 45_000 })
    expect(b.take()).toEqual([])
    expect(shop.changes.filter(({ kind }) => kind === 'audited')).toEqual([])
  })

  test.each(['cashier', 'waiter', 'kitchen'] as const)(
    '[T5] a %s that tries it is denied, and nothing changes',
    (role) => {
      const { shop, a, b } = open()
      a.ask(lock(5), 'TABLE_LOCK_GRANTED')
      for (const protocol of [1, 2] as const) {
        const till = shop.join({ role, protocol })
        till.take()
        const denied = till.ask(forceLock(5), 'TABLE_LOCK_DENIED')
        expect(denied).toMatchObject({ lockedBy: a.id, lockedByName: 'Till A', reason: 'Manager role required' })
        expect(till.ask(forceLock(6), 'TABLE_LOCK_DENIED')).toMatchObject({ lockedBy: '', lockedByName: '' })
      }
      a.tell(beatLock(5))
      b.take()
      b.ask(lock(6), 'TABLE_LOCK_GRANTED')
    },
  )
})

describe('TABLE_LOCK_HEARTBEAT', () => {
  test('[T6] the holder alone renews, in silence; anyone else is told that the lock is gone', () => {
    const { shop, a, b } = open()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    shop.advance(44_999)
    b.take()
    const revoked = b.ask(beatLock(5), 'TABLE_LOCK_REVOKED')
    expect(revoked).toMatchObject({ tableId: 5, reason: expect.any(String) })
    a.tell(beatLock(5))
    b.tell(HEARTBEAT)
    shop.advance(44_999)
    a.tell(beatLock(5))
    shop.advance(45_000)
    a.take()
    expect(a.ask(beatLock(5), 'TABLE_LOCK_REVOKED').reason).toBe('Lock expired')
  })
})
