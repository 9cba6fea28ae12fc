import { describe, expect, test } from 'bun:test'
import { MANAGER_GROUP, USER_GROUP } from '../../src/upstream/auth_user.ts'
import { AuthStage, addonOdoo, addonToken, DAY_MS, EXPIRED, HOUR_MS, json, WALL, WEB, webOdoo } from './auth_stage.ts'

const MANAGER = webOdoo([MANAGER_GROUP])

describe('what Odoo found good', () => {
  test('is good for a day without a call, and then asked about again', async () => {
    await using at = new AuthStage(MANAGER)
    await at.check(WEB)
    at.heard.length = 0
    at.answer = webOdoo([USER_GROUP])
    at.clock.stall(DAY_MS - 1)
    expect(await at.word(WEB)).toBe('manager')
    expect(at.heard).toEqual([])
    at.clock.stall(1)
    expect(await at.word(WEB)).toBe('cashier')
    expect(at.learned.map((token) => token?.checkedAt)).toEqual([WALL, WALL + DAY_MS])
  })

  test('holds for 14 days while Odoo is away, and not a moment longer', async () => {
    await using at = new AuthStage(MANAGER)
    await at.check(WEB)
    at.isAway = true
    for (const passMs of [DAY_MS, 2 * DAY_MS, 11 * DAY_MS - 1]) {
      at.clock.stall(passMs)
      expect(await at.word(WEB)).toBe('manager')
    }
    at.clock.stall(1)
    expect(await at.word(WEB)).toBe('SIGN_IN_UNAVAILABLE')
    expect(at.learned).toHaveLength(1)
  })

  test('holds as long as it is told to', async () => {
    await using at = new AuthStage(MANAGER, { holdMs: 0 })
    await at.check(WEB)
    at.isAway = true
    at.clock.stall(DAY_MS)
    expect(await at.word(WEB)).toBe('SIGN_IN_UNAVAILABLE')
  })

  test.each([
    ['a page', () => new Response('<html>502</html>', { status: 502 })],
    ['an answer that never comes', () => new Promise<Response>(() => undefined)],
  ])('holds while there is only %s', async (_, answer) => {
    await using at = new AuthStage(MANAGER)
    await at.check(WEB)
    at.clock.stall(DAY_MS)
    at.answer = answer
    expect(await at.word(WEB)).toBe('manager')
  })

  test('ends with a no of Odoo, also for the time when it is away', async () => {
    await using at = new AuthStage(MANAGER)
    await at.check(WEB)
    at.clock.stall(DAY_MS)
    at.answer = EXPIRED
    expect(await at.word(WEB)).toBe('TOKEN_EXPIRED')
    expect(at.learned.at(-1)).toBeNull()
    at.isAway = true
    expect(await at.word(WEB)).toBe('SIGN_IN_UNAVAILABLE')
  })

  test('is asked about again within the day where the token says that it is over', async () => {
    await using at = new AuthStage(addonOdoo({}))
    const token = await addonToken()
    await at.check(token)
    at.clock.stall(HOUR_MS)
    at.answer = () => json({}, 401)
    expect(await at.word(token)).toBe('TOKEN_EXPIRED')
  })

  test('holds for a token that is over while Odoo is away', async () => {
    await using at = new AuthStage(addonOdoo({}))
    const token = await addonToken()
    await at.check(token)
    at.clock.stall(3 * DAY_MS)
    at.isAway = true
    expect(await at.word(token)).toBe('cashier')
  })

  test('holds for the id that Odoo makes of a session every three hours', async () => {
    const [first, second] = [`${'a'.repeat(42)}${'b'.repeat(42)}`, `${'a'.repeat(42)}${'c'.repeat(42)}`]
    await using at = new AuthStage(MANAGER)
    await at.check(first)
    at.clock.stall(2 * DAY_MS)
    at.isAway = true
    expect(await at.word(second)).toBe('manager')
    expect(await at.word(`d${second.slice(1)}`)).toBe('SIGN_IN_UNAVAILABLE')
  })

  test('is nobody else: an unknown token has to wait for Odoo', async () => {
    await using at = new AuthStage(MANAGER)
    await at.check(WEB)
    at.isAway = true
    expect(await at.word(WEB.toUpperCase())).toBe('SIGN_IN_UNAVAILABLE')
  })
})

describe('a wall clock that is wrong', () => {
  test('some days behind: Odoo is asked, and if it is away the answer holds', async () => {
    await using at = new AuthStage(MANAGER)
    await at.check(WEB)
    at.clock.setWall(WALL - 14 * DAY_MS + 1)
    at.isAway = true
    expect(await at.word(WEB)).toBe('manager')
    at.clock.setWall(WALL - 14 * DAY_MS)
    at.clock.advance(20_000)
    at.clock.setWall(WALL - 14 * DAY_MS)
    expect(await at.word(WEB)).toBe('SIGN_IN_UNAVAILABLE')
    at.isAway = false
    expect(await at.word(WEB)).toBe('manager')
    expect(at.learned.at(-1)?.checkedAt).toBe(WALL - 14 * DAY_MS)
  })

  test('not set at all: what was found good holds, and keeps its date; nothing else gets in', async () => {
    await using at = new AuthStage(MANAGER)
    await at.check(WEB)
    at.clock.setWall(60_000)
    at.heard.length = 0
    expect(await at.word(WEB)).toBe('manager')
    expect(at.heard).not.toEqual([])
    expect(at.learned.at(-1)?.checkedAt).toBe(WALL)
    at.isAway = true
    expect(await at.word(WEB)).toBe('manager')
    expect(await at.word(WEB.toUpperCase())).toBe('SIGN_IN_UNAVAILABLE')
  })
})

