import { expect, test } from 'bun:test'
import { createView } from '../../src/engine/view.ts'
import type { GroupId } from '../../src/protocol/mod.ts'
import { discard, finalize, lease, lineClosed, lock, signIn, snapshot } from './commands.ts'
import { EngineHouse, FULL } from './house.ts'

function viewOf(house: EngineHouse) {
  return createView(house.engine, house.clock, house.store)
}

const NOTHING = {
  connectedTerminals: 0,
  activeLeases: 0,
  tableLocks: 0,
  orders: 0,
  pendingForward: 0,
  oldestPendingMs: 0,
}

test('an empty hub counts nothing and is ready', () => {
  const view = viewOf(EngineHouse.started())
  expect(view.counts()).toEqual(NOTHING)
  expect(view.readiness()).toEqual({ ready: true, reasons: [] })
  expect([view.isClockSet(), view.failure()]).toEqual([true, null])
})

test('counts are of all groups together, and of what is so now', () => {
  const house = EngineHouse.started()
  const view = viewOf(house)
  const other = signIn(3, { group: 'bar' as GroupId })
  house.run(signIn(1), signIn(2), other, lock(1, 5), lock(3, 5), lock(3, 6))
  for (const order of ['a', 'b', 'c']) house.run(lease(1, order), snapshot(1, order, 0, { msgId: order }))
  house.run(lease(3, 'a'), snapshot(3, 'a', 0, { msgId: 'a' }), discard(1, 'c', 1, 'd'))
  // Without an Odoo what was discarded is on no way.
  const counts = { ...NOTHING, pendingForward: 0, connectedTerminals: 3, activeLeases: 3, tableLocks: 3, orders: 3 }
  expect(view.counts()).toEqual(counts)
  house.run(finalize(1, 'b', { msgId: 'pay' }), lineClosed(2))
  house.clock.stall(900)
  expect(view.counts()).toEqual({
    connectedTerminals: 2,
    activeLeases: 2,
    tableLocks: 3,
    orders: 3,
    pendingForward: 1,
    oldestPendingMs: 900,
  })
})

test('a lock or lease whose time is over is not counted, before anybody has taken it away', () => {
  const house = EngineHouse.started()
  house.run(signIn(1), lock(1, 5), lease(1, 'a'))
  house.clock.stall(45_000)
  expect(viewOf(house).counts()).toMatchObject({ tableLocks: 0, activeLeases: 1 })
  house.clock.stall(15_000)
  expect(viewOf(house).counts()).toMatchObject({ tableLocks: 0, activeLeases: 0 })
})

test('the age of the oldest payment is of all groups, and never negative', () => {
  const house = EngineHouse.started()
  house.run(signIn(1), signIn(2, { group: 'bar' as GroupId }), finalize(2, 'b', { msgId: 'b' }))
  house.clock.stall(500)
  house.run(finalize(1, 'a', { msgId: 'a' }))
  house.clock.stall(200)
  expect(viewOf(house).counts()).toMatchObject({ pendingForward: 2, oldestPendingMs: 700 })
  house.clock.setWall(0)
  expect(viewOf(house).counts()).toMatchObject({ oldestPendingMs: 0 })
})

test('a hub that is starting or whose disk refuses is not ready, and says why', () => {
  const house = new EngineHouse()
  const view = viewOf(house)
  expect(view.readiness()).toEqual({ ready: false, reasons: ['The hub is starting.'] })
  expect(view.counts()).toEqual(NOTHING)
  house.engine.start()
  house.run(signIn(1))
  house.disk.commits = FULL
  house.run(lock(1, 5))
  expect(view.readiness()).toEqual({ ready: false, reasons: [FULL.text] })
  expect(view.failure()).toEqual(FULL)
  expect(view.counts()).toEqual(NOTHING)
  house.disk.commits = null
  house.clock.advance(250)
  expect(view.readiness()).toEqual({ ready: true, reasons: [] })
  expect(view.failure()).toBeNull()
})
