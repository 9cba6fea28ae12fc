import { describe, expect, test } from 'bun:test'
import { OUTBOX_LIMITS } from '../../src/realtime/outbox_entry.ts'
import { createMemoryStorage } from '../../src/realtime/outbox_memory.ts'
import { BEAT_MS, LAPSE_MS, LeaseContender, TAKE_MS } from '../../src/realtime/tab_lease.ts'
import { FakeClock } from '../engine/fake_clock.ts'
import { createRandom } from '../support/random.ts'
import { settle } from './outbox_room.ts'

/** A tab with a clock of its own: a browser may hold the timers of one and not of another. */
function openTab(storage: ReturnType<typeof createMemoryStorage>, token: string) {
  const clock = new FakeClock()
  const tab = { clock, isMine: false, turns: 0, isDiskGone: false, wait: Promise.resolve() }
  const contender = new LeaseContender({
    swap: async (swap) => {
      await tab.wait
      return tab.isDiskGone ? { kind: 'failed' } : storage.swapLease(swap)
    },
    token,
    now: () => clock.now(),
    at: (time, wake) => clock.at(time, wake),
    run: () => {
      tab.isMine = true
      tab.turns += 1
    },
    stop: () => {
      tab.isMine = false
    },
  })
  return Object.assign(tab, { contender })
}

type Tab = ReturnType<typeof openTab>

async function pass(ms: number, tabs: readonly Tab[]): Promise<void> {
  for (let gone = 0; gone < ms; gone += 500) {
    for (const { clock } of tabs) clock.advance(500)
    await settle()
  }
}

function openTwo() {
  const storage = createMemoryStorage({ limits: OUTBOX_LIMITS })
  const first = openTab(storage, 'first')
  const second = openTab(storage, 'second')
  first.contender.look()
  return { first, second, storage }
}

describe('the lease of the sending tab', () => {
  test('goes to the first, at once, and stays with it', async () => {
    const { first, second } = openTwo()
    await settle()
    second.contender.look()
    await pass(10 * TAKE_MS, [first, second])
    expect([first.isMine, second.isMine, first.turns]).toEqual([true, false, 1])
  })

  test('goes on within two beats when it is given back', async () => {
    const { first, second } = openTwo()
    await settle()
    second.contender.look()
    await pass(BEAT_MS, [first, second])
    await first.contender.leave()
    expect(first.isMine).toBe(false)
    await pass(2 * BEAT_MS, [second])
    expect(second.isMine).toBe(true)
  })

  test('goes on when its tab is gone without a word, no sooner than it would have stopped', async () => {
    const { first, second } = openTwo()
    await settle()
    second.contender.look()
    await pass(BEAT_MS, [first, second])
    await pass(LAPSE_MS, [second])
    expect(second.isMine).toBe(false)
    await pass(TAKE_MS, [second])
    expect(second.isMine).toBe(true)
  })

  test('a tab that stood still stops when it wakes, before it does anything else', async () => {
    const { first, second } = openTwo()
    await settle()
    second.contender.look()
    await pass(3 * TAKE_MS, [second])
    expect([first.isMine, second.isMine]).toEqual([true, true])
    first.clock.stall(3 * TAKE_MS)
    first.clock.catchUp()
    expect(first.isMine).toBe(false)
    await pass(3 * TAKE_MS, [first, second])
    expect([first.isMine, second.isMine]).toEqual([false, true])
  })

  test('a tab whose disk does not answer stops in time, and comes back with the disk', async () => {
    const { first } = openTwo()
    await settle()
    first.isDiskGone = true
    await pass(LAPSE_MS, [first])
    expect(first.isMine).toBe(false)
    first.isDiskGone = false
    await pass(2 * BEAT_MS, [first])
    expect([first.isMine, first.turns]).toEqual([true, 2])
  })

  test('is given back when the page is left, and taken again when it comes back', async () => {
    const { first, storage } = openTwo()
    await settle()
    await first.contender.rest()
    expect(first.isMine).toBe(false)
    expect(await storage.swapLease({ expected: null, next: null })).toEqual({ kind: 'swapped', lease: null })
    await pass(2 * BEAT_MS, [first])
    expect(first.isMine).toBe(true)
  })

  test('what a tab took after it had left is given back', async () => {
    const { first, storage } = openTwo()
    await first.contender.leave()
    await settle()
    expect(first.turns).toBe(0)
    expect(await storage.swapLease({ expected: null, next: null })).toEqual({ kind: 'swapped', lease: null })
  })

  test('is never in two hands whose clocks go, and soon in one, for 200 seeds of standing still', async () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = createRandom(seed)
      const storage = createMemoryStorage({ limits: OUTBOX_LIMITS })
      const tabs = ['a', 'b', 'c'].map((token) => openTab(storage, token))
      for (const { contender } of tabs) contender.look()
      for (let step = 0; step < 40; step += 1) {
        const still = random.below(6) === 0 ? random.below(3) : -1
        const ms = 500 * (1 + random.below(20))
        const frozen = tabs[still]
        await pass(
          ms,
          tabs.filter((tab) => tab !== frozen),
        )
        frozen?.clock.stall(ms)
        frozen?.clock.catchUp()
        expect({ seed, mine: tabs.filter((tab) => tab.isMine).length > 1 }).toEqual({ seed, mine: false })
        await settle()
      }
      await pass(2 * TAKE_MS, tabs)
      expect({ seed, mine: tabs.filter((tab) => tab.isMine).length }).toEqual({ seed, mine: 1 })
    }
  })
})
