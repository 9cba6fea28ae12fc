import { expect, test } from 'bun:test'
import { Reconnect, STEADY_MS } from '../../src/realtime/reconnect.ts'
import { FakePage } from './hub_stage.ts'

function create(page: FakePage) {
  const tries: number[] = []
  const reconnect = new Reconnect({ surroundings: page, attempt: () => tries.push(page.now()) })
  const waitMs = () => (reconnect.retryAt ?? Number.NaN) - page.now()
  return { reconnect, tries, waitMs }
}

test('the wait is spread between a second and a ceiling that doubles up to 30 s', () => {
  const page = new FakePage()
  const { reconnect, waitMs } = create(page)
  page.chance = 0.5
  const waits = Array.from({ length: 7 }, () => {
    reconnect.failed()
    return waitMs()
  })
  expect(waits).toEqual([1_500, 2_500, 4_500, 8_500, 15_500, 15_500, 15_500])
  page.chance = 0
  reconnect.failed()
  expect(waitMs()).toBe(1_000)
})

test('it tries once when the wait is over, and plans no other try by itself', async () => {
  const page = new FakePage()
  const { reconnect, tries } = create(page)
  reconnect.failed()
  await page.pass(999)
  expect(tries).toEqual([])
  await page.pass(60_000)
  expect(tries).toEqual([2_000])
  expect(reconnect.retryAt).toBeNull()
})

test('hurry tries at once where a try is planned, and else does nothing', async () => {
  const page = new FakePage()
  const { reconnect, tries } = create(page)
  reconnect.hurry()
  expect(tries).toEqual([])
  reconnect.failed()
  reconnect.hurry()
  await page.pass(60_000)
  expect(tries).toEqual([1_000])
})

test('only a session that lasted makes the wait short again', async () => {
  const page = new FakePage()
  page.chance = 1
  const { reconnect, waitMs } = create(page)
  const failAfter = async (ms: number) => {
    reconnect.ready()
    await page.pass(ms)
    reconnect.failed()
    const wait = waitMs()
    reconnect.stop()
    return wait
  }
  expect([await failAfter(0), await failAfter(0), await failAfter(STEADY_MS - 1)]).toEqual([2_000, 4_000, 8_000])
  expect(await failAfter(STEADY_MS)).toBe(2_000)
})

test('stop leaves no timer behind', () => {
  const page = new FakePage()
  const { reconnect } = create(page)
  reconnect.failed()
  reconnect.failed()
  expect(page.timers).toBe(1)
  reconnect.stop()
  expect(page.timers).toBe(0)
})
