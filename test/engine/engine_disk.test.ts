import { describe, expect, test } from 'bun:test'
import type { StoreFailure } from '../../src/engine/ports.ts'
import { discard, heartbeat, lease, lineClosed, lock, pong, signIn, snapshot, tableUpdate, ticket } from './commands.ts'
import { EngineHouse, FULL, GONE } from './house.ts'

/** The full-disk rule: if a commit fails, nothing of that turn has happened (DESIGN, decision 9). */

/** Two terminals, a lock, a lease, an order of one version and a closed order. */
function busyHouse(): EngineHouse {
  const house = EngineHouse.started()
  house.run(signIn(1), signIn(2), lock(1, 5), lease(1, 'order-1'), snapshot(1, 'order-1', 0, { msgId: 'm-1' }))
  house.run(lease(1, 'order-0'), snapshot(1, 'order-0', 0, { msgId: 'n-1' }), discard(1, 'order-0', 1, 'n-2'))
  house.run(ticket(2), tableUpdate(2, 7))
  house.takeEvents()
  house.said()
  return house
}

function goDown(house: EngineHouse, failure: StoreFailure = FULL): void {
  house.disk.commits = failure
  house.disk.opens = failure
  house.run(tableUpdate(1, 8))
  house.disk.commits = null
}

describe('a commit that is refused', () => {
  test('performs nothing of its turn, not even what needed no commit', () => {
    const house = busyHouse()
    house.disk.commits = FULL
    house.run(heartbeat(1), snapshot(1, 'order-1', 1, { msgId: 'm-2' }), pong(2), ticket(2))
    expect(house.takeEvents()).toEqual(['refused', 'down full'])
    expect(house.said()).toEqual([])
    expect(house.engine.state).toMatchObject({ hub: null, failure: FULL })
    expect(house.log.of('error')).toHaveLength(1)
  })

  test('drops what waits behind it, and nothing is taken until the disk works again', () => {
    const house = busyHouse()
    for (let at = 0; at < 1_500; at++) house.engine.submit(ticket(2))
    house.engine.submit(signIn(9))
    house.disk.commits = FULL
    house.turn()
    house.turn()
    expect(house.takeEvents()).toEqual(['refused', 'down full'])
    expect([heartbeat(1), lineClosed(1), signIn(3)].map((command) => house.engine.submit(command))).toEqual([
      false,
      false,
      false,
    ])
    expect(house.turnsPlanned).toBe(0)
    house.disk.commits = null
    house.clock.advance(250)
    house.run(signIn(10))
    expect(house.takeEvents()).toEqual(['recover', 'up', 'commit 2', 'perform 4'])
    // Line 9 is long gone: who comes after the trouble finds nobody of before.
    expect([...(house.engine.state.hub?.lines.keys() ?? [])]).toEqual([10])
    expect(house.words('TICKET_NUMBER_ASSIGNED')).toEqual([])
  })

  test('leaves memory as the disk has it: nothing of the turn is remembered', () => {
    const house = busyHouse()
    const before = house.memory
    goDown(house)
    house.disk.opens = null
    house.clock.advance(60_000)
    expect(house.memory).toEqual(before)
    expect(house.memory).toEqual(house.onDisk)
  })

  test('in the middle of a stop ends it, and what was not written was not said', () => {
    const house = busyHouse()
    const before = house.onDisk
    house.engine.submit(ticket(2))
    house.disk.commits = FULL
    house.engine.stop()
    expect(house.said()).toEqual([])
    expect(house.onDisk).toEqual(before)
    expect(house.clock.planned).toEqual([])
  })
})

describe('a read that is refused', () => {
  test('takes the hub down like a commit, and nothing of the turn was said or written', () => {
    const house = busyHouse()
    const before = house.onDisk
    house.disk.reads = GONE
    // Another terminal's number comes first in that turn: it goes down with the rest.
    house.run(ticket(2), lease(2, 'order-9'), ticket(2))
    expect(house.takeEvents()).toEqual(['find', 'down gone'])
    expect(house.said()).toEqual([])
    expect(house.engine.state).toMatchObject({ hub: null, failure: GONE })
    expect(house.onDisk).toEqual(before)
    house.disk.reads = null
    house.clock.advance(250)
    expect(house.takeEvents()).toEqual(['recover', 'up'])
    expect(house.memory).toEqual(before)
  })
})

