import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import { YEAR_MS } from './stage.ts'
import type { Till } from './till.ts'
import { HEARTBEAT, pay, updateTable } from './words.ts'

function open(): { shop: Play; a: Till } {
  const shop = new Play()
  const a = shop.join()
  shop.advance(5_000)
  return { shop, a }
}

function last(till: Till) {
  return till.statuses.at(-1)
}

describe('HUB_STATUS', () => {
  test('[H1] tells who joins how the hub is, and the others that it came', () => {
    const { shop, a } = open()
    expect(a.statuses).toEqual([
      { type: 'HUB_STATUS', connectedTerminals: 1, odoo: 'offline', pendingForward: 0, oldestPendingMs: 0 },
    ])
    const b = shop.join({ protocol: 1 })
    for (const till of [a, b]) expect(last(till)).toMatchObject({ connectedTerminals: 2 })
  })

  test('[H1] tells when a terminal goes and when a payment waits for Odoo', () => {
    const { shop, a } = open()
    const b = shop.join()
    shop.advance(5_000)
    b.drop()
    expect(last(a)).toMatchObject({ connectedTerminals: 1 })
    shop.advance(5_000)
    a.say(pay('A'))
    expect(last(a)).toMatchObject({ pendingForward: 1, oldestPendingMs: 0 })
    shop.advance(5_000)
    a.say(pay('B'))
    expect(last(a)).toMatchObject({ pendingForward: 2, oldestPendingMs: 5_000 })
    expect(a.statuses).toHaveLength(5)
  })

  test('[H1] says nothing while nothing of it changes', () => {
    const { shop, a } = open()
    for (const frame of [HEARTBEAT, updateTable(1, 'free')]) a.say(frame)
    shop.advance(3_600_000)
    expect(a.statuses).toHaveLength(1)
  })

  test('[H1] is about a group: what happens in another is not told', () => {
    const { shop, a } = open()
    const b = shop.join({ group: 'other' })
    b.say(pay('A'))
    shop.advance(5_000)
    expect(a.statuses).toHaveLength(1)
    expect(last(b)).toMatchObject({ connectedTerminals: 1, pendingForward: 1 })
  })

  test('[H1] a dead link no longer counts', () => {
    const { shop, a } = open()
    shop.join({ isDead: true })
    shop.advance(44_999)
    expect(last(a)).toMatchObject({ connectedTerminals: 2 })
    shop.advance(1)
    expect(last(a)).toMatchObject({ connectedTerminals: 1 })
  })

  test('[H2] comes at most once a second, and the last state comes at the end of that second', () => {
    const { shop, a } = open()
    const others = [1, 2, 3].map(() => shop.join())
    expect(a.statuses).toHaveLength(2)
    for (const till of others) till.drop()
    shop.advance(999)
    expect(a.statuses).toHaveLength(2)
    shop.advance(1)
    expect(a.statuses.map(({ connectedTerminals }) => connectedTerminals)).toEqual([1, 2, 1])
    shop.advance(10_000)
    expect(a.statuses).toHaveLength(3)
  })

  test('[H2] a state that is back to what was told is not told again', () => {
    const { shop, a } = open()
    const b = shop.join()
    shop.advance(2_000)
    b.drop()
    b.back()
    b.drop()
    shop.advance(500)
    b.back()
    const before = a.statuses.length
    shop.advance(5_000)
    expect(last(a)).toMatchObject({ connectedTerminals: 2 })
    expect(a.statuses.length).toBeLessThanOrEqual(before + 1)
  })

  test('[H2] whatever happens and when, the gaps are never below a second and the end is always told', () => {
    const { shop, a } = open()
    const times: number[] = []
    shop.onlookers.push(({ outcome }) => {
      const told = outcome.effects.some((effect) => effect.kind === 'broadcast' && effect.message.type === 'HUB_STATUS')
      if (told) times.push(shop.now)
    })
    const b = shop.join()
    for (let turn = 0; turn < 300; turn++) {
      if (turn % 2 === 0) b.drop()
      else b.back()
      shop.advance((turn * 331) % 977)
    }
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0))
    expect(times.length).toBeGreaterThan(20)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000)
    shop.advance(1_000)
    expect(last(a)).toMatchObject({ connectedTerminals: 2 })
  })

  test('[H2] the age of the oldest payment is never negative, wherever the wall clock goes', () => {
    const { shop, a } = open()
    a.say(pay('A'))
    shop.jump(-YEAR_MS)
    shop.advance(2_000)
    a.say(pay('B'))
    expect(last(a)).toMatchObject({ pendingForward: 2, oldestPendingMs: 0 })
  })
})
