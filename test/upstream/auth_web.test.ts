import { describe, expect, test } from 'bun:test'
import { MANAGER_GROUP, USER_GROUP } from '../../src/upstream/auth_user.ts'
import { type Answerer, AuthStage, EXPIRED, exception, json, result, WEB, webOdoo } from './auth_stage.ts'

const INFO = '/web/session/get_session_info'
const CALL = '/web/dataset/call_kw'

/** Like `webOdoo`, with another answer about groups. */
function withGroups(answer: Answerer, session: object = {}): Answerer {
  const base = webOdoo([], session)
  return (heard) => (heard.path === INFO ? base(heard) : answer(heard))
}

function argsOf({ heard }: AuthStage): unknown[] {
  return heard.filter(({ path }) => path === CALL).map(({ body }) => (body['params'] as { args: unknown[] }).args)
}

describe('a web session', () => {
  test('of a manager is a manager', async () => {
    await using at = new AuthStage(webOdoo([MANAGER_GROUP, USER_GROUP]))
    const identity = { subject: 'odoo:6', name: 'Marta', role: 'manager', configIds: [] } as const
    expect(await at.check(WEB)).toEqual({ ok: true, identity })
    expect(at.paths).toEqual([INFO, CALL])
    expect(at.heard.map(({ headers }) => headers.get('Cookie'))).toEqual([`session_id=${WEB}`, `session_id=${WEB}`])
    expect(at.heard.map(({ headers }) => headers.get('Authorization'))).toEqual([null, null])
    expect(at.heard.map(({ headers }) => headers.get('X-Odoo-Database'))).toEqual(['shop', 'shop'])
    expect(at.heard[1]?.body).toMatchObject({
      jsonrpc: '2.0',
      params: { model: 'res.users', method: 'has_group', args: [MANAGER_GROUP], kwargs: {} },
    })
  })

  test('of a user of the tills is a cashier', async () => {
    await using at = new AuthStage(webOdoo([USER_GROUP]))
    expect(await at.word(WEB)).toBe('cashier')
    expect(argsOf(at)).toEqual([[MANAGER_GROUP], [USER_GROUP]])
  })

  test('of anybody else is refused, and told why', async () => {
    await using at = new AuthStage(webOdoo([]))
    const checked = await at.check(WEB)
    expect(checked).toMatchObject({ ok: false, code: 'TOKEN_REFUSED' })
    expect(JSON.stringify(checked)).toContain('no access to Point of Sale')
  })

  test.each<readonly [string, Answerer, string]>([
    ['that is over', EXPIRED, 'TOKEN_EXPIRED'],
    ['that nobody is signed in to', webOdoo([], { uid: false }), 'TOKEN_EXPIRED'],
    ['of user 0', webOdoo([MANAGER_GROUP], { uid: 0 }), 'TOKEN_EXPIRED'],
    ['that is over, by its number', () => json({ error: { code: 100 } }), 'TOKEN_EXPIRED'],
    ['without a user', webOdoo([], { uid: undefined }), 'TOKEN_EXPIRED'],
    ['of another database', webOdoo([MANAGER_GROUP], { db: 'other' }), 'TOKEN_REFUSED'],
    ['that ends between two calls', withGroups(EXPIRED), 'TOKEN_EXPIRED'],
    ['of one who may not ask', withGroups(() => exception('odoo.exceptions.AccessError')), 'TOKEN_REFUSED'],
  ])('%s is refused', async (_, answer, code) => {
    await using at = new AuthStage(answer)
    expect(await at.word(WEB)).toBe(code)
    expect(at.learned).toEqual([])
  })

  test.each<readonly [string, Answerer]>([
    ['a page', () => new Response('<!doctype html><html><body>Welcome</body></html>')],
    ['a page that forbids', () => new Response('<h1>Forbidden</h1>', { status: 403 })],
    ['404', () => new Response('<h1>Not Found</h1>', { status: 404 })],
    ['503', () => json({}, 503)],
    ['JSON that is none of Odoo', () => json({ hello: 'world' })],
    ['a list', () => result([])],
    ['a database in trouble', () => exception('psycopg2.OperationalError')],
    ['neither yes nor no about the group', withGroups(() => result('yes'))],
    ['an error about the group, in both forms', withGroups(() => exception('builtins.ValueError'))],
    ['502 about the group', withGroups(() => new Response('', { status: 502 }))],
    ['an answer about the group that never comes', withGroups(() => new Promise(() => undefined))],
  ])('and %s: no word against it', async (_, answer) => {
    await using at = new AuthStage(answer)
    expect(await at.word(WEB)).toBe('SIGN_IN_UNAVAILABLE')
    expect(at.log.text).not.toContain(WEB)
  })
})

describe('has_group', () => {
  const strict = (isOfUser: boolean): Answerer =>
    withGroups(
      ({ body }) => {
        const { args } = body['params'] as { args: unknown[] }
        const fits = isOfUser ? args.length === 2 : args.length === 1
        return fits ? result(args.at(-1) === USER_GROUP) : exception('builtins.TypeError')
      },
      { server_version_info: [isOfUser ? 19 : 17, 0, 0, 'final', 0, ''] },
    )

  test('is asked of whoever asks, before 18', async () => {
    await using at = new AuthStage(strict(false))
    expect(await at.word(WEB)).toBe('cashier')
    expect(argsOf(at)).toEqual([[MANAGER_GROUP], [USER_GROUP]])
  })

  test('is asked of the user, from 18 on', async () => {
    await using at = new AuthStage(strict(true))
    expect(await at.word(WEB)).toBe('cashier')
    expect(argsOf(at)).toEqual([
      [[6], MANAGER_GROUP],
      [[6], USER_GROUP],
    ])
  })

  test.each([
    [
      'a later one that hides its version',
      true,
      { server_version_info: undefined },
      [[MANAGER_GROUP], [[6], MANAGER_GROUP]],
    ],
    ['a name of the cloud', true, { server_version_info: ['saas~19', 1] }, [[[6], MANAGER_GROUP]]],
    ['an early one that lies', false, { server_version_info: [19, 0] }, [[[6], MANAGER_GROUP], [MANAGER_GROUP]]],
  ])('is asked in the other form where one is not understood: %s', async (_, isOfUser, session, asked) => {
    const inner = strict(isOfUser)
    const info = webOdoo([], session)
    await using at = new AuthStage((heard) => (heard.path === INFO ? info(heard) : inner(heard)))
    expect(await at.word(WEB)).toBe('cashier')
    expect(argsOf(at).slice(0, asked.length)).toEqual(asked)
  })
})
