import { describe, expect, test } from 'bun:test'
import type { HttpFailure, HttpReply } from '../../src/upstream/http.ts'
import { argumentsOf, fault, lost, MADE, methodOf, order, reply, result, short, signedIn, stage } from './road.ts'
import { realStage } from './server.ts'

const DENIED = fault('odoo.exceptions.AccessDenied', 'Access Denied')

function rpc(id: number, params: string): string {
  return `{"jsonrpc":"2.0","method":"call","id":${id},"params":${params}}`
}

function execute(id: number, rest: string): string {
  return rpc(id, `{"service":"object","method":"execute_kw","args":["shop",2,"secret-password",${rest}]}`)
}

describe('over a real wire', () => {
  test('it sends what Odoo expects, and the snapshot as it came', async () => {
    await using there = realStage({ api: 'jsonrpc' }, (_, count) =>
      Response.json({ jsonrpc: '2.0', id: count, result: count === 1 ? 2 : count === 2 ? MADE : [] }),
    )
    const snapshot = '{"__proto__":1,"posReference":"x","n":9007199254740993}'
    expect(await there.road.finalize(order('A-1', snapshot))).toMatchObject({ kind: 'made', orderId: 41 })
    await there.road.batch([order('A-1'), order('A-2', '{}', null)])
    await there.road.look(['A-1', 'Ñ"2'])
    await there.road.list(Date.UTC(2026, 10, 22, 7, 8, 9), 500)
    await there.road.probe()
    expect(there.road.api()).toBe('jsonrpc')
    expect(new Set(there.seen.map(({ line }) => line))).toEqual(new Set(['POST /jsonrpc']))
    expect(there.seen[0]?.headers).toEqual({ 'content-type': 'application/json' })
    const fields = '"fields":["id","pos_reference","state","amount_total","config_id"]'
    expect(there.seen.map(({ body }) => body)).toEqual([
      rpc(1, '{"service":"common","method":"authenticate","args":["shop","hub","secret-password",{}]}'),
      execute(
        2,
        '"pos.order","hub_finalize_snapshot",[{"configId":3,"__proto__":1,"posReference":"A-1","n":9007199254740993}],{}',
      ),
      execute(
        3,
        '"pos.order","hub_batch_sync",[[{"posReference":"A-1","configId":3,"lines":[]},{"posReference":"A-2"}]],{}',
      ),
      execute(
        4,
        `"pos.order","search_read",[[["pos_reference","in",["A-1","Ñ\\"2"]]]],{${fields},"order":"id asc","offset":0,"limit":1000}`,
      ),
      execute(
        5,
        `"pos.order","search_read",[[["date_order",">=","2026-11-22 07:08:09"]]],{${fields},"order":"date_order asc, id asc","offset":500,"limit":500}`,
      ),
      execute(6, '"pos.order","hub_batch_sync",[[]],{}'),
    ])
  })
})

