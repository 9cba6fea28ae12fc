import { describe, expect, test } from 'bun:test'
import { type DemoFault, DemoFaults, FAULTS } from '../../src/demo/mod.ts'
import {
  ACCESS,
  at,
  createStand,
  finalize,
  resultOf,
  rpc,
  rpcCommon,
  SALE,
  type Stand,
  saleOf,
} from '../support/demo.ts'

const PAY = rpc('hub_finalize_snapshot', [SALE])
const WRITE = { references: ['a'], isWrite: true }

/** What the caller of one finalize hears, and how many orders there are then. */
async function meet(fault: DemoFault, stand: Stand = createStand()) {
  stand.odoo.faults.next(fault)
  const heard = await stand.post('/jsonrpc', PAY)
  return { heard, orders: stand.odoo.orders().length, stand }
}

describe('each fault', () => {
  test.each([
    ['server_error', 500],
    ['bad_gateway', 502],
    ['maintenance', 503],
    ['login_page', 303],
    ['database_selector', 303],
  ] as const)('%s: a page with %i, and no order', async (fault, status) => {
    const { heard, orders } = await meet(fault)
    expect(heard.status).toBe(status)
    expect(heard.headers['Content-Type']).toStartWith('text/html')
    expect(orders).toBe(0)
  })

  test('rate_limit: 429 with the time to wait', async () => {
    const stand = createStand()
    stand.odoo.faults.set({ retryAfterSeconds: 7 })
    const { heard, orders } = await meet('rate_limit', stand)
    expect([heard.status, heard.headers['Retry-After'], orders]).toEqual([429, '7', 0])
  })

  test('redirects name the page', async () => {
    expect((await meet('login_page')).heard.headers['Location']).toBe('/web/login')
    expect((await meet('database_selector')).heard.headers['Location']).toBe('/web/database/selector')
  })

  test('drop_before: no answer and no order; drop_after: no answer, and the order is there', async () => {
    const before = await meet('drop_before')
    const after = await meet('drop_after')
    expect([before.heard.status, before.orders]).toEqual([0, 0])
    expect([after.heard.status, after.orders]).toEqual([0, 1])
    expect(await finalize(after.stand, SALE)).toMatchObject({ status: 'ok', order_id: 1, created: false })
  })

  test('slow and answer_late: the answer comes, later', async () => {
    const slow = await meet('slow')
    expect(resultOf(slow.heard.body)).toMatchObject({ status: 'ok' })
    expect(slow.stand.odoo.calls()).toMatchObject([{ fault: 'slow' }])
    const late = await meet('answer_late')
    expect(resultOf(late.heard.body)).toMatchObject({ status: 'ok' })
    for (const { stand } of [slow, late]) {
      const [call] = stand.odoo.calls()
      expect((call?.ended ?? 0) - (call?.began ?? 0)).toBe(call?.fault === 'slow' ? 200 : 1_000)
    }
    expect(slow.stand.odoo.orders()[0]?.orderedAt).toBe(slow.stand.clock.now)
    expect(late.stand.odoo.orders()[0]?.orderedAt).toBe(late.stand.clock.now - 1_000)
  })

  test('land_late: no answer, and the order comes afterwards', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { heard, orders, stand } = await meet('land_late', createStand({ sleep: () => promise }))
    expect([heard.status, orders]).toEqual([0, 0])
    resolve()
    await stand.odoo.idle()
    expect(stand.odoo.paidOrders()).toHaveLength(1)
  })

  test('truncated: half of the JSON, and the order is there', async () => {
    const { heard, orders } = await meet('truncated')
    expect([heard.status, heard.body, orders]).toEqual([200, undefined, 1])
    expect(heard.text).toStartWith('{"jsonrpc"')
  })

  test.each([
    [12, 'psycopg2.extensions.TransactionRollbackError'],
    [19, 'psycopg2.errors.SerializationFailure'],
  ] as const)('serialization in series %i', async (series, name) => {
    const { heard, orders } = await meet('serialization', createStand({ series }))
    expect([at(heard.body, 'error', 'data', 'name'), orders]).toEqual([name, 0])
  })

  test('validation: an exception instead of an answer of the add-on', async () => {
    const { heard, orders } = await meet('validation')
    expect([at(heard.body, 'error', 'data', 'name'), orders]).toEqual(['odoo.exceptions.ValidationError', 0])
  })

  test('signed_out: denied, and what was issued is void', async () => {
    const stand = createStand()
    const login = { login: 'ana', password: ACCESS.staffPassword }
    const { body } = await stand.post('/pos-api/v1/auth/login', login)
    const { heard, orders } = await meet('signed_out', stand)
    expect([at(heard.body, 'error', 'data', 'name'), orders]).toEqual(['odoo.exceptions.AccessDenied', 0])
    const headers = { Authorization: `Bearer ${String(at(body, 'access_token'))}` }
    expect((await stand.post('/pos-api/v1/bootstrap', {}, headers)).status).toBe(401)
  })

  test.each([
    ['no_session', 'no open POS session for config 1', undefined],
    ['client_outdated', 'this app is too old for the server: update it', 'CLIENT_OUTDATED'],
  ] as const)('%s: the add-on says so', async (fault, message, code) => {
    const { heard, orders } = await meet(fault)
    expect(at(resultOf(heard.body), 'error')).toMatchObject({ message, ...(code && { code }) })
    expect(orders).toBe(0)
  })

  test('is over with its call', async () => {
    for (const fault of FAULTS) {
      const { stand } = await meet(fault)
      await stand.odoo.idle()
      expect({ fault, answer: await finalize(stand, SALE) }).toMatchObject({ fault, answer: { status: 'ok' } })
      expect(stand.odoo.orders()).toHaveLength(1)
    }
  })
})

