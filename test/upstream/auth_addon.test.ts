import { describe, expect, test } from 'bun:test'
import { type Answerer, AuthStage, addonOdoo, addonToken, exception, json, result, WALL } from './auth_stage.ts'

describe('without the secret, Odoo is asked about a token of the add-on', () => {
  test('by one call, with the token as bearer', async () => {
    await using at = new AuthStage(addonOdoo({ role: 'manager' }, { config: { id: 3 } }))
    const token = await addonToken()
    const identity = { subject: 'odoo:6', name: 'Marta', role: 'manager', configIds: [3] } as const
    expect(await at.check(token)).toEqual({ ok: true, identity })
    expect(at.paths).toEqual(['/pos-api/v1/bootstrap'])
    const [call] = at.heard
    expect(call?.body).toEqual({})
    expect(call?.headers.get('Authorization')).toBe(`Bearer ${token}`)
    expect(call?.headers.get('X-Device-Id')).toBe('hub-1')
    expect(call?.headers.get('X-App-Version')).toBe('0.1.0')
    expect(call?.headers.get('Cookie')).toBeNull()
    expect(at.learned).toMatchObject([{ ...identity, checkedAt: WALL }])
  })

  const USER = { id: 6, login: 'ana', role: 'waiter' }
  test.each<readonly [string, unknown]>([
    ['bare', { user: USER }],
    ['under result', { result: { user: USER } }],
    ['in an envelope of JSON-RPC', { jsonrpc: '2.0', id: null, result: { user: USER } }],
    ['under data', { status: 'success', data: { user: USER } }],
  ])('its answer may be %s', async (_, body) => {
    await using at = new AuthStage(() => json(body))
    expect(await at.word(await addonToken())).toBe('waiter')
  })

  test.each<readonly [string, Answerer, string]>([
    ['401', () => json({ error: { code: 'TOKEN_INVALID' } }, 401), 'TOKEN_REFUSED'],
    ['401 as a page', () => new Response('<h1>Unauthorized</h1>', { status: 401 }), 'TOKEN_REFUSED'],
    ['403', () => json({}, 403), 'TOKEN_REFUSED'],
    ['401 with the word for over', () => json({ error: { code: 'TOKEN_EXPIRED' } }, 401), 'TOKEN_EXPIRED'],
    ['200 with that word', () => json({ error: { code: 'TOKEN_EXPIRED' } }), 'TOKEN_EXPIRED'],
    ['an ended session of JSON-RPC', () => exception('odoo.http.SessionExpiredException', 100), 'TOKEN_EXPIRED'],
    ['AccessDenied of JSON-RPC', () => exception('odoo.exceptions.AccessDenied'), 'TOKEN_REFUSED'],
    ['a user without the tills', addonOdoo({ role: null, groups: [] }), 'TOKEN_REFUSED'],
  ])('%s is a no', async (_, answer, code) => {
    await using at = new AuthStage(answer)
    expect(await at.word(await addonToken())).toBe(code)
  })

  test('a no to a token whose own time is over says so', async () => {
    await using at = new AuthStage(() => json({}, 401))
    expect(await at.word(await addonToken({ exp: WALL / 1000 }))).toBe('TOKEN_EXPIRED')
  })

  test.each<readonly [string, Answerer]>([
    ['a page', () => new Response('<!doctype html><html><body>Welcome</body></html>')],
    ['no JSON', () => new Response('{"user":')],
    ['a list', () => json([])],
    ['nobody', () => json({})],
    ['a user without an id', () => json({ user: { name: 'x' } })],
    ['points of sale that cannot be read', () => json({ user: { id: 1 }, configs: 'all' })],
    ['a way to the sign-in page', () => new Response('', { status: 303, headers: { Location: '/web/login' } })],
    ['404', () => json({}, 404)],
    ['426', () => json({ error: { code: 'CLIENT_OUTDATED' } }, 426)],
    ['429', () => json({}, 429)],
    ['500', () => json({}, 500)],
    ['500 with a user', () => json({ user: { id: 1 } }, 500)],
    ['an error beside a user', () => json({ user: { id: 1 }, error: { code: 'ODD' } })],
    ['502', () => new Response('<html>Bad Gateway</html>', { status: 502 })],
    ['503', () => new Response('<html>maintenance</html>', { status: 503 })],
    ['an error of the server in JSON-RPC', () => exception('psycopg2.OperationalError')],
    ['an answer that never comes', () => new Promise(() => undefined)],
    ['an answer without end', () => new Response('x'.repeat(3 * 1024 * 1024))],
  ])('%s is no word against a token', async (_, answer) => {
    await using at = new AuthStage(answer)
    const token = await addonToken()
    expect(await at.word(token)).toBe('SIGN_IN_UNAVAILABLE')
    expect(at.learned).toEqual([])
    expect(at.log.text).not.toContain(token.split('.')[2] ?? token)
    expect(at.log.text.split('\n')).toHaveLength(1)
  })
})

test('a result that is no object is no user', async () => {
  await using at = new AuthStage(() => result(null))
  expect(await at.word(await addonToken())).toBe('SIGN_IN_UNAVAILABLE')
})