describe('signing in', () => {
  test('is done once for calls at the same time', async () => {
    const { road, calls } = stage(
      { api: 'jsonrpc' },
      signedIn(() => result(MADE)),
    )
    const answers = await Promise.all([road.finalize(order()), road.finalize(order()), road.finalize(order())])
    expect(answers.map(({ kind }) => kind)).toEqual(['made', 'made', 'made'])
    expect(calls.filter((call) => methodOf(call) === 'common.authenticate')).toHaveLength(1)
  })

  test('is done with the API key, where there is one', async () => {
    const { road, calls } = stage(
      { api: 'jsonrpc', apiKey: 'the-key' },
      signedIn(() => result(MADE)),
    )
    await road.finalize(order())
    expect(calls.map((call) => argumentsOf(call)[2])).toEqual(['the-key', 'the-key'])
  })

  test('is done once more when Odoo denies a call, and then the call is made again', async () => {
    let denied = 0
    const { road, calls } = stage(
      { api: 'jsonrpc' },
      signedIn(() => (denied++ === 0 ? DENIED : result(MADE))),
    )
    expect(await road.finalize(order())).toMatchObject({ kind: 'made' })
    expect(calls.map(methodOf)).toEqual([
      'common.authenticate',
      'hub_finalize_snapshot',
      'common.authenticate',
      'hub_finalize_snapshot',
    ])
  })

  test('is not tried a third time', async () => {
    const { road, calls } = stage(
      { api: 'jsonrpc' },
      signedIn(() => DENIED),
    )
    const answer = await road.finalize(order())
    expect(answer.kind === 'failed' && short(answer.failure)).toBe('SIGN_IN unauthorised server')
    expect(calls).toHaveLength(4)
    await road.finalize(order())
    expect(calls).toHaveLength(8)
  })

  test('a changed password is told after one new try', async () => {
    let signIns = 0
    const { road, calls } = stage({ api: 'jsonrpc' }, (call) =>
      methodOf(call) === 'common.authenticate' ? result(signIns++ === 0 ? 2 : false) : DENIED,
    )
    const answer = await road.finalize(order())
    expect(answer.kind === 'failed' && answer.failure.text).toContain('does not know this user and password in shop')
    expect(calls).toHaveLength(3)
  })

  test.each([
    [{ user: null }, 'ODOO_USER is not set'],
    [{ password: null }, 'neither ODOO_PASSWORD nor ODOO_API_KEY is set'],
  ])('needs %j', async (settings, text) => {
    const { road, calls } = stage({ api: 'jsonrpc', ...settings }, () => result(2))
    const { failure } = await road.probe()
    expect(failure).toMatchObject({ code: 'SIGN_IN', text: expect.stringContaining(text) })
    expect(calls).toEqual([])
  })

  test.each([
    [lost('timeout'), 'TIMEOUT ambiguous call'],
    [lost('lost'), 'CONNECTION_LOST ambiguous call'],
    [reply({ status: 502, body: '' }), 'BAD_GATEWAY transient server'],
    [reply({ status: 500, body: '' }), 'SERVER_ERROR ambiguous call'],
  ])('that got no answer leaves nothing that may have landed: %j', async (said, meaning) => {
    const { road } = stage({ api: 'jsonrpc' }, () => said)
    const answer = await road.finalize(order())
    expect(answer.kind === 'failed' && short(answer.failure)).toBe(meaning)
  })
})

describe('without a name of the database', () => {
  const withList = (list: HttpReply | HttpFailure) =>
    stage({ api: 'jsonrpc', db: null }, (call) => {
      if (methodOf(call) === 'db.list') return list
      return methodOf(call) === 'common.authenticate' ? result(2) : result(MADE)
    })

  test('the only one is used', async () => {
    const { road, calls } = withList(result(['only']))
    expect(await road.finalize(order())).toMatchObject({ kind: 'made' })
    expect(calls.map((call) => argumentsOf(call)[0])).toEqual([undefined, 'only', 'only'])
  })

  test.each([
    [result(['a', 'b']), 'WRONG_DATABASE', 'ODOO_DB is not set, and the server has several databases'],
    [result([]), 'WRONG_DATABASE', 'does not list its databases'],
    [fault('odoo.exceptions.AccessDenied', 'Access Denied'), 'WRONG_DATABASE', 'does not list its databases'],
    [lost('unreachable', false), 'CONNECTION_REFUSED', 'take connections'],
  ])('%j is said', async (list, code, text) => {
    const { failure } = await withList(list).road.probe()
    expect(failure).toMatchObject({ code, text: expect.stringContaining(text) })
  })
})

test('a way that was chosen is not left', async () => {
  const { road, calls } = stage({ api: 'jsonrpc' }, () => reply({ status: 404, body: '<html>' }))
  expect((await road.probe()).failure?.code).toBe('NOT_ODOO')
  await road.probe()
  expect(calls.map(({ path }) => path)).toEqual(['/jsonrpc', '/jsonrpc'])
})
