import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import { DAY_MS, GROUP, YEAR_MS } from './stage.ts'
import type { Till } from './till.ts'
import { ticket } from './words.ts'

function takeout(till: Till): number {
  return till.ask(ticket('takeout'), 'TICKET_NUMBER_ASSIGNED').ticketNumber
}

function open(): { shop: Play; a: Till; old: Till } {
  const shop = new Play()
  const [a, old] = [shop.join(), shop.join({ protocol: 1 })]
  for (const till of [a, old]) till.take()
  return { shop, a, old }
}

describe('ticket numbers', () => {
  test('[N1] count from 1, each type for itself, the same row for all terminals', () => {
    const { a, old } = open()
    expect([takeout(a), takeout(old), takeout(a)]).toEqual([1, 2, 3])
    const assigned = old.ask(ticket('delivery'), 'TICKET_NUMBER_ASSIGNED')
    expect(assigned).toEqual({ type: 'TICKET_NUMBER_ASSIGNED', orderType: 'delivery', ticketNumber: 1 })
    expect(takeout(old)).toBe(4)
  })

  test('[N1] begin again with the business day', () => {
    const { shop, a } = open()
    expect([takeout(a), takeout(a)]).toEqual([1, 2])
    shop.advance(DAY_MS / 4 - 1)
    expect(takeout(a)).toBe(3)
    shop.advance(1)
    expect(takeout(a)).toBe(1)
  })

  test('[N1] each group has its own', () => {
    const { shop, a } = open()
    const other = shop.join({ group: 'other' })
    other.take()
    expect([takeout(a), takeout(other), takeout(a), takeout(other)]).toEqual([1, 1, 2, 2])
  })

  test('[N1] no number comes twice in a day, across restarts', () => {
    const { shop, a } = open()
    const given: number[] = []
    for (let turn = 0; turn < 5; turn++) {
      given.push(takeout(a), takeout(a))
      shop.restart()
      a.back()
      a.take()
    }
    expect(given).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('[N1] are nobody else’s business, and no change that is broadcast', () => {
    const { shop, a, old } = open()
    takeout(a)
    expect(old.take()).toEqual([])
    expect(shop.group.seq).toBe(0)
  })

  test('[N2] a day that comes back goes on counting', () => {
    const { shop, a } = open()
    expect(takeout(a)).toBe(1)
    // The calendar changes its mind, as when a manager sets another hour for the day to begin.
    shop.calendar = () => '2026-11-23'
    shop.advance(1)
    expect(takeout(a)).toBe(1)
    shop.calendar = () => '2026-11-22'
    shop.advance(1)
    expect(takeout(a)).toBe(2)
    shop.restart()
    a.back()
    a.take()
    expect(takeout(a)).toBe(3)
  })

  test('[N3] while the clock is behind the newest stored time the last business day counts', () => {
    for (const back of [1, DAY_MS, YEAR_MS, 50 * YEAR_MS]) {
      const { shop, a } = open()
      expect([takeout(a), takeout(a)]).toEqual([1, 2])
      shop.jump(-back)
      expect(takeout(a)).toBe(3)
      shop.jump(back)
      expect(takeout(a)).toBe(4)
    }
  })

  test('[N3] a hub that starts with a wrong clock goes on with the last business day', () => {
    const { shop, a } = open()
    expect(takeout(a)).toBe(1)
    shop.wall = 0
    shop.restart()
    a.back()
    a.take()
    expect(takeout(a)).toBe(2)
    expect(shop.store?.recover()).toMatchObject({
      stored: { groups: [{ tickets: [{ day: '2026-11-22', number: 2 }] }] },
    })
  })

  test('[N3] the newest time is that of anything stored, not only of a ticket', () => {
    const { shop, a } = open()
    expect(takeout(a)).toBe(1)
    shop.advance(DAY_MS)
    a.say({ type: 'TABLE_UPDATE', tableId: 1, status: 'free' })
    shop.jump(-DAY_MS)
    expect(takeout(a)).toBe(1)
    expect(shop.group.tickets).toEqual(
      new Map([
        ['2026-11-22/takeout', 1],
        ['2026-11-23/takeout', 1],
      ]),
    )
  })

  test('[N4] a resend gets the number it was given, on another day and after a restart too', () => {
    const { shop, a } = open()
    const frame = ticket('takeout', { msgId: 't' })
    expect(a.ask(frame, 'TICKET_NUMBER_ASSIGNED')).toMatchObject({ ticketNumber: 1, msgId: 't' })
    expect(takeout(a)).toBe(2)
    expect(a.ask(frame, 'TICKET_NUMBER_ASSIGNED')).toMatchObject({ ticketNumber: 1, msgId: 't' })
    shop.advance(DAY_MS)
    shop.restart()
    a.back()
    a.take()
    expect(a.ask(frame, 'TICKET_NUMBER_ASSIGNED')).toMatchObject({ ticketNumber: 1, msgId: 't' })
    expect(takeout(a)).toBe(1)
  })

  test('[N4] a msgId that asked for another type is refused', () => {
    const { a } = open()
    a.ask(ticket('takeout', { msgId: 't' }), 'TICKET_NUMBER_ASSIGNED')
    expect(a.ask(ticket('delivery', { msgId: 't' }), 'ERROR')).toMatchObject({ code: 'MSG_ID_REUSED', msgId: 't' })
  })

  test('[N4] a msgId is its device’s own: another one that uses it gets a number of its own', () => {
    const { shop, a } = open()
    const b = shop.join()
    b.take()
    const frame = ticket('takeout', { msgId: 't' })
    expect([a, b, a, b].map((till) => till.ask(frame, 'TICKET_NUMBER_ASSIGNED').ticketNumber)).toEqual([1, 2, 1, 2])
    b.drop().back()
    b.take()
    expect(b.ask(frame, 'TICKET_NUMBER_ASSIGNED').ticketNumber).toBe(2)
  })

  test('[N4] v1 has no msgId: each request is a new ticket', () => {
    const { old } = open()
    const numbers = [1, 2].map(() => old.ask(ticket('takeout', { msgId: 't' }), 'TICKET_NUMBER_ASSIGNED').ticketNumber)
    expect(numbers).toEqual([1, 2])
  })
})

test('[N1] the store holds the last number of each day and type', () => {
  const { shop, a } = open()
  for (const type of ['takeout', 'takeout', 'delivery'] as const) a.say(ticket(type))
  const read = shop.store?.recover()
  const stored = read?.ok === true ? read.stored.groups.find(({ id }) => id === GROUP) : undefined
  expect(stored?.tickets.map(({ orderType, number }) => `${orderType} ${number}`).sort()).toEqual([
    'delivery 1',
    'takeout 2',
  ])
})
