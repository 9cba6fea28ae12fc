import { describe, expect, test } from 'bun:test'
import type { Heard } from '../support/inbox.ts'
import { Play } from './play.ts'
import { YEAR_MS } from './stage.ts'
import type { Till } from './till.ts'
import { acquire, beat, beatLock, HEARTBEAT, lock, pay, updateTable } from './words.ts'

/** Everything with a deadline at once, and what each terminal hears when. */
function evening(between: (shop: Play) => void): readonly string[] {
  const shop = new Play()
  const tills = {
    a: shop.join(),
    b: shop.join({ isDead: true }),
    old: shop.join({ protocol: 1, deviceId: 'old' }),
    payer: shop.join({ protocol: 1 }),
  }
  tills.old.answersPings = false
  const start = shop.now
  const log: string[] = []
  const look = () => {
    for (const [name, till] of Object.entries(tills)) {
      for (const message of till.take()) log.push(`${shop.now - start} ${name} ${bare(message)}`)
      for (const { code } of till.closings.splice(0)) log.push(`${shop.now - start} ${name} closed ${code}`)
    }
  }
  tills.a.say(lock(5))
  tills.b.say(acquire('A'))
  tills.old.say(lock(6))
  tills.payer.say(pay('P'))
  tills.payer.say(acquire('B'))
  const second = shop.join({ protocol: 1, deviceId: 'old' })
  for (let seconds = 0; seconds < 80; seconds++) {
    between(shop)
    shop.advance(1_000)
    look()
    if (seconds === 20) tills.a.say(HEARTBEAT)
    if (seconds === 30) second.drop()
  }
  return log
}

/** Without what is told of the wall's time. */
function bare(message: Heard): string {
  return JSON.stringify(message, (key, value) => (/^(?:expiresAt|hubTime|oldestPendingMs)$/.test(key) ? 0 : value))
}

describe('the wall clock', () => {
  const undisturbed = evening(() => undefined)

  test('[G2][S3][S5][F4] an undisturbed evening is what the next tests compare with', () => {
    const words = ['Lock expired', 'Lease expired', 'SILENT', 'REPLACED', 'ODOO_AWAY', 'RELEASED']
    expect(words.filter((word) => !undisturbed.some((line) => line.includes(word)))).toEqual([])
  })

  test.each([
    { name: 'a year forward', jumps: [YEAR_MS] },
    { name: 'a year back', jumps: [-YEAR_MS] },
    { name: 'a year forward and back', jumps: [YEAR_MS, -YEAR_MS] },
    { name: 'to 1970', jumps: [-56 * YEAR_MS] },
  ])('[G2][S3][S5][F4] set $name changes no lock, lease, session, contest or patience', ({ jumps }) => {
    for (const at of [0, 5, 44, 60]) {
      let second = 0
      const disturbed = evening((shop) => {
        for (const [turn, ms] of jumps.entries()) if (second === at + turn) shop.jump(ms)
        second++
      })
      expect(disturbed).toEqual(undisturbed)
    }
  })

  test('[G3] what is told of it moves with the clock, and ttlMs does not', () => {
    const shop = new Play()
    const a = shop.join()
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    shop.jump(YEAR_MS)
    shop.advance(5_000)
    expect(shop.join().init.tableLocks[0]?.expiresAt).toBe(shop.wall + 40_000)
    a.take()
    expect(a.ask(lock(5), 'TABLE_LOCK_GRANTED')).toMatchObject({ ttlMs: 45_000, expiresAt: shop.wall + 45_000 })
  })
})

describe('a hub that did not run', () => {
  function open(): { shop: Play; a: Till; b: Till } {
    const shop = new Play()
    const [a, b] = [shop.join(), shop.join()]
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    a.ask(acquire('A'), 'LEASE_GRANTED')
    for (const till of [a, b]) till.take()
    return { shop, a, b }
  }

  test('[G2] moves all deadlines by the gap: the heartbeats that wait in the sockets come first', () => {
    const { shop, a, b } = open()
    shop.advance(44_999)
    shop.stall(YEAR_MS)
    a.tell(beatLock(5))
    a.tell(beat('A'))
    b.take()
    b.ask(lock(5), 'TABLE_LOCK_DENIED')
    expect([a.closings, b.closings]).toEqual([[], []])
  })

  test('[G2] moves them by just the gap', () => {
    const { shop, a, b } = open()
    shop.advance(10_000)
    shop.stall(100_000)
    shop.advance(34_999)
    b.ask(lock(5), 'TABLE_LOCK_DENIED')
    shop.advance(1)
    expect(a.taken('TABLE_LOCK_REVOKED')).toHaveLength(1)
    shop.advance(14_999)
    b.take()
    b.ask(acquire('A'), 'LEASE_DENIED')
    shop.advance(1)
    expect(a.taken('LEASE_REVOKED')).toHaveLength(1)
  })

  test('[G4][S2] moves the end of a grace', () => {
    const { shop, a, b } = open()
    a.drop()
    shop.advance(5_000)
    shop.stall(60_000)
    shop.advance(4_999)
    b.ask(lock(5), 'TABLE_LOCK_DENIED')
    const { id } = a
    expect(a.back().id).toBe(id)
  })

  test('[S3] moves the silence of lines', () => {
    const shop = new Play()
    const a = shop.join({ isDead: true })
    shop.advance(20_000)
    shop.stall(60_000)
    shop.advance(24_999)
    expect(a.closings).toEqual([])
    shop.advance(1)
    expect(a.lastCode).toBe('SILENT')
  })

  test('[S5] moves the two seconds of a contest', () => {
    const shop = new Play()
    const a = shop.join({ protocol: 1, deviceId: 'tablet', isDead: true })
    const newcomer = shop.join({ protocol: 1, deviceId: 'tablet' })
    shop.advance(500)
    shop.stall(10_000)
    shop.advance(1_499)
    expect(newcomer.isIn).toBe(false)
    a.pong()
    expect(newcomer.id).not.toBe(a.id)
  })

  test('[G2] a stall with nothing to move is nothing', () => {
    const shop = new Play()
    shop.stall(5_000)
    expect(shop.hub.nextDeadline).toBe(Number.POSITIVE_INFINITY)
    shop.join().say(updateTable(1, 'free'))
  })
})