test('what was found good by a clock that is not set is asked about at each sign-in, until it is', async () => {
  await using at = new AuthStage(MANAGER)
  at.clock.setWall(60_000)
  for (const times of [1, 2]) {
    at.clock.stall(HOUR_MS)
    expect(await at.word(WEB)).toBe('manager')
    expect(at.paths).toHaveLength(2 * times)
  }
  at.clock.setWall(WALL)
  for (const _ of [1, 2]) expect(await at.word(WEB)).toBe('manager')
  expect(at.paths).toHaveLength(6)
  expect(at.learned.at(-1)?.checkedAt).toBe(WALL)
})

describe('checks do not pile up', () => {
  /** Answers wait until they are let go. */
  function slow() {
    const { promise, resolve } = Promise.withResolvers<void>()
    return { go: resolve, answer: (heard: Parameters<typeof MANAGER>[0]) => promise.then(() => MANAGER(heard)) }
  }

  test('those of one token share a call', async () => {
    const { go, answer } = slow()
    await using at = new AuthStage(answer)
    const all = Array.from({ length: 50 }, () => at.word(WEB))
    go()
    expect(new Set(await Promise.all(all))).toEqual(new Set(['manager']))
    expect(at.paths).toHaveLength(2)
  })

  test('at most eight calls are made at once', async () => {
    let [now, most] = [0, 0]
    await using at = new AuthStage(async (heard) => {
      most = Math.max(most, ++now)
      await new Promise(setImmediate)
      now--
      return MANAGER(heard)
    })
    const all = Array.from({ length: 20 }, (_, id) => at.word(`${WEB}${id}`))
    expect(new Set(await Promise.all(all))).toEqual(new Set(['manager']))
    expect(most).toBeLessThanOrEqual(8)
    expect(most).toBeGreaterThan(1)
  })

  test('of unknown tokens twenty a second are asked about; known ones are not held up', async () => {
    await using at = new AuthStage(MANAGER)
    await at.check(WEB)
    at.clock.stall(DAY_MS)
    at.answer = EXPIRED
    const words = async (mark: string) => {
      const all = await Promise.all(Array.from({ length: 30 }, (_, id) => at.word(`${WEB}${mark}${id}`)))
      return Map.groupBy(all, (word) => word)
    }
    const first = await words('a')
    expect(first.get('TOKEN_EXPIRED')).toHaveLength(20)
    expect(first.get('SIGN_IN_UNAVAILABLE')).toHaveLength(10)
    expect(await at.word(WEB)).toBe('TOKEN_EXPIRED')
    at.clock.stall(999)
    expect((await words('b')).get('SIGN_IN_UNAVAILABLE')).toHaveLength(30)
    at.clock.stall(1)
    expect((await words('c')).get('TOKEN_EXPIRED')).toHaveLength(20)
  })

  test('what waits is bounded, and who is known gets in all the same', async () => {
    const { go, answer } = slow()
    await using at = new AuthStage(MANAGER)
    const tokens = Array.from({ length: 220 }, (_, id) => `${WEB}${id}`)
    for (const token of tokens) {
      at.clock.stall(60)
      await at.check(token)
    }
    at.clock.stall(DAY_MS)
    at.answer = answer
    at.heard.length = 0
    const all = tokens.map((token) => at.word(token))
    expect(await Promise.all(all.slice(208))).toEqual(Array.from({ length: 12 }, () => 'manager'))
    expect(await at.word(WEB)).toBe('SIGN_IN_UNAVAILABLE')
    go()
    expect(new Set(await Promise.all(all))).toEqual(new Set(['manager']))
    expect(at.paths).toHaveLength(2 * 208)
  })

  test('while Odoo is silent, known tokens do not wait for it one after another', async () => {
    await using at = new AuthStage(MANAGER)
    const [first, second] = [`${WEB}1`, `${WEB}2`]
    for (const token of [first, second]) await at.check(token)
    at.clock.stall(DAY_MS)
    at.answer = () => new Promise(() => undefined)
    at.heard.length = 0
    for (const token of [first, second, first]) expect(await at.word(token)).toBe('manager')
    expect(at.heard).toHaveLength(1)
    at.clock.stall(10_000)
    expect(await at.word(second)).toBe('manager')
    expect(at.heard).toHaveLength(2)
  })
})

test('the log tells once that Odoo cannot be asked, and once that it can', async () => {
  await using at = new AuthStage(MANAGER)
  await at.check(`${WEB}0`)
  at.answer = () => new Response('', { status: 404 })
  for (const id of [1, 2, 3]) await at.check(`${WEB}${id}`)
  at.answer = MANAGER
  for (const id of [4, 5]) await at.check(`${WEB}${id}`)
  const events = at.log.text.split('\n').map((line) => line.replace(/ \{.*/, ''))
  expect(events).toEqual([expect.stringContaining('cannot be asked'), expect.stringContaining('answers')])
  expect(at.log.text).not.toContain(WEB)
})
