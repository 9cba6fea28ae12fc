import { describe, expect, test } from 'bun:test'
import { ACCESS, at, createStand, finalize, NOON, resultOf, rpc, rpcCommon, SALE, saleOf } from '../support/demo.ts'

type Stand = ReturnType<typeof createStand>

async function search(stand: Stand, domain: readonly unknown[], kwargs: object = {}): Promise<unknown> {
  const { body } = await stand.post('/jsonrpc', rpc('search_read', [domain], { kwargs }))
  return resultOf(body)
}

async function idsOf(stand: Stand, domain: readonly unknown[], kwargs: object = {}): Promise<unknown> {
  const rows = await search(stand, domain, kwargs)
  return Array.isArray(rows) ? rows.map((row) => at(row, 'id')) : rows
}

describe('signing in', () => {
  test.each([
    ['admin', ACCESS.password, 2],
    ['admin', ACCESS.apiKey, 2],
    ['ana', ACCESS.staffPassword, 7],
    ['ana', ACCESS.apiKey, false],
    ['ana', ACCESS.password, false],
    ['nobody', ACCESS.password, false],
  ])('%s with %s: %p', async (login, password, uid) => {
    const { body } = await createStand().post(
      '/jsonrpc',
      rpcCommon('common', 'authenticate', ['demo', login, password, {}]),
    )
    expect(resultOf(body)).toBe(uid)
  })

  test('an old password opens nothing after it was changed', async () => {
    const stand = createStand()
    expect(await finalize(stand, SALE)).toMatchObject({ status: 'ok' })
    stand.odoo.changePassword('admin', 'new')
    const { body } = await stand.post('/jsonrpc', rpc('hub_finalize_snapshot', [SALE]))
    expect(at(body, 'error', 'data', 'name')).toBe('odoo.exceptions.AccessDenied')
    const again = await stand.post('/jsonrpc', rpc('hub_finalize_snapshot', [SALE], { password: 'new' }))
    expect(resultOf(again.body)).toMatchObject({ status: 'ok', created: false })
  })

  test('a call for another database is refused before its password is looked at', async () => {
    const args = ['nodb', 2, ACCESS.password, 'pos.order', 'hub_finalize_snapshot', [SALE], {}]
    const { body } = await createStand().post('/jsonrpc', rpcCommon('object', 'execute_kw', args))
    expect(at(body, 'error', 'data', 'name')).toBe('psycopg2.OperationalError')
  })

  test('anybody may ask for the version and the databases', async () => {
    const stand = createStand({ series: 14 })
    const version = await stand.post('/jsonrpc', rpcCommon('common', 'version', []))
    expect(resultOf(version.body)).toMatchObject({ server_serie: '14.0', protocol_version: 1 })
    expect(resultOf((await stand.post('/jsonrpc', rpcCommon('db', 'list', []))).body)).toEqual(['demo'])
  })
})

