import { describe, expect, test } from 'bun:test'
import { CLOCK_SLACK_MS, PULSE_MS } from '../../src/engine/limits.ts'
import { timeSeen } from '../store/changes.ts'
import { heartbeat, lease, lineClosed, lock, lockHeartbeat, signIn, ticket } from './commands.ts'
import { FakeClock } from './fake_clock.ts'
import { EngineHouse, SETTINGS } from './house.ts'

const DAY_MS = 86_400_000

/** Two terminals; the first has the lock of table 5 since now. */
function lockedHouse(settings = {}): EngineHouse {
  const house = EngineHouse.started({ settings })
  house.run(signIn(1), signIn(2), lock(1, 5))
  house.said()
  house.takeEvents()
  return house
}

/** Lets time go by in small steps, in which both terminals show that they live and renew nothing. */
function liveOn(house: EngineHouse, ms: number): void {
  for (let left = ms; left > 0; left -= 5_000) {
    house.clock.advance(Math.min(left, 5_000))
    house.run({ kind: 'pong', line: 1 }, { kind: 'pong', line: 2 })
  }
}

describe('deadlines', () => {
  test('are met at their millisecond, by the engine itself', () => {
    const house = lockedHouse({ lockMs: 44_321 })
    const deadline = house.clock.now() + 44_321
    const seen: number[] = []
    house.onPerform = (effects) => {
      const isOver = effects.some(
        (effect) => effect.kind === 'broadcast' && effect.message.type === 'TABLE_LOCK_RELEASED',
      )
      if (isOver) seen.push(house.clock.now())
    }
    liveOn(house, 60_000)
    expect(seen).toEqual([deadline])
  })

  test('are never slept over: a wake-up is planned for the next one, or sooner', () => {
    const house = lockedHouse({ lockMs: 44_321 })
    for (let time = 0; time < 300; time++) {
      const [next = Number.NaN, ...others] = house.clock.planned
      expect(others).toEqual([])
      expect(next - house.clock.now()).toBeLessThanOrEqual(PULSE_MS)
      expect(next).toBeLessThanOrEqual(house.engine.state.hub?.nextDeadline ?? 0)
      house.clock.advance(next - house.clock.now())
      house.run({ kind: 'pong', line: 1 }, { kind: 'pong', line: 2 })
    }
  })

  test('are not there while nobody is: then nothing is planned at all', () => {
    const house = EngineHouse.started()
    expect(house.clock.planned).toEqual([])
    house.run(signIn(1), lock(1, 5))
    expect(house.clock.planned).toHaveLength(1)
    house.run(lineClosed(1))
    house.clock.advance(SETTINGS.graceMs + 2_000)
    expect(house.said().at(-1)).toBe('broadcast TABLE_LOCK_RELEASED')
    expect(house.clock.planned).toEqual([])
    // And a long silence is no standstill.
    house.clock.stall(DAY_MS)
    house.run(signIn(2))
    expect(house.log.of('warn')).toEqual([])
    expect(house.clock.planned).toHaveLength(1)
  })

  test('are planned for what was running when the hub was started', () => {
    const before = EngineHouse.started()
    before.run(signIn(1), lock(1, 5))
    before.engine.stop()
    const house = EngineHouse.started({ file: before.file })
    house.clock.advance(Math.max(SETTINGS.leaseMs, SETTINGS.lockMs) - 1)
    expect(house.said()).toEqual([])
    house.clock.advance(1)
    expect(house.said()).toContain('broadcast TABLE_LOCK_RELEASED')
    expect(house.onDisk).toEqual(house.memory)
  })

  test('do not move with the wall clock, a year back or a year on', () => {
    for (const years of [-1, 1]) {
      const house = lockedHouse()
      liveOn(house, 20_000)
      house.clock.setWall(house.clock.wall() + years * 365 * DAY_MS)
      liveOn(house, 24_999)
      expect(house.words('TABLE_LOCK_RELEASED')).toEqual([])
      liveOn(house, 1)
      expect(house.words('TABLE_LOCK_RELEASED')).toHaveLength(1)
    }
  })
})

