import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import { first, type Till, typesOf } from './till.ts'
import { acquire, beat, force, lock, pay, release, unlock, write } from './words.ts'

function open(): { shop: Play; a: Till; b: Till } {
  const shop = new Play()
  const [a, b] = [shop.join({ name: 'Till A' }), shop.join({ name: 'Till B' })]
  a.take()
  b.take()
  return { shop, a, b }
}

/** An order at version 2, on table 5 if it is said, that nobody holds. */
function leave(a: Till, order: string, snapshot: { readonly [field: string]: unknown } = { lines: [1, 2] }): void {
  a.ask(acquire(order), 'LEASE_GRANTED')
  a.ask(write(order, 0, { lines: [1] }), 'ORDER_ACCEPTED')
  a.ask(write(order, 1, snapshot), 'ORDER_ACCEPTED')
  a.tell(release(order))
}

describe('LEASE_ACQUIRE', () => {
  test('[L1] a free order is granted with its stored version; one that nobody knows has version 0', () => {
    const { a, b } = open()
    expect(a.ask(acquire('new'), 'LEASE_GRANTED')).toMatchObject({ posReference: 'new', version: 0, ttlMs: 60_000 })
    leave(a, 'A')
    b.take()
    expect(b.ask(acquire('A', 2), 'LEASE_GRANTED').version).toBe(2)
  })

  test('[L1] who asks from an older version gets the stored snapshot first, whatever the answer', () => {
    const { shop, a, b } = open()
    leave(a, 'A')
    for (const protocol of [1, 2] as const) {
      const till = shop.join({ protocol })
      till.take()
      const heard = till.say(acquire('A', 1))
      expect(typesOf(heard)).toEqual(['ORDER_UPDATED', 'LEASE_GRANTED'])
      expect(first(heard, 'ORDER_UPDATED')).toMatchObject({
        posReference: 'A',
        version: 2,
        snapshot: { lines: [1, 2] },
        sourceTerminal: a.id,
      })
      b.take()
      expect(typesOf(b.say(acquire('A', 1)))).toEqual(['ORDER_UPDATED', 'LEASE_DENIED'])
      till.tell(release('A'))
    }
    shop.join({ protocol: 1 }).tell(pay('A'))
    b.take()
    expect(typesOf(b.say(acquire('A', 2)))).toEqual(['ORDER_UPDATED', 'LEASE_DENIED'])
  })

  test('[L1] its holder that asks again gets the same grant, and what it missed', () => {
    const { a } = open()
    leave(a, 'A')
    const { fence } = a.ask(acquire('A', 2), 'LEASE_GRANTED')
    const heard = a.say(acquire('A', 0))
    expect(typesOf(heard)).toEqual(['ORDER_UPDATED', 'LEASE_GRANTED'])
    expect(first(heard, 'LEASE_GRANTED').fence).toBe(fence)
  })

  test('[L2] an order that another terminal holds is denied with its name', () => {
    const { a, b } = open()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    expect(b.ask(acquire('A'), 'LEASE_DENIED')).toMatchObject({
      posReference: 'A',
      holder: a.id,
      holderName: 'Till A',
      code: 'LEASE_HELD',
      reason: expect.stringContaining('Till A'),
    })
  })

  test('[L3] a paid order is never leased, in any of its states, not even by force', () => {
    for (const state of ['finalizing', 'parked', 'final'] as const) {
      const { shop, a } = open()
      a.ask(pay('A'), 'ORDER_FINALIZE_QUEUED')
      shop.mark('A', { state })
      const manager = shop.join({ role: 'manager' })
      manager.take()
      for (const frame of [acquire('A', 1), acquire('A', 1, { force: true })]) {
        const denied = manager.ask(frame, 'LEASE_DENIED')
        expect(denied).toMatchObject({ holder: '', holderName: '', reason: 'Order is paid' })
      }
    }
  })

  test('[L4] an order on a table that another terminal has locked is denied with that terminal as holder', () => {
    const { a, b } = open()
    leave(a, 'A', { tableId: 5 })
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    b.take()
    const denied = b.ask(acquire('A', 2), 'LEASE_DENIED')
    expect(denied).toMatchObject({ holder: a.id, holderName: 'Till A', code: 'TABLE_LOCKED' })
    a.ask(acquire('A', 2), 'LEASE_GRANTED')
    a.tell(release('A'))
    a.say(unlock(5))
    b.take()
    b.ask(acquire('A', 2), 'LEASE_GRANTED')
  })

  test('[L4] a kitchen gets it all the same; an order without a table, or on another one, goes by its lease alone', () => {
    const { shop, a, b } = open()
    const kitchen = shop.join({ role: 'kitchen' })
    leave(a, 'A', { tableId: 5 })
    leave(a, 'B', { lines: [] })
    leave(a, 'C', { tableId: 6 })
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    for (const till of [b, kitchen]) till.take()
    kitchen.ask(acquire('A', 2), 'LEASE_GRANTED')
    for (const order of ['B', 'C']) b.ask(acquire(order, 2), 'LEASE_GRANTED')
  })

  test('[L4] a lease already granted stays good when another terminal locks the table', () => {
    const { a, b } = open()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0, { tableId: 5 }), 'ORDER_ACCEPTED')
    b.ask(lock(5), 'TABLE_LOCK_GRANTED')
    a.take()
    a.ask(write('A', 1, { tableId: 5 }), 'ORDER_ACCEPTED')
    a.ask(acquire('A', 2), 'LEASE_GRANTED')
    a.tell(beat('A'))
  })

  test('[L4] the table of the stored snapshot counts, not one that it had before', () => {
    const { a, b } = open()
    leave(a, 'A', { tableId: 6 })
    a.ask(acquire('A', 2), 'LEASE_GRANTED')
    a.ask(write('A', 2, { tableId: 7 }), 'ORDER_ACCEPTED')
    a.tell(release('A'))
    a.ask(lock(6), 'TABLE_LOCK_GRANTED')
    b.take()
    b.ask(acquire('A', 3), 'LEASE_GRANTED')
  })
})

