import { describe, expect, test } from 'bun:test'
import { verify } from 'hono/jwt'
import { ACCESS, at, createStand, SALE, type Stand, saleOf } from '../support/demo.ts'

const PREFIX = '/pos-api/v1'

async function signIn(stand: Stand, login = 'admin', prefix = PREFIX) {
  const password = login === 'admin' ? ACCESS.password : ACCESS.staffPassword
  const { body } = await stand.post(`${prefix}/auth/login`, { login, password })
  const [access, refresh] = [String(at(body, 'access_token')), String(at(body, 'refresh_token'))]
  return { body, access, refresh, headers: { Authorization: `Bearer ${access}` } }
}

describe('signing in', () => {
  test('gives tokens that whoever has the secret can check', async () => {
    const { access } = await signIn(createStand({ now: Date.now }), 'ana')
    const claims = await verify(access, ACCESS.tokenSecret, 'HS256')
    expect(claims).toMatchObject({ sub: '7', name: 'Ana Cashier', role: 'cashier' })
    expect(Object.keys(claims)).not.toContain('password')
  })

  test.each([{ login: 'admin', password: 'wrong' }, { login: 'nobody', password: ACCESS.password }, {}])(
    '%j is refused',
    async (body) => {
      const heard = await createStand().post(`${PREFIX}/auth/login`, body)
      expect(heard).toMatchObject({ status: 401, body: { error: { code: 'INVALID_CREDENTIALS' } } })
    },
  )

  test('an access token ends, and a refresh token gives a new one', async () => {
    const stand = createStand({ rest: { accessTokenSeconds: 60 } })
    const { headers, refresh, body } = await signIn(stand)
    expect(at(body, 'expires_in')).toBe(60)
    stand.clock.now += 59_999
    expect((await stand.post(`${PREFIX}/bootstrap`, {}, headers)).status).toBe(200)
    stand.clock.now += 1
    const late = await stand.post(`${PREFIX}/hub/finalize`, { snapshot: SALE }, headers)
    expect(late).toMatchObject({ status: 401, body: { error: { code: 'TOKEN_EXPIRED' } } })
    const renewed = await stand.post(`${PREFIX}/auth/refresh`, { refresh_token: refresh })
    const again = { Authorization: `Bearer ${String(at(renewed.body, 'access_token'))}` }
    expect((await stand.post(`${PREFIX}/hub/finalize`, { snapshot: SALE }, again)).status).toBe(200)
  })

  test('one kind of token does not do for the other', async () => {
    const stand = createStand()
    const { access, refresh } = await signIn(stand)
    const swapped = { Authorization: `Bearer ${refresh}` }
    expect((await stand.post(`${PREFIX}/bootstrap`, {}, swapped)).status).toBe(401)
    expect((await stand.post(`${PREFIX}/auth/refresh`, { refresh_token: access })).status).toBe(401)
  })

  test.each([
    ['a changed password', (stand: Stand) => stand.odoo.changePassword('admin', 'new')],
    ['an end of all sign-ins', (stand: Stand) => stand.odoo.expireSignIns()],
  ])('%s voids both tokens', async (_, change) => {
    const stand = createStand()
    const { headers, refresh } = await signIn(stand)
    change(stand)
    expect((await stand.post(`${PREFIX}/bootstrap`, {}, headers)).status).toBe(401)
    expect((await stand.post(`${PREFIX}/auth/refresh`, { refresh_token: refresh })).status).toBe(401)
  })

  test.each(['', 'x', 'a.b.c'])('the token "%s" opens nothing', async (token) => {
    const stand = createStand()
    expect((await stand.post(`${PREFIX}/bootstrap`, {}, { Authorization: `Bearer ${token}` })).status).toBe(401)
  })

  test('nor does one that somebody else signed', async () => {
    const { headers } = await signIn(createStand({ tokenSecret: 'another-secret' }))
    expect((await createStand().post(`${PREFIX}/bootstrap`, {}, headers)).status).toBe(401)
  })
})

test('the hub finalizes and sends batches', async () => {
  const stand = createStand()
  const { headers } = await signIn(stand)
  const made = await stand.post(`${PREFIX}/hub/finalize`, { snapshot: SALE }, headers)
  expect(made).toMatchObject({ status: 200, body: { status: 'ok', order_id: 1, created: true } })
  const sent = await stand.post(
    `${PREFIX}/hub/batch-sync`,
    { snapshots: [{ ...saleOf('b'), status: 'paid' }] },
    headers,
  )
  expect(sent.body).toMatchObject({ results: [{ pos_reference: 'b', status: 'ok', order_id: 2 }] })
})

test.each([
  ['/hub/finalize', {}, 400],
  ['/hub/finalize', '{', 400],
  ['/hub/batch-sync', { snapshots: 1 }, 400],
  ['/hub/nope', {}, 404],
])('%s with %j: %i', async (path, body, status) => {
  const stand = createStand()
  const { headers } = await signIn(stand)
  expect((await stand.post(`${PREFIX}${path}`, body, headers)).status).toBe(status)
})

test('bootstrap says who asks, and where the hub is', async () => {
  const stand = createStand({ rest: { hubUrl: 'ws://hub.local:8787' } })
  const { headers } = await signIn(stand, 'luis')
  const { body } = await stand.post(`${PREFIX}/bootstrap`, {}, headers)
  expect(body).toEqual({
    user: { id: 8, name: 'Luis Waiter', login: 'luis', role: 'waiter', groups: ['point_of_sale.group_pos_user'] },
    config: { nu_hub_enabled: true, nu_hub_url: 'ws://hub.local:8787' },
  })
})

test('a terminal on the direct road saves an order, pays it, and sees what others changed', async () => {
  const stand = createStand()
  const { headers } = await signIn(stand, 'ana')
  await stand.post(`${PREFIX}/orders`, { snapshot: saleOf('a') }, headers)
  stand.clock.now += 1_000
  const since = stand.clock.now
  await stand.post(`${PREFIX}/orders`, { snapshot: saleOf('b') }, headers)
  await stand.post(`${PREFIX}/hub/finalize`, { snapshot: saleOf('b') }, headers)
  const all = await stand.get(`${PREFIX}/orders`, headers)
  expect(all.body).toMatchObject({
    now: since,
    orders: [{ posReference: 'a', state: 'draft', snapshot: saleOf('a') }, {}],
  })
  const changed = await stand.get(`${PREFIX}/orders?since=${since}`, headers)
  expect(at(changed.body, 'orders')).toMatchObject([{ posReference: 'b', state: 'paid', orderId: 2, changedAt: since }])
})

test('whoever has no right to the till signs in, and may do nothing', async () => {
  const stand = createStand()
  const { headers } = await signIn(stand, 'portal')
  expect((await stand.post(`${PREFIX}/hub/finalize`, { snapshot: SALE }, headers)).status).toBe(403)
})

test('the prefix can be another one', async () => {
  const stand = createStand({ rest: { prefix: '/pos-react/api' } })
  expect((await signIn(stand, 'admin', '/pos-react/api')).access).not.toBe('undefined')
  expect((await stand.post(`${PREFIX}/auth/login`, {})).status).toBe(404)
})

test('an app that is too old hears of it', async () => {
  const stand = createStand()
  const { headers } = await signIn(stand)
  stand.odoo.faults.next('client_outdated')
  const heard = await stand.post(`${PREFIX}/hub/finalize`, { snapshot: SALE }, headers)
  expect(heard).toMatchObject({ status: 426, body: { error: { code: 'CLIENT_OUTDATED' } } })
  expect(stand.odoo.orders()).toHaveLength(0)
})
