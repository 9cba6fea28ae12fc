import { describe, expect, test } from 'bun:test'
import {
  FLOOR_CHARS_MAX,
  FLOORS_MAX,
  GRANTS_PER_TERMINAL_MAX,
  TABLES_MAX,
  TERMINALS_ENDED_MAX,
  TICKET_DAYS_MAX,
  TICKET_MESSAGES_MAX,
} from '../../src/core/limits.ts'
import { remembered } from '../../src/core/stored.ts'
import { Play } from './play.ts'
import { DAY_MS, dayOf, WALL } from './stage.ts'
import { typesOf } from './till.ts'
import {
  acquire,
  beatLock,
  forceLock,
  HEARTBEAT,
  lock,
  release,
  ticket,
  unlock,
  updateFloor,
  updateTable,
} from './words.ts'

const FULL = { type: 'ERROR', code: 'HUB_FULL', next: 'later' }

describe('tables and floors', () => {
  test('[U2] one more table than the bound is refused, and said; those there change on', () => {
    const shop = new Play({ isQuick: true })
    const [a, old] = [shop.join(), shop.join({ protocol: 1 })]
    for (let table = 0; table < TABLES_MAX; table++) a.say(updateTable(table, 'free'))
    expect(a.ask(updateTable(TABLES_MAX, 'free'), 'ERROR')).toMatchObject(FULL)
    a.tell(updateTable(0, 'occupied'))
    old.take()
    old.tell(updateTable(TABLES_MAX, 'free'))
    expect(old.lastCode).toBe('BUSY')
    expect(shop.group.tables.size).toBe(TABLES_MAX)
  })

  test('[U2] one more floor than the bound is refused, and said; those there change on', () => {
    const shop = new Play()
    const a = shop.join()
    for (let floor = 0; floor < FLOORS_MAX; floor++) a.say(updateFloor(floor, []))
    expect(a.ask(updateFloor(FLOORS_MAX, []), 'ERROR')).toMatchObject(FULL)
    a.tell(updateFloor(0, [{ id: 1 }]))
    expect(shop.group.floors.size).toBe(FLOORS_MAX)
  })

  test('[U2] more text in all floors than the bound is refused, and said; a floor may be drawn anew', () => {
    const shop = new Play({ isQuick: true })
    const a = shop.join()
    const tables = (chars: number) => [{ text: 'x'.repeat(chars - JSON.stringify([{ text: '' }]).length) }]
    const count = 16
    for (let floor = 0; floor < count; floor++) a.tell(updateFloor(floor, tables(FLOOR_CHARS_MAX / count)))
    expect(a.ask(updateFloor(count, []), 'ERROR')).toMatchObject(FULL)
    expect(a.ask(updateFloor(0, tables(FLOOR_CHARS_MAX / count + 1)), 'ERROR')).toMatchObject(FULL)
    a.tell(updateFloor(0, tables(FLOOR_CHARS_MAX / count)))
    a.tell(updateFloor(0, tables(FLOOR_CHARS_MAX / count - 2)))
    a.tell(updateFloor(count, []))
  })
})

describe('grants', () => {
  /** A terminal that holds as much as it may, locks and leases together. */
  function loaded() {
    const shop = new Play({ isQuick: true })
    const [a, b] = [shop.join({ role: 'manager' }), shop.join()]
    b.say(lock(9_999))
    for (let at = 0; at < GRANTS_PER_TERMINAL_MAX / 2; at++) {
      a.say(lock(at))
      a.say(acquire(`order ${at}`))
    }
    for (const till of [a, b]) till.take()
    return { shop, a, b }
  }

  test('[G7] one more than the bound is denied, for a lock as for a lease; what it holds it may renew', () => {
    const { a, b } = loaded()
    expect(a.ask(lock(1_000), 'TABLE_LOCK_DENIED')).toMatchObject({ lockedBy: '', lockedByName: '' })
    expect(a.ask(acquire('more'), 'LEASE_DENIED')).toMatchObject({ holder: '', code: 'HUB_FULL' })
    a.ask(lock(1), 'TABLE_LOCK_GRANTED')
    a.ask(acquire('order 1'), 'LEASE_GRANTED')
    b.ask(acquire('more'), 'LEASE_GRANTED')
    expect(a.ask(acquire('more', 0, { force: true }), 'LEASE_DENIED').code).toBe('HUB_FULL')
    a.tell(release('order 1'))
    a.ask(lock(1_000), 'TABLE_LOCK_GRANTED')
  })

  test('[G7] a table that cannot be taken by force for that stays with its holder', () => {
    const { shop, a, b } = loaded()
    a.ask(forceLock(9_999), 'TABLE_LOCK_DENIED')
    expect(b.take()).toEqual([])
    b.tell(beatLock(9_999))
    expect(shop.changes.filter(({ kind }) => kind === 'audited')).toEqual([])
    a.say(unlock(1))
    expect(typesOf(a.say(forceLock(9_999)))).toContain('TABLE_LOCK_GRANTED')
  })
})

