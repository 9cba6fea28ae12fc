import { describe, expect, test } from 'bun:test'
import { ACCESS, at, createStand, finalize, resultOf, rpc, SALE, saleOf } from '../support/demo.ts'

function batch(stand: ReturnType<typeof createStand>, snapshots: readonly unknown[]) {
  return stand.post('/jsonrpc', rpc('hub_batch_sync', [snapshots])).then(({ body }) => at(resultOf(body), 'results'))
}

describe('one order for each reference', () => {
  test('a repetition gets the same answer, but for created', async () => {
    const stand = createStand()
    const first = await finalize(stand, SALE)
    const { created, ...rest } = Object(first)
    expect(created).toBe(true)
    expect(await finalize(stand, SALE)).toEqual({ ...rest, created: false })
    expect(stand.odoo.ordersOf(SALE.posReference)).toHaveLength(1)
  })

  test('the order of keys is no other content', async () => {
    const stand = createStand()
    await finalize(stand, SALE)
    const turned = Object.fromEntries(Object.entries(SALE).toReversed())
    expect(await finalize(stand, turned)).toMatchObject({ status: 'ok', created: false })
  })

  test('other content is a conflict, and nothing changes', async () => {
    const stand = createStand()
    await finalize(stand, SALE)
    expect(await finalize(stand, { ...SALE, note: 'x' })).toMatchObject({
      status: 'conflict',
      order_id: 1,
      created: false,
    })
    expect(stand.odoo.orders()).toHaveLength(1)
    expect(at(stand.odoo.orders()[0]?.snapshot, 'note')).toBeUndefined()
  })

  test('a thousand calls at once for a hundred references make a hundred orders', async () => {
    const stand = createStand()
    const references = Array.from({ length: 1_000 }, (_, at) => `ref-${at % 100}`)
    const answers = await Promise.all(references.map((reference) => finalize(stand, saleOf(reference))))
    expect(stand.odoo.paidOrders()).toHaveLength(100)
    expect(stand.odoo.duplicates()).toEqual([])
    expect(answers.filter((answer) => at(answer, 'created') === true)).toHaveLength(100)
    expect(new Set(answers.map((answer) => at(answer, 'order_id'))).size).toBe(100)
  })

  test('not enforced, each call makes one more, and no answer says created', async () => {
    const stand = createStand({ enforceUnique: false })
    const answers = [await finalize(stand, SALE), await finalize(stand, SALE)]
    expect(stand.odoo.ordersOf(SALE.posReference)).toHaveLength(2)
    expect(stand.odoo.duplicates()).toEqual([SALE.posReference])
    for (const answer of answers) expect(Object.keys(Object(answer))).not.toContain('created')
  })

  test('fiscal numbers rise without a gap, also past refusals', async () => {
    const stand = createStand()
    await finalize(stand, saleOf('a'))
    await finalize(stand, { ...saleOf('b'), payments: [{ amount: 1 }] })
    await finalize(stand, saleOf('c'))
    expect(stand.odoo.paidOrders().map((order) => order.ncf)).toEqual(['E310000000001', 'E310000000002'])
  })
})

