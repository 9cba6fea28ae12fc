import { describe, expect, test } from 'bun:test'
import { lost, MADE, order, reply, short, stage } from './road.ts'
import { realStage } from './server.ts'

const SETTINGS = { api: 'json2', apiKey: 'the-key' } as const

describe('over a real wire', () => {
  test('it sends what Odoo expects, and the snapshot as it came', async () => {
    await using there = realStage(SETTINGS, (_, count) => Response.json(count === 1 ? MADE : []))
    const snapshot = '{"__proto__":1,"n":9007199254740993}'
    expect(await there.road.finalize(order('A-1', snapshot))).toMatchObject({ kind: 'made', orderId: 41 })
    await there.road.batch([order('A-1', '{}', null), order('A-2', '{}', null)])
    await there.road.look(['A-1'])
    await there.road.list(0, 0)
    await there.road.probe()
    const headers = {
      authorization: 'bearer the-key',
      'content-type': 'application/json',
      'x-odoo-database': 'shop',
    }
    const fields = '"fields":["id","pos_reference","state","amount_total","config_id"]'
    const bodies: readonly (readonly [method: string, body: string])[] = [
      ['hub_finalize_snapshot', '{"snapshot":{"posReference":"A-1","configId":3,"__proto__":1,"n":9007199254740993}}'],
      ['hub_batch_sync', '{"snapshots":[{"posReference":"A-1"},{"posReference":"A-2"}]}'],
      ['search_read', `{${fields},"domain":[["pos_reference","in",["A-1"]]],"order":"id asc","offset":0,"limit":1000}`],
      [
        'search_read',
        `{${fields},"domain":[["date_order",">=","1970-01-01 00:00:00"]],"order":"date_order asc, id asc","offset":0,"limit":500}`,
      ],
      ['hub_batch_sync', '{"snapshots":[]}'],
    ]
    expect(there.seen).toEqual(
      bodies.map(([method, body]) => ({ line: `POST /json/2/pos.order/${method}`, headers, body })),
    )
  })

  test('without a name of the database it names none', async () => {
    await using there = realStage({ ...SETTINGS, db: null }, () => Response.json([]))
    await there.road.probe()
    expect(there.seen[0]?.headers).not.toHaveProperty('x-odoo-database')
  })
})

describe('a failure', () => {
  const error = (status: number, [name, message]: readonly [name: string, message: string]) =>
    reply({ status, body: { name, message, arguments: [message], context: {}, debug: '' } })

  test.each([
    [error(401, ['werkzeug.exceptions.Unauthorized', 'Invalid apikey']), 'SIGN_IN unauthorised server'],
    [error(403, ['odoo.exceptions.AccessError', 'not allowed']), 'ACCESS unauthorised server'],
    [error(404, ['werkzeug.exceptions.NotFound', 'the method does not exist']), 'ADDON_MISSING transient server'],
    [error(404, ['odoo.exceptions.MissingError', 'no record']), 'VALIDATION refused call'],
    [error(422, ['odoo.exceptions.UserError', 'No open session available']), 'NO_OPEN_SESSION waiting call'],
    [error(422, ['odoo.exceptions.ValidationError', 'no']), 'VALIDATION refused call'],
    [error(422, ['builtins.TypeError', 'wrong arguments']), 'BAD_DATA refused call'],
    [error(400, ['werkzeug.exceptions.BadRequest', 'no JSON']), 'BAD_DATA refused call'],
    [error(500, ['psycopg2.errors.SerializationFailure', 'x']), 'COLLISION transient call'],
    [error(500, ['builtins.RuntimeError', 'x']), 'SERVER_ERROR transient call'],
    [error(429, ['werkzeug.exceptions.TooManyRequests', 'x']), 'RATE_LIMITED transient server'],
    [reply({ status: 404, body: '<html>Not Found</html>' }), 'WRONG_DATABASE transient server'],
    [reply({ status: 500, body: '<html>' }), 'SERVER_ERROR ambiguous call landed'],
    [reply({ status: 200, body: '{"status": "o' }), 'BAD_JSON ambiguous call landed'],
    [lost('lost'), 'CONNECTION_LOST ambiguous call landed'],
  ])('%j', async (said, meaning) => {
    const { road, calls } = stage(SETTINGS, () => said)
    const answer = await road.finalize(order())
    expect(answer.kind === 'failed' && short(answer.failure)).toBe(meaning)
    expect(calls).toHaveLength(1)
  })
})

test('an Odoo that is too old for this way is named as what it may be', async () => {
  const { road } = stage(SETTINGS, () => reply({ status: 404, body: '<html>' }))
  expect((await road.probe()).failure?.text).toContain('(HTTP 404; an Odoo before 19 has no json2')
})

describe('the key', () => {
  test('may be given as the password when this way is asked for by name', async () => {
    const { road, calls } = stage({ api: 'json2', password: 'as-key' }, () => reply({ body: MADE }))
    await road.finalize(order())
    expect(calls[0]?.headers['Authorization']).toBe('bearer as-key')
  })

  test('is missing', async () => {
    const { road, calls } = stage({ api: 'json2', password: null }, () => reply({ body: MADE }))
    expect((await road.probe()).failure?.text).toContain('(ODOO_API_KEY is not set)')
    expect(calls).toEqual([])
  })

  test('and other headers keep to their lines', async () => {
    const { road, calls } = stage({ ...SETTINGS, db: 'a\r\nX: 1', apiKey: 'ñ\n' }, () => reply({ body: MADE }))
    await road.finalize(order())
    expect(calls[0]?.headers).toMatchObject({ Authorization: 'bearer ??', 'X-Odoo-Database': 'a??X: 1' })
  })
})
