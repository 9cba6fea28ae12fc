import { describe, expect, test } from 'bun:test'
import { AuthStage, addonToken, DAY_MS, HOUR_MS, json, SECRET, WALL } from './auth_stage.ts'

/** Nobody may be asked. */
function stage(): AuthStage {
  return new AuthStage(() => json({ error: { code: 'unexpected' } }, 500), { secret: SECRET })
}

describe('with the secret of the add-on', () => {
  test('its token is good without a call, and says who it is', async () => {
    await using at = stage()
    const claims = { uid: 6, name: 'Marta', role: 'manager', configs: [3, 1] }
    const identity = { subject: 'odoo:6', name: 'Marta', role: 'manager', configIds: [3, 1] } as const
    expect(await at.check(await addonToken(claims))).toEqual({ ok: true, identity })
    expect(at.learned).toMatchObject([{ ...identity, checkedAt: WALL }])
    expect(at.heard).toEqual([])
  })

  test('a good one is written down once a day, not at each sign-in', async () => {
    await using at = stage()
    const token = await addonToken({ exp: (WALL + 3 * DAY_MS) / 1000 })
    for (const [passMs, written] of [
      [0, 1],
      [DAY_MS - 1, 1],
      [1, 2],
    ] as const) {
      at.clock.stall(passMs)
      expect(await at.word(token)).toBe('cashier')
      expect(at.learned).toHaveLength(written)
    }
  })

  test.each([
    ['another secret', {}, 'another-secret', 'HS256'],
    ['no algorithm', {}, SECRET, 'none'],
    ['another algorithm', {}, SECRET, 'HS512'],
    ['no expiry', { exp: undefined }, SECRET, 'HS256'],
    ['an expiry that is text', { exp: '2030-01-01' }, SECRET, 'HS256'],
    ['no user', { uid: undefined }, SECRET, 'HS256'],
    ['points of sale that cannot be read', { configs: 'all' }, SECRET, 'HS256'],
    ['groups that are not of the tills', { groups: ['base.group_portal'] }, SECRET, 'HS256'],
    ['the purpose to renew another one', { kind: 'refresh' }, SECRET, 'HS256'],
    ['the type to renew another one', { type: 'refresh' }, SECRET, 'HS256'],
  ])('one with %s is refused, and nobody is asked', async (_, claims, secret, algorithm) => {
    await using at = stage()
    expect(await at.word(await addonToken(claims, secret, algorithm))).toBe('TOKEN_REFUSED')
    expect(at.heard).toEqual([])
    expect(at.learned).toEqual([])
  })

  test('one whose claims or signature were changed is refused', async () => {
    await using at = stage()
    const [header, , signature] = (await addonToken()).split('.')
    const [, other] = (await addonToken({ role: 'manager' })).split('.')
    for (const forged of [`${header}.${other}.${signature}`, `${header}.${other}.x`, `${header}.${other}._`]) {
      expect(await at.word(forged)).toBe('TOKEN_REFUSED')
    }
  })

  test('it is good until its last millisecond; unknown and over, it is told so without a call', async () => {
    await using at = stage()
    const token = await addonToken({ exp: WALL / 1000 + 1 })
    at.clock.setWall(WALL + 999)
    expect(await at.word(token)).toBe('cashier')
    at.shelf.clear()
    at.clock.setWall(WALL + 1_000)
    expect(await at.word(token)).toBe('TOKEN_EXPIRED')
    expect(at.heard).toEqual([])
  })

  test('a clock that is not set lets no stranger in and keeps no good token out', async () => {
    await using at = stage()
    at.clock.setWall(5_000)
    expect(await at.word(await addonToken({ iat: WALL / 1000, nbf: WALL / 1000 }))).toBe('cashier')
    expect(await at.word(await addonToken({}, 'another-secret'))).toBe('TOKEN_REFUSED')
  })
})

describe('a token that was good and is over', () => {
  async function over(answer: ConstructorParameters<typeof AuthStage>[0]) {
    const at = new AuthStage(answer, { secret: SECRET })
    const token = await addonToken({ role: 'manager' })
    await at.check(token)
    at.clock.stall(HOUR_MS)
    return { at, token }
  }

  test('still opens the shop while Odoo is away, for as long as answers hold', async () => {
    const { at, token } = await over(() => json({}))
    await using _ = at
    at.isAway = true
    expect(await at.word(token)).toBe('manager')
    at.clock.stall(14 * DAY_MS - HOUR_MS - 1)
    expect(await at.word(token)).toBe('manager')
    at.clock.stall(1)
    expect(await at.word(token)).toBe('SIGN_IN_UNAVAILABLE')
  })

  test('is over once Odoo is there and says so, also afterwards', async () => {
    const { at, token } = await over(() => json({ error: { code: 'TOKEN_EXPIRED' } }, 401))
    await using _ = at
    expect(await at.word(token)).toBe('TOKEN_EXPIRED')
    at.isAway = true
    expect(await at.word(token)).toBe('TOKEN_EXPIRED')
    expect(at.shelf.size).toBe(0)
  })

  test('is over where Odoo is there and has no such check', async () => {
    const { at, token } = await over(() => new Response('<html>not found</html>', { status: 404 }))
    await using _ = at
    expect(await at.word(token)).toBe('TOKEN_EXPIRED')
  })

  test('goes on where Odoo says that it does: the clock of the hub may be ahead', async () => {
    const { at, token } = await over(() => json({ user: { id: 6, role: 'waiter' } }))
    await using _ = at
    expect(await at.word(token)).toBe('waiter')
  })

  test('is forgotten when the secret has changed', async () => {
    const { at, token } = await over(() => json({}))
    await using _ = at
    const forged = `${token.slice(0, -4)}AAAA`
    at.shelf.set(`digest of ${Bun.hash(forged)}`, [...at.shelf.values()][0] as never)
    expect(await at.word(forged)).toBe('TOKEN_REFUSED')
    expect(at.learned.at(-1)).toBeNull()
  })
})
