import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import { YEAR_MS } from './stage.ts'
import { typesOf, type Who } from './till.ts'
import { acquire, force, HEARTBEAT, lock, updateTable, write } from './words.ts'

describe('signing in', () => {
  test('[S1] a v2 terminal is told all about its session, then where its group stands', () => {
    const shop = new Play()
    const a = shop.join({ role: 'waiter' })
    expect(typesOf(a.take())).toEqual(['AUTH_OK', 'SYNC_INIT'])
    expect(a.auth).toEqual({
      type: 'AUTH_OK',
      terminalId: a.id,
      role: 'waiter',
      protocol: 2,
      sessionId: a.sessionId,
      epoch: 'e1',
      hubTime: shop.wall,
      hubVersion: 'test',
      heartbeatMs: 15_000,
    })
  })

  test('[S4] a v1 terminal is told its name and role, then every order', () => {
    const shop = new Play()
    const a = shop.join({ role: 'kitchen', protocol: 1 })
    expect(typesOf(a.take())).toEqual(['AUTH_OK', 'SYNC_INIT'])
    expect(a.auth).toEqual({ type: 'AUTH_OK', terminalId: a.id, role: 'kitchen' })
    expect(a.init.mode).toBe('full')
  })

  test('[S1] a terminal on no line is not heard, whatever it says', () => {
    const shop = new Play()
    const a = shop.join().drop()
    a.take()
    a.tell(lock(5))
    expect(shop.join().init.tableLocks).toEqual([])
  })
})

describe('coming back', () => {
  test('[S1] the secret brings a live v2 session to a new socket, and the old one is closed for good', () => {
    const shop = new Play()
    const a = shop.join()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    const { id, sessionId, line: old } = a
    a.back()
    expect(a).toMatchObject({ id, sessionId, closings: [{ line: old, code: 'REPLACED' }] })
    shop.advance(44_999)
    expect(shop.join().init.tableLocks).toMatchObject([{ tableId: 5, lockedBy: id }])
  })

  const OTHERS: readonly { readonly name: string; readonly who?: Who; readonly sessionId?: string }[] = [
    { name: 'device', who: { deviceId: 'other' } },
    { name: 'person', who: { subject: 'other' } },
    { name: 'group', who: { group: 'other' } },
    { name: 'secret', sessionId: 'other' },
  ]

  test.each(OTHERS)('[S1] another $name than that of the session does not get it', ({ who, sessionId }) => {
    const shop = new Play()
    const a = shop.join({ deviceId: 'device', subject: 'person' })
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    const returning = a.returning(sessionId === undefined ? {} : { sessionId })
    const thief = shop.join({ deviceId: 'device', subject: 'person', ...who })
    thief.drop().open(returning)
    expect(thief.id).not.toBe(a.id)
    expect(thief.sessionId).not.toBe(a.sessionId)
    expect(a.closings).toEqual([])
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
  })

  for (const protocol of [1, 2] as const) {
    test('[S2] back within the grace it has all that it held, without asking and for the whole time to live', () => {
      const shop = new Play()
      const [a, b] = [shop.join({ protocol }), shop.join()]
      a.ask(lock(5), 'TABLE_LOCK_GRANTED')
      a.ask(acquire('A'), 'LEASE_GRANTED')
      const { id } = a
      a.drop()
      shop.advance(9_999)
      a.back()
      expect(a.id).toBe(id)
      expect(a.init.leases).toMatchObject([{ posReference: 'A', holder: id, expiresAt: shop.wall + 60_000 }])
      expect(a.init.tableLocks).toMatchObject([{ tableId: 5, lockedBy: id, expiresAt: shop.wall + 45_000 }])
      b.take()
      shop.advance(44_999)
      b.ask(lock(5), 'TABLE_LOCK_DENIED')
      shop.advance(1)
      b.take()
      b.ask(lock(5), 'TABLE_LOCK_GRANTED')
      shop.advance(14_999)
      b.ask(acquire('A'), 'LEASE_DENIED')
      shop.advance(1)
      b.take()
      b.ask(acquire('A'), 'LEASE_GRANTED')
    })

    test('[S2] at the end of the grace all it held is free, and all are told that the table is', () => {
      const shop = new Play()
      const [a, b] = [shop.join({ protocol }), shop.join()]
      a.ask(lock(5), 'TABLE_LOCK_GRANTED')
      a.ask(acquire('A'), 'LEASE_GRANTED')
      a.drop()
      shop.advance(9_999)
      b.take()
      shop.advance(1)
      expect(b.take()).toEqual([{ type: 'TABLE_LOCK_RELEASED', tableId: 5 }])
      a.back()
      expect(a.init).toMatchObject({ tableLocks: [], leases: [] })
      a.take()
      expect(typesOf(a.say(write('A', 0)))).toEqual(['LEASE_DENIED'])
    })
  }

  test('[S2] a v2 session that is over does not come back: its secret is worth nothing', () => {
    const shop = new Play()
    const a = shop.join()
    const { id, sessionId } = a
    a.drop()
    shop.advance(10_000)
    a.back()
    expect(a.id).not.toBe(id)
    expect(a.sessionId).not.toBe(sessionId)
  })

  test('[S8] of a v2 session that is over nothing is remembered, in memory or on the disk', () => {
    const shop = new Play()
    const [a, old, holder] = [shop.join(), shop.join({ protocol: 1 }), shop.join({ protocol: 1 })]
    holder.ask(acquire('A'), 'LEASE_GRANTED')
    a.say(acquire('A'))
    for (const till of [a, old]) till.drop()
    shop.advance(10_000)
    expect([...shop.group.grants.values()].map(({ denied }) => denied.size)).toEqual([0])
    holder.drop()
    shop.advance(10_000)
    expect([...shop.hub.terminals.keys()].map(String).sort()).toEqual([holder.id, old.id].sort())
    shop.restart()
    expect([...shop.hub.terminals.keys()].map(String).sort()).toEqual([holder.id, old.id].sort())
  })

  test('[S2] the close of a socket that was replaced ends nothing', () => {
    const shop = new Play()
    const a = shop.join()
    const { line } = a
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    a.back()
    if (line !== null) shop.do({ kind: 'line_closed', line })
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    shop.advance(10_000)
    expect(shop.join().init.tableLocks).toMatchObject([{ lockedBy: a.id }])
  })

  test('[S7] an unknown session id gives a new session, still with a delta', () => {
    const shop = new Play()
    const a = shop.join()
    a.say(updateTable(1, 'free'))
    a.back({ sessionId: 'nobody', seq: 1 })
    expect(a.init).toMatchObject({ mode: 'delta', seq: 1 })
    expect(a.sessionId).not.toBe('nobody')
  })

  test('[S7] an ended session id gives a new session, still with a delta', () => {
    const shop = new Play()
    const [a, b] = [shop.join(), shop.join()]
    a.drop()
    shop.advance(10_000)
    for (const order of ['A', 'B']) b.say(acquire(order))
    for (const order of ['A', 'B']) b.say(write(order, 0))
    a.back({ seq: 1 })
    expect(a.init).toMatchObject({ mode: 'delta', seq: 2, orders: [{ posReference: 'B' }] })
  })
})

