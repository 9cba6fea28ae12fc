import { describe, expect, test } from 'bun:test'
import { at, BEARER, createStand, SALE } from '../support/demo.ts'

const FINALIZE = '/json/2/pos.order/hub_finalize_snapshot'

test('results come bare', async () => {
  const stand = createStand()
  const made = await stand.post(FINALIZE, { snapshot: SALE, context: { lang: 'es_DO' } }, BEARER)
  expect(made).toMatchObject({ status: 200, body: { status: 'ok', order_id: 1, created: true } })
  const batch = await stand.post(
    '/json/2/pos.order/hub_batch_sync',
    { snapshots: [{ ...SALE, status: 'open' }] },
    BEARER,
  )
  expect(batch.body).toMatchObject({ results: [{ pos_reference: SALE.posReference, status: 'ok' }] })
  const asked = { domain: [['pos_reference', 'in', [SALE.posReference]]], fields: ['state'], limit: 5 }
  const found = await stand.post('/json/2/pos.order/search_read', asked, BEARER)
  expect(found.body).toEqual([{ id: 1, state: 'paid' }])
})

describe('errors have statuses of their own, and name, message and arguments', () => {
  test.each([
    ['no key', FINALIZE, { snapshot: SALE }, {}, 401, 'werkzeug.exceptions.Unauthorized'],
    [
      'a wrong key',
      FINALIZE,
      { snapshot: SALE },
      { Authorization: 'bearer x' },
      401,
      'werkzeug.exceptions.Unauthorized',
    ],
    ['a private method', '/json/2/pos.order/_process_order', {}, BEARER, 403, 'odoo.exceptions.AccessError'],
    ['an unknown model', '/json/2/pos.nope/search', {}, BEARER, 404, 'werkzeug.exceptions.NotFound'],
    ['an unknown method', '/json/2/pos.order/nope', {}, BEARER, 404, 'werkzeug.exceptions.NotFound'],
    ['a missing argument', FINALIZE, {}, BEARER, 422, 'werkzeug.exceptions.UnprocessableEntity'],
    ['a strange argument', FINALIZE, { snapshot: SALE, x: 1 }, BEARER, 422, 'werkzeug.exceptions.UnprocessableEntity'],
    ['a broken body', FINALIZE, '{', BEARER, 400, 'werkzeug.exceptions.BadRequest'],
  ])('%s', async (_, path, body, headers, status, name) => {
    const stand = createStand()
    const heard = await stand.post(path, body, { ...headers })
    const message: unknown = expect.any(String)
    expect(heard).toMatchObject({ status, body: { name, message, arguments: [message] } })
    expect(stand.odoo.orders()).toHaveLength(0)
  })

  test.each([
    ['validation', 422, 'odoo.exceptions.ValidationError'],
    ['serialization', 500, 'psycopg2.errors.SerializationFailure'],
    ['signed_out', 401, 'werkzeug.exceptions.Unauthorized'],
  ] as const)('%s by a fault', async (fault, status, name) => {
    const stand = createStand()
    stand.odoo.faults.next(fault)
    expect(await stand.post(FINALIZE, { snapshot: SALE }, BEARER)).toMatchObject({ status, body: { name } })
  })
})

test('another database is a page that was not found', async () => {
  const stand = createStand()
  const right = await stand.post(FINALIZE, { snapshot: SALE }, { ...BEARER, 'X-Odoo-Database': 'demo' })
  const wrong = await stand.post(FINALIZE, { snapshot: SALE }, { ...BEARER, 'X-Odoo-Database': 'nodb' })
  expect([right.status, wrong.status]).toEqual([200, 404])
  expect(wrong.headers['Content-Type']).toStartWith('text/html')
})

test.each(['/json/version', '/web/version'])('%s needs no key', async (path) => {
  const { status, body } = await createStand().get(path)
  expect(status).toBe(200)
  expect(at(body, 'version')).toBe('19.0')
})

test.each([12, 14, 17] as const)('series %i has no such way', async (series) => {
  const stand = createStand({ series })
  expect((await stand.post(FINALIZE, { snapshot: SALE }, BEARER)).status).toBe(404)
  expect((await stand.get('/json/version')).status).toBe(404)
})

test('a key that was changed opens nothing', async () => {
  const stand = createStand()
  stand.odoo.changeApiKey('another')
  expect((await stand.post(FINALIZE, { snapshot: SALE }, BEARER)).status).toBe(401)
  expect((await stand.post(FINALIZE, { snapshot: SALE }, { Authorization: 'Bearer another' })).status).toBe(200)
})