describe('what is refused', () => {
  test.each([
    [{ posReference: 'small' }, 'ok'],
    [{ posReference: 'r', lines: [], payments: [], total: 50 }, 'ok'],
    [{ posReference: 'r', lines: 'nonsense', payments: 7 }, 'ok'],
    [{}, 'error'],
    [{ posReference: '' }, 'error'],
    [{ posReference: 12 }, 'error'],
    ['text', 'error'],
    [{ posReference: 'r', configId: 4 }, 'error'],
    [{ posReference: 'r', amount_total: 10, payments: [{ amount: 9.99 }] }, 'error'],
    [{ posReference: 'r', amount_total: 10, payments: [{ amount: 4 }, { amount: 6 }] }, 'ok'],
    [{ posReference: 'r', lines: [{ productId: 99_999_999 }] }, 'error'],
  ])('%j: %s', async (snapshot, status) => {
    const stand = createStand()
    expect(at(await finalize(stand, snapshot), 'status')).toBe(status)
    expect(stand.odoo.orders()).toHaveLength(status === 'ok' ? 1 : 0)
  })

  test('a closed session, until it opens again', async () => {
    const stand = createStand()
    stand.odoo.closeSession(1)
    const message = 'no open POS session for config 1'
    expect(await finalize(stand, SALE)).toMatchObject({ status: 'error', error: { type: 'UserError', message } })
    stand.odoo.openSession(1)
    expect(await finalize(stand, SALE)).toMatchObject({ status: 'ok', created: true })
    stand.odoo.closeSession(1)
    expect(await finalize(stand, SALE)).toMatchObject({ status: 'ok', created: false })
  })

  test('a reference that it was told to refuse, with the reason, until it is accepted', async () => {
    const stand = createStand()
    stand.odoo.faults.refuse(SALE.posReference, 'the customer has no RNC')
    const error = { type: 'ValidationError', message: 'the customer has no RNC' }
    expect(await finalize(stand, SALE)).toMatchObject({ status: 'error', order_id: false, error })
    expect(await finalize(stand, saleOf('other'))).toMatchObject({ status: 'ok' })
    stand.odoo.faults.accept(SALE.posReference)
    expect(await finalize(stand, SALE)).toMatchObject({ status: 'ok' })
  })
})

describe('a batch', () => {
  test('pays what is paid, keeps what is not, and one bad order harms no other', async () => {
    const stand = createStand()
    const items = [
      { ...saleOf('paid'), status: 'paid' },
      { ...saleOf('short'), status: 'paid', payments: [{ amount: 1 }] },
      { ...saleOf('open'), status: 'open' },
      { ...saleOf('gone'), status: 'cancelled' },
      { status: 'paid' },
    ]
    const results = await batch(stand, items)
    expect(results).toMatchObject([
      { pos_reference: 'paid', status: 'ok', order_id: 1, created: true },
      { pos_reference: 'short', status: 'error', order_id: false },
      { pos_reference: 'open', status: 'ok', state: 'draft' },
      { pos_reference: 'gone', status: 'ok', state: 'cancel' },
      { pos_reference: false, status: 'error' },
    ])
    expect(at(results, '2', 'order_id')).toBeUndefined()
    expect(stand.odoo.orders().map(({ posReference, state }) => [posReference, state])).toEqual([
      ['paid', 'paid'],
      ['open', 'draft'],
      ['gone', 'cancel'],
    ])
  })

  test('a draft becomes the paid order, and never goes back', async () => {
    const stand = createStand()
    await batch(stand, [{ ...SALE, status: 'open' }])
    const paid = { ...SALE, status: 'paid' }
    expect(await batch(stand, [paid])).toMatchObject([{ status: 'ok', order_id: 1, created: true }])
    expect(await batch(stand, [{ ...SALE, status: 'open' }])).toMatchObject([{ status: 'ok', state: 'paid' }])
    expect(stand.odoo.ordersOf(SALE.posReference)).toMatchObject([{ id: 1, state: 'paid', snapshot: paid }])
  })

  test('finalize and batch know of each other', async () => {
    const stand = createStand()
    const paid = { ...SALE, status: 'paid' }
    await finalize(stand, paid)
    expect(await batch(stand, [paid, { ...paid, note: 1 }])).toMatchObject([
      { status: 'ok', created: false },
      { status: 'conflict' },
    ])
  })

  test('has a bound', async () => {
    const stand = createStand()
    const { body } = await stand.post('/jsonrpc', rpc('hub_batch_sync', [Array.from({ length: 1_001 }, () => SALE)]))
    expect(resultOf(body)).toMatchObject({ status: 'error', results: [] })
  })
})

test('without the add-on its methods are not there, and Odoo is', async () => {
  const stand = createStand({ hasAddon: false })
  const { body } = await stand.post('/jsonrpc', rpc('hub_finalize_snapshot', [SALE]))
  expect(at(body, 'error', 'data', 'name')).toBe('builtins.AttributeError')
  expect(resultOf((await stand.post('/jsonrpc', rpc('search_count', [[]]))).body)).toBe(0)
  const login = { login: 'admin', password: ACCESS.password }
  expect((await stand.post('/pos-api/v1/auth/login', login)).status).toBe(404)
})