describe('searching', () => {
  async function shop(): Promise<Stand> {
    const stand = createStand()
    await finalize(stand, { ...saleOf('a'), uuid: 'u-a' })
    stand.clock.now += 60_000
    await finalize(stand, { ...saleOf('b'), configId: 2 })
    stand.clock.now += 60_000
    await stand.post('/jsonrpc', rpc('hub_batch_sync', [[{ ...saleOf('c'), configId: 3, status: 'open' }]]))
    return stand
  }

  test.each([
    [[], [3, 2, 1]],
    [[['pos_reference', '=', 'b']], [2]],
    [[['pos_reference', 'in', ['a', 'c', 'z']]], [3, 1]],
    [[['state', 'in', ['paid', 'done']]], [2, 1]],
    [[['state', 'not in', ['paid', 'done']]], [3]],
    [[['config_id', '=', 2]], [2]],
    [[['config_id', 'in', [1, 3]]], [3, 1]],
    [[['date_order', '>=', '2026-11-22 12:01:00']], [3, 2]],
    [[['write_date', '>', '2026-11-22 12:01:00']], [3]],
    [
      [
        ['id', '>', 1],
        ['id', '<', 3],
      ],
      [2],
    ],
    [
      ['&', ['id', '!=', 1], ['uuid', '=', false]],
      [3, 2],
    ],
    [[['uuid', '=', 'u-a']], [1]],
  ])('%j finds %j', async (domain, ids) => {
    expect(await idsOf(await shop(), domain)).toEqual(ids)
  })

  test('sorts, and goes page by page', async () => {
    const stand = await shop()
    expect(await idsOf(stand, [], { order: 'date_order asc, id asc' })).toEqual([1, 2, 3])
    expect(await idsOf(stand, [], { order: 'config_id desc', limit: 2 })).toEqual([3, 2])
    expect(await idsOf(stand, [], { order: 'id asc', limit: 2, offset: 2 })).toEqual([3])
  })

  test('gives the fields that were asked for, and the id', async () => {
    const fields = ['pos_reference', 'state', 'amount_total', 'config_id', 'date_order', 'write_date', 'uuid']
    expect(await search(await shop(), [['id', '=', 1]], { fields })).toEqual([
      {
        id: 1,
        pos_reference: 'a',
        state: 'paid',
        amount_total: 100,
        config_id: [1, 'Restaurant 1'],
        date_order: new Date(NOON).toISOString().slice(0, 19).replace('T', ' '),
        write_date: '2026-11-22 12:00:00',
        uuid: 'u-a',
      },
    ])
  })

  test.each([
    [[['id', 'like', 1]], {}],
    [[['id', 'in', 1]], {}],
    [['|', ['id', '=', 1]], {}],
    ['nonsense', {}],
    [[], { fields: ['nofield'] }],
  ])('%j with %j is a ValueError', async (domain, kwargs) => {
    const { body } = await (await shop()).post('/jsonrpc', rpc('search_read', [domain], { kwargs }))
    expect(at(body, 'error', 'data', 'name')).toBe('builtins.ValueError')
  })

  test('counts', async () => {
    const { body } = await (await shop()).post('/jsonrpc', rpc('search_count', [[['state', '=', 'paid']]]))
    expect(resultOf(body)).toBe(2)
  })

  test('knows which sessions are open', async () => {
    const stand = createStand()
    stand.odoo.closeSession(2)
    const domain = [
      ['state', '=', 'opened'],
      ['config_id', 'in', [1, 2]],
    ]
    const call = rpc('search_read', [domain], { model: 'pos.session', kwargs: { fields: ['config_id'] } })
    const { body } = await stand.post('/jsonrpc', call)
    expect(resultOf(body)).toEqual([{ id: 1, config_id: [1, 'Restaurant 1'] }])
  })
})

test.each([
  [2, ['point_of_sale.group_pos_manager'], true],
  [7, ['point_of_sale.group_pos_manager'], false],
  [7, ['point_of_sale.group_pos_user'], true],
  [7, [[7], 'point_of_sale.group_pos_user'], true],
  [10, ['point_of_sale.group_pos_user'], false],
])('user %i, has_group %j: %p', async (uid, args, has) => {
  const password = uid === 2 ? ACCESS.password : ACCESS.staffPassword
  const call = rpc('has_group', args, { model: 'res.users', uid, password })
  expect(resultOf((await createStand().post('/jsonrpc', call)).body)).toBe(has)
})

test.each([
  [12, "hub_finalize_snapshot() missing 1 required positional argument: 'snapshot'"],
  [19, "PosOrder.hub_finalize_snapshot() missing 1 required positional argument: 'snapshot'"],
] as const)('series %i says which argument is missing', async (series, message) => {
  const { body } = await createStand({ series }).post('/jsonrpc', rpc('hub_finalize_snapshot', []))
  expect(at(body, 'error', 'data')).toMatchObject({ name: 'builtins.TypeError', message })
})