describe('by force', () => {
  test('[L5] a manager takes an order: its holder hears it, and its next write is refused', () => {
    const { shop, a, b } = open()
    const manager = shop.join({ name: 'Maria', role: 'manager' })
    const { fence } = a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0, { lines: [1] }), 'ORDER_ACCEPTED')
    for (const till of [b, manager]) till.take()
    const heard = manager.say(force('A', 'guest waits'))
    expect(typesOf(heard)).toEqual(['ORDER_UPDATED', 'LEASE_GRANTED'])
    expect(first(heard, 'LEASE_GRANTED').fence).toBeGreaterThan(fence)
    const [revoked] = a.taken('LEASE_REVOKED')
    expect(revoked).toMatchObject({ posReference: 'A', reason: expect.stringContaining('Maria') })
    expect(revoked?.snapshot).toEqual({ lines: [1] })
    expect(a.ask(write('A', 1, { lines: [2] }), 'LEASE_DENIED').holder).toBe(manager.id)
    expect(shop.order('A').record.version).toBe(1)
  })

  test('[L5] nobody but a manager does; what is free or its own a manager gets as anyone does, and no audit says so', () => {
    const { shop, a } = open()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    for (const role of ['cashier', 'waiter', 'kitchen'] as const) {
      const till = shop.join({ role })
      till.take()
      expect(till.ask(force('A'), 'LEASE_DENIED')).toMatchObject({ holder: a.id, reason: 'Manager role required' })
    }
    a.tell(beat('A'))
    const manager = shop.join({ role: 'manager' })
    manager.take()
    const { fence } = manager.ask(force('B'), 'LEASE_GRANTED')
    expect(manager.ask(force('B'), 'LEASE_GRANTED').fence).toBe(fence)
    expect(shop.changes.filter(({ kind }) => kind === 'audited')).toEqual([])
  })

  test('[L5] those who wait for the order go on waiting, and are told when the manager lets go', () => {
    const { shop, a, b } = open()
    const manager = shop.join({ role: 'manager' })
    a.ask(acquire('A'), 'LEASE_GRANTED')
    b.take()
    b.ask(acquire('A'), 'LEASE_DENIED')
    manager.take()
    manager.ask(force('A'), 'LEASE_GRANTED')
    expect(b.taken('LEASE_AVAILABLE')).toEqual([])
    manager.tell(release('A'))
    expect(b.taken('LEASE_AVAILABLE')).toHaveLength(1)
    expect(manager.take()).toEqual([])
  })
})