test('a crash lets nothing land that has not committed', async () => {
  for (const fault of ['slow', 'land_late'] as const) {
    const { promise, resolve } = Promise.withResolvers<void>()
    const asleep = Promise.withResolvers<void>()
    const sleep = () => {
      asleep.resolve()
      return promise
    }
    const stand = createStand({ sleep })
    stand.odoo.faults.next(fault)
    const heard = stand.post('/jsonrpc', PAY)
    await asleep.promise
    stand.odoo.crash()
    resolve()
    expect((await heard).status).toBe(0)
    await stand.odoo.idle()
    expect(stand.odoo.orders()).toHaveLength(0)
    expect(await finalize(stand, SALE)).toMatchObject({ status: 'ok', created: true })
  }
})

describe('ordered faults', () => {
  test('wait for a call that fits', async () => {
    const stand = createStand()
    stand.odoo.faults.next('drop_before', { reference: 'b', times: 2 })
    const version = await stand.post('/jsonrpc', rpcCommon('common', 'version', []))
    expect(version.status).toBe(200)
    const pay = async (one: string) =>
      (await stand.post('/jsonrpc', rpc('hub_finalize_snapshot', [saleOf(one)]))).status
    expect([await pay('a'), await pay('b'), await pay('b'), await pay('b')]).toEqual([200, 0, 0, 200])
  })

  test('let calls pass that only read', async () => {
    const stand = createStand()
    stand.odoo.faults.next('drop_before')
    expect((await stand.post('/jsonrpc', rpc('search_count', [[]]))).status).toBe(200)
    expect((await stand.post('/jsonrpc', PAY)).status).toBe(0)
  })

  test('of scope all meet reading calls too', async () => {
    const stand = createStand()
    stand.odoo.faults.next('drop_before', { scope: 'all' })
    expect((await stand.post('/jsonrpc', rpcCommon('common', 'version', []))).status).toBe(0)
  })

  test('are forgotten when all is to be well', async () => {
    const stand = createStand()
    stand.odoo.faults.next('drop_before')
    stand.odoo.faults.set({ rates: { drop_before: 1 } })
    stand.odoo.faults.refuse(SALE.posReference, 'no')
    stand.odoo.faults.clear()
    expect(await finalize(stand, SALE)).toMatchObject({ status: 'ok' })
  })
})

describe('rates', () => {
  const draw = (seed: number, rate: number) => {
    const faults = new DemoFaults(seed, { rates: { drop_after: rate, slow: 0.5 } })
    return Array.from({ length: 3_000 }, () => faults.draw(WRITE))
  }

  test('one seed, one sequence', () => {
    expect(draw(3, 0.3)).toEqual(draw(3, 0.3))
    expect(draw(3, 0.3)).not.toEqual(draw(4, 0.3))
  })

  test.each([
    [0, 0, 0],
    [1, 3_000, 3_000],
    [1 / 3, 900, 1_100],
  ])('a rate of %p hits %i to %i calls of 3,000', (rate, least, most) => {
    const hits = draw(5, rate).filter((drawn) => drawn.fault === 'drop_after').length
    expect(hits).toBeWithin(least, most + 1)
  })

  test('slow comes beside another one', () => {
    expect(draw(5, 0.5)).toContainEqual({ fault: 'drop_after', isSlow: true })
  })

  test('of scope writes leave other calls alone', () => {
    const faults = new DemoFaults(1, { rates: { drop_before: 1 }, scope: 'writes' })
    expect(faults.draw({ references: [], isWrite: false }).fault).toBeNull()
    expect(faults.draw(WRITE).fault).toBe('drop_before')
  })
})
