import { describe, expect, test } from 'bun:test'
import type { HttpFailure, HttpReply } from '../../src/upstream/http.ts'
import { type Call, lost, MADE, order, reply, short, stage } from './road.ts'
import { realStage } from './server.ts'

const TOKENS = { access_token: 'access-1', refresh_token: 'refresh-1' }
const EXPIRED = reply({ status: 401, body: { error: { code: 'TOKEN_EXPIRED', message: 'expired' } } })

type Says = (call: Call, count: number) => HttpReply | HttpFailure

/** The add-on, which gives access-1, access-2 and so on, and takes calls as `says` decides. */
function addon(says: Says, refresh: Says = () => reply({ body: { access_token: 'access-r' } })) {
  let logins = 0
  return stage({ api: 'rest' }, (call, count) => {
    if (call.path.endsWith('/auth/login')) {
      logins++
      return reply({ body: { access_token: `access-${logins}`, refresh_token: `refresh-${logins}` } })
    }
    return call.path.endsWith('/auth/refresh') ? refresh(call, count) : says(call, count)
  })
}

function tokenOf({ headers }: Call): string {
  return headers['Authorization'] ?? ''
}

function pathsOf(calls: readonly Call[]): readonly string[] {
  return calls.map(({ path }) => path.replace('/pos-api/v1', ''))
}

describe('over a real wire', () => {
  test('it sends what the add-on expects, and the snapshot as it came', async () => {
    await using there = realStage({ api: 'rest', restPrefix: '/pos-react/api' }, (path) => {
      if (path.endsWith('/login')) return Response.json(TOKENS)
      return Response.json(path.endsWith('/finalize') ? MADE : { results: [] })
    })
    const snapshot = '{"__proto__":1,"n":9007199254740993}'
    expect(await there.road.finalize(order('A-1', snapshot))).toMatchObject({ kind: 'made', orderId: 41 })
    await there.road.batch([order('A-1', '{}', null), order('A-2', '{}', null)])
    expect(await there.road.look(['A-1'])).toEqual({ kind: 'cannot' })
    expect(await there.road.list(0, 0)).toEqual({ kind: 'cannot' })
    expect(await there.road.probe()).toEqual({ kind: 'probed', failure: null })
    const hub = { 'content-type': 'application/json', 'x-device-id': 'hub-1', 'x-app-version': '0.1.0' }
    const headers = { ...hub, 'x-odoo-database': 'shop' }
    const signed = { ...headers, authorization: 'Bearer access-1' }
    expect(there.seen).toEqual([
      { line: 'POST /pos-react/api/auth/login', headers, body: '{"login":"hub","password":"secret-password"}' },
      {
        line: 'POST /pos-react/api/hub/finalize',
        headers: signed,
        body: '{"snapshot":{"posReference":"A-1","configId":3,"__proto__":1,"n":9007199254740993}}',
      },
      {
        line: 'POST /pos-react/api/hub/batch-sync',
        headers: signed,
        body: '{"snapshots":[{"posReference":"A-1"},{"posReference":"A-2"}]}',
      },
      { line: 'POST /pos-react/api/hub/batch-sync', headers: signed, body: '{"snapshots":[]}' },
    ])
  })
})