describe('LEASE_RELEASE', () => {
  test('[L6] the holder lets go and hears nothing; from anyone else it does nothing and nobody is told', () => {
    const { a, b } = open()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    b.tell(release('A'))
    a.tell(beat('A'))
    a.tell(release('A'))
    b.take()
    b.ask(acquire('A'), 'LEASE_GRANTED')
    a.tell(release('nothing'))
  })

  test('[L6] its snapshot is saved first, with the current version, and told like any other', () => {
    const { a, b } = open()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0, { lines: [1] }), 'ORDER_ACCEPTED')
    b.take()
    const accepted = a.ask(release('A', { finalSnapshot: { lines: [2] }, msgId: 'bye' }), 'ORDER_ACCEPTED')
    expect(accepted).toMatchObject({ version: 2, msgId: 'bye' })
    expect(b.taken('ORDER_UPDATED')).toMatchObject([{ version: 2, snapshot: { lines: [2] }, sourceTerminal: a.id }])
    expect(b.ask(acquire('A', 2), 'LEASE_GRANTED').version).toBe(2)
  })

  test('[L6] from v1 the snapshot is saved in silence', () => {
    const { shop, b } = open()
    const a = shop.join({ protocol: 1 })
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.tell(release('A', { finalSnapshot: { lines: [2] } }))
    b.take()
    expect(b.ask(acquire('A', 1), 'LEASE_GRANTED').version).toBe(1)
  })

  test('[L6] what was not taken keeps its lease: the sender may come again', () => {
    const { a, b } = open()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0, { lines: [1] }, { msgId: 'm' }), 'ORDER_ACCEPTED')
    expect(a.ask(release('A', { finalSnapshot: { lines: [2] }, msgId: 'm' }), 'ERROR').code).toBe('MSG_ID_REUSED')
    a.tell(beat('A'))
    b.take()
    a.ask(release('A', { finalSnapshot: { lines: [2] }, msgId: 'n' }), 'ORDER_ACCEPTED')
    a.ask(beat('A'), 'LEASE_DENIED')
  })

  test('[L6] sent again by its msgId it gets the same answer, and stores nothing', () => {
    const { shop, a } = open()
    const frame = release('A', { finalSnapshot: { lines: [2] }, msgId: 'bye' })
    a.ask(acquire('A'), 'LEASE_GRANTED')
    const answer = a.ask(frame, 'ORDER_ACCEPTED')
    expect(a.ask(frame, 'ORDER_ACCEPTED')).toEqual(answer)
    expect(shop.order('A').record.version).toBe(1)
  })

  test('[L6] a snapshot from one that does not hold the order is denied and not saved', () => {
    const { shop, a, b } = open()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(write('A', 0, { lines: [1] }), 'ORDER_ACCEPTED')
    b.take()
    expect(b.ask(release('A', { finalSnapshot: { lines: [] } }), 'LEASE_DENIED').holder).toBe(a.id)
    expect(shop.order('A').record.version).toBe(1)
    a.tell(release('A'))
    b.take()
    const denied = b.ask(release('A', { finalSnapshot: { lines: [] } }), 'LEASE_DENIED')
    expect(denied).toMatchObject({ holder: '', holderName: '', code: 'NO_LEASE' })
  })
})

describe('LEASE_HEARTBEAT', () => {
  test('[L7] the holder alone renews, in silence; anyone else is told who holds it', () => {
    const { shop, a, b } = open()
    a.ask(acquire('A'), 'LEASE_GRANTED')
    shop.advance(59_999)
    expect(b.ask(beat('A'), 'LEASE_DENIED')).toMatchObject({ holder: a.id, holderName: 'Till A' })
    a.tell(beat('A'))
    shop.advance(59_999)
    a.tell(beat('A'))
    shop.advance(60_000)
    a.take()
    expect(a.ask(beat('A'), 'LEASE_DENIED')).toMatchObject({ holder: '', holderName: '', code: 'NO_LEASE' })
    expect(b.ask(beat('nothing'), 'LEASE_DENIED')).toMatchObject({ holder: '', code: 'NO_LEASE' })
  })
})