describe('a hub that stood still', () => {
  test('moves all deadlines by the gap: nobody could renew anything in it', () => {
    const house = lockedHouse()
    liveOn(house, 40_000)
    house.said()
    house.clock.stall(3_600_000)
    house.clock.catchUp()
    expect(house.log.of('warn')).toEqual(['the hub stood still; all deadlines move'])
    // Neither the lock nor a session is over.
    expect(house.said().filter((effect) => !effect.startsWith('ping'))).toEqual([])
    liveOn(house, 4_500)
    expect(house.words('TABLE_LOCK_REVOKED')).toEqual([])
    liveOn(house, 1_000)
    expect(house.words('TABLE_LOCK_REVOKED')).toMatchObject([{ tableId: 5, reason: 'Lock expired' }])
  })

  test('hears the heartbeats that wait in the sockets before anything expires', () => {
    const house = lockedHouse()
    liveOn(house, 44_000)
    house.clock.stall(600_000)
    // The frames come in the first turn after the gap, before the timer that is overdue.
    house.run(lockHeartbeat(1, 5), heartbeat(2))
    house.clock.catchUp()
    expect(house.said().filter((effect) => effect.includes('LOCK'))).toEqual([])
    liveOn(house, 44_999)
    expect(house.words('TABLE_LOCK_REVOKED')).toEqual([])
    liveOn(house, 1)
    expect(house.words('TABLE_LOCK_REVOKED')).toHaveLength(1)
  })

  test('gives a stranger no table whose holder could not speak', () => {
    const house = lockedHouse()
    liveOn(house, 44_000)
    house.clock.stall(5_000)
    house.run(lock(2, 5))
    expect(house.words('TABLE_LOCK_DENIED')).toMatchObject([{ lockedBy: 't-1' }])
  })

  test('keeps what is in its grace for as long as it had', () => {
    const house = lockedHouse()
    house.run(lineClosed(1))
    house.clock.advance(4_000)
    house.clock.stall(60_000)
    house.clock.catchUp()
    house.said()
    house.clock.advance(5_000)
    expect(house.words('TABLE_LOCK_RELEASED')).toEqual([])
    house.clock.advance(1_000)
    expect(house.words('TABLE_LOCK_RELEASED')).toHaveLength(1)
  })

  test('is not what a busy second is: up to 1 s no deadline moves', () => {
    const house = lockedHouse()
    liveOn(house, 44_200)
    house.clock.stall(1_000)
    house.run(lock(2, 5))
    expect(house.log.of('warn')).toEqual([])
    expect(house.words('TABLE_LOCK_GRANTED')).toMatchObject([{ tableId: 5 }])
  })

  test('is noticed between two turns too, when the disk itself took so long', () => {
    const house = lockedHouse()
    liveOn(house, 44_000)
    house.onPerform = () => house.clock.stall(20_000)
    house.run(ticket(1))
    house.onPerform = () => undefined
    house.run(lock(2, 5))
    expect(house.words('TABLE_LOCK_DENIED')).toHaveLength(1)
  })

  test('shows once, and the next look finds nothing', () => {
    const house = lockedHouse()
    house.clock.stall(10_000)
    house.clock.catchUp()
    liveOn(house, 20_000)
    expect(house.log.of('warn')).toHaveLength(1)
  })
})

describe('a wall clock that is not set', () => {
  function houseSeen(wall: number, now: number): EngineHouse {
    const before = EngineHouse.started()
    before.file.transaction(() => {
      before.file.statements().putMeta.run({ key: 'newest_wall', value: String(timeSeen(wall).wall) })
      return undefined
    })
    return EngineHouse.started({ file: before.file, clock: new FakeClock(1_000, now) })
  }
  const SEEN = 1_795_000_000_000

  test('is one that is more than a minute behind the newest stored time', () => {
    for (const [behind, isClockSet] of [
      [-1, true],
      [0, true],
      [CLOCK_SLACK_MS, true],
      [CLOCK_SLACK_MS + 1, false],
      [365 * DAY_MS, false],
    ] as const) {
      const house = houseSeen(SEEN, SEEN - behind)
      expect([behind, house.engine.state.isClockSet]).toEqual([behind, isClockSet])
      expect(house.log.of('warn')).toHaveLength(isClockSet ? 0 : 1)
    }
  })

  test('is said once, and said again when it is set', () => {
    const house = houseSeen(SEEN, SEEN - DAY_MS)
    house.run(signIn(1), ticket(1))
    liveOn(house, 10_000)
    expect(house.log.of('warn')).toHaveLength(1)
    house.clock.setWall(SEEN + 5)
    house.run(heartbeat(1))
    expect(house.engine.state.isClockSet).toBe(true)
    expect(house.log.of('info')).toEqual(['the clock is set again'])
  })

  test('that is set back while the hub runs is noticed without anybody asking', () => {
    const house = EngineHouse.started()
    house.run(signIn(1), lease(1, 'order-1'))
    house.clock.setWall(house.clock.wall() - DAY_MS)
    house.clock.advance(PULSE_MS)
    expect(house.engine.state.isClockSet).toBe(false)
  })
})
