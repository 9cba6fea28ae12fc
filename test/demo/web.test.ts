import { describe, expect, test } from 'bun:test'
import { ACCESS, at, createStand, finalize, resultOf, SALE, type Stand } from '../support/demo.ts'

function call(params: object): object {
  return { jsonrpc: '2.0', method: 'call', id: 5, params }
}

async function openSession(stand: Stand, login = 'ana') {
  const password = login === 'admin' ? ACCESS.password : ACCESS.staffPassword
  const { headers, body } = await stand.post('/web/session/authenticate', call({ db: 'demo', login, password }))
  return { body, cookie: { Cookie: `theme=dark; ${String(headers['Set-Cookie']).split(';')[0]}` } }
}

const INFO = '/web/session/get_session_info'

describe('a web session', () => {
  test('says whose it is', async () => {
    const stand = createStand()
    const { body, cookie } = await openSession(stand)
    const whose = { uid: 7, name: 'Ana Cashier', username: 'ana', db: 'demo', is_admin: false }
    expect(resultOf(body)).toMatchObject(whose)
    expect(resultOf((await stand.post(INFO, call({}), cookie)).body)).toMatchObject(whose)
  })

  test.each([
    ['no cookie', {}],
    ['a strange cookie', { Cookie: 'session_id=nonsense' }],
  ])('with %s has expired, as Odoo says it', async (_, headers) => {
    const { status, body } = await createStand().post(INFO, call({}), { ...headers })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: 5,
      error: { code: 100, message: 'Odoo Session Expired', data: { name: 'odoo.http.SessionExpiredException' } },
    })
  })

  test.each([
    ['a changed password', (stand: Stand) => stand.odoo.changePassword('ana', 'new')],
    ['an end of all sign-ins', (stand: Stand) => stand.odoo.expireSignIns()],
  ])('ends with %s', async (_, change) => {
    const stand = createStand()
    const { cookie } = await openSession(stand)
    change(stand)
    expect(at((await stand.post(INFO, call({}), cookie)).body, 'error', 'code')).toBe(100)
  })

  test.each([
    ['admin', 'point_of_sale.group_pos_manager', true],
    ['manager', 'point_of_sale.group_pos_manager', true],
    ['ana', 'point_of_sale.group_pos_manager', false],
    ['luis', 'point_of_sale.group_pos_user', true],
    ['portal', 'point_of_sale.group_pos_user', false],
  ])('of %s, has_group %s: %p, with and without ids', async (login, group, has) => {
    const stand = createStand()
    const { cookie } = await openSession(stand, login)
    for (const args of [[group], [[2], group]]) {
      const params = { model: 'res.users', method: 'has_group', args, kwargs: {} }
      const { body } = await stand.post('/web/dataset/call_kw/res.users/has_group', call(params), cookie)
      expect(resultOf(body)).toBe(has)
    }
  })
})

test.each([
  [12, { result: { uid: false } }],
  [14, { error: { code: 200, data: { name: 'odoo.exceptions.AccessDenied' } } }],
  [19, { error: { code: 0, data: { name: 'odoo.exceptions.AccessDenied' } } }],
] as const)('series %i refuses a wrong password in its own way', async (series, wanted) => {
  const params = { db: 'demo', login: 'ana', password: 'wrong' }
  const { body, headers } = await createStand({ series }).post('/web/session/authenticate', call(params))
  expect(body).toMatchObject(wanted)
  expect(headers['Set-Cookie']).toBeUndefined()
})

describe('pages for people', () => {
  test('show the sales that arrived, in the language of the browser', async () => {
    const stand = createStand()
    await finalize(stand, { ...SALE, posReference: '<b>&"' })
    const { status, text, headers } = await stand.get('/')
    expect(status).toBe(200)
    expect(headers['Content-Type']).toStartWith('text/html')
    for (const part of ['This is a stand-in, not Odoo.', 'E310000000001', '100.00']) expect(text).toContain(part)
    const titleFor = async (languages: string) => {
      const page = await stand.get('/', { 'accept-language': languages })
      return /<html lang="(..)">.*<h1>(.*?)<\/h1>/s.exec(page.text)?.slice(1)
    }
    const spanish = ['es', 'Un sustituto de Odoo']
    const english = ['en', 'A stand-in for Odoo']
    expect(await titleFor('es-DO,es;q=0.9,en;q=0.8')).toEqual(spanish)
    expect(await titleFor('fr-HT,fr;q=0.9,es;q=0.5')).toEqual(spanish)
    expect(await titleFor('en-US,en;q=0.9,es;q=0.8')).toEqual(english)
    expect(await titleFor('zh-CN')).toEqual(english)
    expect(text).toContain('&lt;b&gt;&amp;&quot;')
    expect(text).not.toContain('<b>')
  })

  test.each(['/web/login', '/web/database/selector'])('%s is one', async (path) => {
    const { status, headers } = await createStand().get(path)
    expect([status, headers['Content-Type']]).toEqual([200, 'text/html; charset=utf-8'])
  })

  test('anything else is not found', async () => {
    expect((await createStand().get('/nope')).status).toBe(404)
  })
})