describe('terminals and tickets', () => {
  test('[S8] of ended v1 terminals the last active ones are remembered, up to the bound', () => {
    const shop = new Play({ isQuick: true, store: null })
    const tills = Array.from({ length: TERMINALS_ENDED_MAX + 5 }, (_, at) => {
      const till = shop.join({ protocol: 1, deviceId: `device ${at}` })
      shop.advance(1)
      return till.drop()
    })
    shop.advance(20_000)
    shop.join()
    shop.advance(60_000)
    const known = tills.map((till) => till.id)
    expect([...shop.hub.terminals.values()].filter(({ phase }) => phase === 'ended')).toHaveLength(TERMINALS_ENDED_MAX)
    const same = tills.map((till, at) => till.back().id === known[at])
    expect(same.indexOf(true)).toBe(5)
    expect(same.lastIndexOf(false)).toBe(4)
  })

  test('[S8] the last active is not the last signed in: who was there all day is remembered', () => {
    const shop = new Play({ isQuick: true, store: null })
    const early = shop.join({ protocol: 1 })
    const { id } = early
    for (let at = 0; at < TERMINALS_ENDED_MAX; at++) shop.join({ protocol: 1 }).drop()
    shop.advance(3_600_000)
    early.tell(HEARTBEAT)
    early.drop()
    shop.advance(10_000)
    shop.join()
    shop.advance(60_000)
    expect(early.back().id).toBe(id)
  })

  test('[N4] the last 256 msgIds of tickets are known, the one before is new again, and the disk takes it', () => {
    const shop = new Play()
    const a = shop.join()
    for (let at = 0; at <= TICKET_MESSAGES_MAX; at++) a.say(ticket('takeout', { msgId: `t${at}` }))
    expect(a.ask(ticket('takeout', { msgId: 't1' }), 'TICKET_NUMBER_ASSIGNED').ticketNumber).toBe(2)
    expect(a.ask(ticket('takeout', { msgId: 't0' }), 'TICKET_NUMBER_ASSIGNED').ticketNumber).toBe(258)
    const before = remembered(shop.hub)
    shop.restart()
    expect(remembered(shop.hub)).toEqual(before)
  })

  test('[N1] days beyond the bound are forgotten, oldest first, in memory as on the disk', () => {
    const shop = new Play({ isQuick: true })
    const a = shop.join()
    for (let day = 0; day <= TICKET_DAYS_MAX; day++) {
      for (const type of ['takeout', 'delivery'] as const) a.say(ticket(type))
      shop.jump(DAY_MS)
    }
    expect(shop.group.tickets.size).toBe(2 * TICKET_DAYS_MAX)
    const before = remembered(shop.hub)
    shop.restart()
    expect(remembered(shop.hub)).toEqual(before)
  })

  test('[N1] the oldest day is found by its date, however the days came', () => {
    const shop = new Play({ isQuick: true })
    const a = shop.join()
    const days = Array.from({ length: TICKET_DAYS_MAX + 1 }, (_, at) => dayOf(WALL + at * DAY_MS))
    for (const day of [...days.slice(1).reverse(), ...days.slice(0, 1)]) {
      shop.calendar = () => day
      shop.advance(1)
      for (const type of ['takeout', 'delivery'] as const) a.say(ticket(type))
    }
    expect(shop.group.tickets.size).toBe(2 * TICKET_DAYS_MAX)
    const before = remembered(shop.hub)
    shop.restart()
    expect(remembered(shop.hub)).toEqual(before)
    expect([...shop.group.tickets.keys()].some((key) => key.startsWith(days.at(-1) ?? ''))).toBe(true)
  })
})