describe('a token', () => {
  test('is asked for once by calls at the same time', async () => {
    const { road, calls } = addon(() => reply({ body: MADE }))
    await Promise.all([road.finalize(order()), road.finalize(order()), road.finalize(order())])
    expect(pathsOf(calls)).toEqual(['/auth/login', '/hub/finalize', '/hub/finalize', '/hub/finalize'])
  })

  test('that expired is renewed, and the call made again', async () => {
    const { road, calls } = addon((call) => (tokenOf(call) === 'Bearer access-r' ? reply({ body: MADE }) : EXPIRED))
    expect(await road.finalize(order())).toMatchObject({ kind: 'made' })
    expect(pathsOf(calls)).toEqual(['/auth/login', '/hub/finalize', '/auth/refresh', '/hub/finalize'])
    expect(calls[2]?.body).toEqual({ refresh_token: 'refresh-1' })
    expect(await road.finalize(order())).toMatchObject({ kind: 'made' })
    expect(calls).toHaveLength(5)
  })

  test('that cannot be renewed is asked for anew', async () => {
    const { road, calls } = addon(
      (call) => (tokenOf(call) === 'Bearer access-2' ? reply({ body: MADE }) : EXPIRED),
      () => EXPIRED,
    )
    expect(await road.finalize(order())).toMatchObject({ kind: 'made' })
    expect(pathsOf(calls)).toEqual(['/auth/login', '/hub/finalize', '/auth/refresh', '/auth/login', '/hub/finalize'])
  })

  test('is renewed once a call, then the sign-in is at fault', async () => {
    const { road, calls } = addon(() => EXPIRED)
    const answer = await road.finalize(order())
    expect(answer.kind === 'failed' && short(answer.failure)).toBe('SIGN_IN unauthorised server')
    expect(pathsOf(calls)).toEqual(['/auth/login', '/hub/finalize', '/auth/refresh', '/hub/finalize'])
    await road.finalize(order())
    expect(pathsOf(calls).slice(4)).toEqual(['/auth/login', '/hub/finalize', '/auth/refresh', '/hub/finalize'])
  })

  test('whose renewal got no answer is kept', async () => {
    let isAway = true
    const { road, calls } = addon(
      (call) => (tokenOf(call) === 'Bearer access-r' ? reply({ body: MADE }) : EXPIRED),
      () => (isAway ? lost('timeout') : reply({ body: { access_token: 'access-r' } })),
    )
    const answer = await road.finalize(order())
    expect(answer.kind === 'failed' && short(answer.failure)).toBe('TIMEOUT ambiguous call')
    isAway = false
    expect(await road.finalize(order())).toMatchObject({ kind: 'made' })
    expect(pathsOf(calls).filter((path) => path === '/auth/login')).toHaveLength(1)
  })

  test.each([
    [{ status: 401, body: { error: { message: 'Wrong login/password' } } }, 'SIGN_IN', 'Odoo does not let the hub'],
    [{ status: 200, body: { status: 'error', error: { message: 'Wrong' } } }, 'SIGN_IN', 'no access_token'],
    [{ status: 400, body: { message: 'missing login' } }, 'SIGN_IN', 'missing login'],
    [{ status: 403, body: '<html>' }, 'SIGN_IN', 'HTTP 403'],
    [{ status: 200, body: { access_token: 'a b' } }, 'SIGN_IN', 'no access_token'],
    [{ status: 200, body: { access_token: 'x'.repeat(7_000) } }, 'SIGN_IN', 'no access_token'],
    [{ status: 404, body: '<html>' }, 'ADDON_MISSING', 'HTTP 404'],
    [{ status: 426, body: { code: 'CLIENT_OUTDATED', message: 'update' } }, 'CLIENT_OUTDATED', 'update'],
  ])('is not given: %j', async (said, code, text) => {
    const { road, calls } = stage({ api: 'rest' }, () => reply(said))
    const { failure } = await road.probe()
    expect(failure).toMatchObject({ code, scope: 'server', text: expect.stringContaining(text) })
    expect(failure?.kind).not.toBe('refused')
    expect(calls).toHaveLength(1)
  })

  test.each([
    [{ user: null }, 'ODOO_USER is not set'],
    [{ password: null, apiKey: 'key' }, 'ODOO_PASSWORD is not set'],
  ])('needs more than %j', async (settings, text) => {
    const { road, calls } = stage({ api: 'rest', ...settings }, () => reply({ body: TOKENS }))
    expect((await road.probe()).failure?.text).toContain(text)
    expect(calls).toEqual([])
  })
})