describe('silence', () => {
  test('[S3] the hub pings at every heartbeat, and a pong keeps the session', () => {
    const shop = new Play()
    const a = shop.join()
    shop.advance(14_999)
    expect(a.pings).toBe(0)
    shop.advance(1)
    expect(a.pings).toBe(1)
    shop.advance(YEAR_MS / 365)
    expect(a.pings).toBe(1 + (24 * 3600) / 15)
    expect(a.closings).toEqual([])
  })

  test('[S3] neither frame nor pong for three heartbeats: the line is dead, and the grace begins', () => {
    const shop = new Play()
    const [a, b] = [shop.join({ isDead: true }), shop.join()]
    a.ask(acquire('A'), 'LEASE_GRANTED')
    shop.advance(44_999)
    expect(a.closings).toEqual([])
    shop.advance(1)
    expect(a.lastCode).toBe('SILENT')
    shop.advance(9_999)
    b.take()
    b.ask(acquire('A'), 'LEASE_DENIED')
    shop.advance(1)
    b.take()
    b.ask(acquire('A'), 'LEASE_GRANTED')
  })

  test('[S3] any frame keeps a session as a pong does', () => {
    const shop = new Play()
    const a = shop.join({ isDead: true })
    a.take()
    for (let at = 0; at < 4; at++) {
      shop.advance(44_999)
      a.ask(HEARTBEAT, 'HEARTBEAT_OK')
    }
    shop.advance(45_000)
    expect(a.lastCode).toBe('SILENT')
  })

  test('[S3] a second AUTH is a frame too', () => {
    const shop = new Play()
    const a = shop.join({ isDead: true })
    shop.advance(44_999)
    a.again()
    shop.advance(1)
    expect(a.closings).toEqual([])
  })
})

describe('a second AUTH on a socket', () => {
  test('[S6] renews the sign-in: same terminal, new name and role, and all it held', () => {
    const shop = new Play()
    const [a, b] = [shop.join({ name: 'Ana', role: 'waiter' }), shop.join()]
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    b.ask(acquire('A'), 'LEASE_GRANTED')
    a.ask(force('A'), 'LEASE_DENIED')
    const { id } = a
    expect(typesOf(a.again({ name: 'Ana the manager', role: 'manager' }))).toEqual(['AUTH_OK', 'SYNC_INIT'])
    expect(a.auth).toMatchObject({ terminalId: id, role: 'manager' })
    expect(a.init.tableLocks).toMatchObject([{ lockedBy: id, lockedByName: 'Ana the manager' }])
    a.ask(force('A'), 'LEASE_GRANTED')
    expect(shop.join().init.tableLocks).toMatchObject([{ lockedByName: 'Ana the manager' }])
  })

  test.each([
    { name: 'person', who: { subject: 'other' } },
    { name: 'device', who: { deviceId: 'other' } },
    { name: 'group', who: { group: 'other' } },
    { name: 'protocol', who: { protocol: 1 } },
  ] as const)('[S6] of another $name is refused, and the socket closed', ({ who }) => {
    const shop = new Play()
    const a = shop.join()
    const heard = a.again(who)
    expect(heard).toMatchObject([{ type: 'AUTH_FAIL', code: 'SIGNED_IN_ELSE' }])
    expect(a.lastCode).toBe('SIGNED_IN_ELSE')
  })

  test('[S6] names no session id but its own', () => {
    const shop = new Play()
    const a = shop.join()
    const { id } = a
    a.again({}, a.returning({ sessionId: 'nobody' }))
    expect(a.auth.sessionId).not.toBe('nobody')
    a.again({}, a.returning({ sessionId: a.sessionId }))
    a.drop().back()
    expect(a.id).toBe(id)
  })
})