describe('recovery', () => {
  test('is tried after 250 ms, then twice as long, up to 5 s; and by itself', () => {
    const house = busyHouse()
    const start = house.clock.now()
    goDown(house)
    house.takeEvents()
    const tries: number[] = []
    for (let time = 0; time < 8; time++) {
      const [next = Number.NaN, ...others] = house.clock.planned
      expect(others).toEqual([])
      tries.push(next - start)
      house.clock.advance(next - house.clock.now())
      expect(house.takeEvents()).toEqual(['recover'])
    }
    expect(tries).toEqual([250, 750, 1_750, 3_750, 7_750, 12_750, 17_750, 22_750])
    house.disk.opens = null
    house.clock.advance(5_000)
    expect(house.takeEvents()).toEqual(['recover', 'up'])
    expect(house.engine.state).toMatchObject({ failure: null })
    expect(house.log.of('info')).toEqual(['the disk works again; the hub goes on'])
  })

  test('begins with the short wait again at the next trouble', () => {
    const house = busyHouse()
    goDown(house)
    house.clock.advance(10_000)
    house.disk.opens = null
    house.clock.advance(5_000)
    house.run(signIn(1))
    goDown(house)
    expect(house.clock.planned.map((time) => time - house.clock.now())).toEqual([250])
  })

  test('says what is wrong now, and says it once', () => {
    const house = busyHouse()
    goDown(house)
    house.clock.advance(5_000)
    expect(house.log.of('error')).toHaveLength(1)
    house.disk.opens = GONE
    house.clock.advance(20_000)
    expect(house.engine.state.failure).toEqual(GONE)
    expect(house.log.of('error')).toHaveLength(2)
  })

  test('lets terminals come back to what was theirs, for the longest time to live', () => {
    const house = busyHouse()
    const sessionKey = 'key-1'
    goDown(house)
    house.clock.advance(30_000)
    house.disk.opens = null
    house.clock.advance(5_000)
    house.takeEvents()
    // The lock would have been over long ago; while the disk refused nobody could renew it.
    house.run(signIn(3), lock(3, 5))
    expect(house.words('TABLE_LOCK_DENIED')).toMatchObject([{ tableId: 5, lockedBy: 't-1' }])
    const resume = { sessionId: signIn(1).fresh.sessionId, sessionKey, epoch: 'epoch-1', seq: 3, holds: {} }
    house.run(signIn(4, { resume, deviceId: signIn(1).deviceId, subject: signIn(1).subject }), lock(4, 5))
    expect(house.words('AUTH_OK').at(-1)).toMatchObject({ terminalId: 't-1' })
    expect(house.words('TABLE_LOCK_GRANTED')).toMatchObject([{ tableId: 5, fence: 1 }])
    house.run(snapshot(4, 'order-1', 1, { msgId: 'm-2' }))
    expect(house.words('ORDER_ACCEPTED')).toMatchObject([{ version: 2, msgId: 'm-2' }])
    expect(house.onDisk).toEqual(house.memory)
  })

  test('answers a resend of what was refused as the new thing that it is', () => {
    const house = busyHouse()
    house.disk.commits = FULL
    house.run(snapshot(1, 'order-1', 1, { msgId: 'm-2' }))
    house.disk.commits = null
    house.clock.advance(250)
    const resume = { sessionId: signIn(1).fresh.sessionId, sessionKey: 'key-1', epoch: 'epoch-1', seq: 3, holds: {} }
    house.run(signIn(4, { resume, deviceId: signIn(1).deviceId, subject: signIn(1).subject }))
    house.run(snapshot(4, 'order-1', 1, { msgId: 'm-2' }), snapshot(4, 'order-1', 1, { msgId: 'm-2' }))
    expect(house.words('ORDER_ACCEPTED').map(({ version, msgId }) => [version, String(msgId)])).toEqual([
      [2, 'm-2'],
      [2, 'm-2'],
    ])
  })

  test('is not tried any more when the engine was stopped', () => {
    const house = busyHouse()
    goDown(house)
    house.takeEvents()
    house.engine.stop()
    house.disk.opens = null
    house.clock.advance(60_000)
    expect(house.takeEvents()).toEqual([])
    expect(house.clock.planned).toEqual([])
  })
})