describe('an answer', () => {
  test.each([
    [MADE],
    [{ result: MADE }],
    [{ data: MADE }],
    [{ success: true, data: MADE }],
    [{ jsonrpc: '2.0', id: null, result: MADE }],
    [{ jsonrpc: '2.0', id: null, result: { data: MADE } }],
  ])('is taken out of %j', async (body) => {
    const { road } = addon(() => reply({ body }))
    expect(await road.finalize(order())).toMatchObject({ kind: 'made', orderId: 41 })
  })

  test.each([[[{ ...MADE }]], [{ results: [MADE] }], [{ data: { results: [MADE] } }], [{ result: [MADE] }]])(
    'to a batch is taken out of %j',
    async (body) => {
      const { road } = addon(() => reply({ body }))
      const answer = await road.batch([order()])
      expect(answer.kind === 'batched' && answer.results.get('A-1')).toMatchObject({ kind: 'made', orderId: 41 })
    },
  )

  test.each([
    [{ status: 200, body: { error: { code: 'NO_OPEN_SESSION', message: 'x' } } }, 'NO_OPEN_SESSION waiting call'],
    [{ status: 409, body: { error: { code: 'NO_OPEN_SESSION', message: 'x' } } }, 'NO_OPEN_SESSION waiting call'],
    [{ status: 503, body: { code: 'NO_OPEN_SESSION', message: 'x' } }, 'NO_OPEN_SESSION waiting call'],
    [{ status: 426, body: { code: 'CLIENT_OUTDATED', message: 'x' } }, 'CLIENT_OUTDATED refused call'],
    [{ status: 422, body: { error: { code: 'CLOSED_PERIOD', message: 'x' } } }, 'CLOSED_PERIOD refused call'],
    [{ status: 422, body: { error: 'unknown product' } }, 'VALIDATION refused call'],
    [{ status: 400, body: { message: 'unknown product' } }, 'VALIDATION refused call'],
    [{ status: 403, body: { error: { message: 'no right' } } }, 'ACCESS unauthorised server'],
    [{ status: 404, body: { error: { message: 'no route' } } }, 'ADDON_MISSING transient server'],
    [{ status: 429, body: { error: { message: 'slow down' } } }, 'RATE_LIMITED transient server'],
    [{ status: 500, body: { error: { message: 'x' } } }, 'SERVER_ERROR ambiguous call landed'],
    [{ status: 500, body: { error: { type: 'ValidationError', message: 'x' } } }, 'VALIDATION refused call'],
    [{ status: 200, body: { jsonrpc: '2.0', error: { data: { name: 'x.UserError' } } } }, 'VALIDATION refused call'],
    [{ status: 200, body: '<html>hello' }, 'NOT_ODOO transient server landed'],
    [{ status: 200, body: '{"status": "ok", "order' }, 'BAD_JSON ambiguous call landed'],
  ])('is a failure: %j', async (said, meaning) => {
    const answer = await addon(() => reply(said)).road.finalize(order())
    expect(answer.kind === 'failed' && short(answer.failure)).toBe(meaning)
  })

  test('of a conflict may have a status of its own', async () => {
    const { road } = addon(() => reply({ status: 409, body: { status: 'conflict', order_id: 7 } }))
    expect(await road.finalize(order())).toMatchObject({ kind: 'conflict', orderId: 7 })
  })

  test('that quotes a secret is shown without it', async () => {
    const message = 'bad login hub / secret-password with access-1 and refresh-1'
    const { road, log } = addon(() => reply({ status: 422, body: { message } }))
    const answer = await road.finalize(order())
    expect(answer.kind === 'failed' && answer.failure.text).toContain('bad login hub / *** with *** and ***')
    expect(log.text).not.toContain('secret-password')
  })
})

test('a lost answer is not asked for again', async () => {
  const { road, calls } = addon(() => lost('lost'))
  const answer = await road.finalize(order())
  expect(answer.kind === 'failed' && short(answer.failure)).toBe('CONNECTION_LOST ambiguous call landed')
  expect(calls).toHaveLength(2)
})
