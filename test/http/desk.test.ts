import { describe, expect, test } from 'bun:test'
import type { Store } from '../../src/engine/ports.ts'
import { createView } from '../../src/engine/view.ts'
import { createDesk, type DeskAnswer, type DeskWish } from '../../src/http/desk.ts'
import type { GroupId } from '../../src/protocol/mod.ts'
import { discard, finalize, lease, signIn, snapshot } from '../engine/commands.ts'
import { EngineHouse, FULL, GONE } from '../engine/house.ts'

type Opening = { readonly broken?: Partial<Store>; readonly answer?: DeskAnswer; readonly house?: EngineHouse }

function openDesk({ broken = {}, answer = { ok: true }, house = EngineHouse.started() }: Opening = {}) {
  const wishes: DeskWish[] = []
  const times: number[] = []
  const app = createDesk({
    view: createView(house.engine, house.clock, { ...house.store, ...broken }),
    ask: (wish) => {
      wishes.push(wish)
      return Promise.resolve(answer)
    },
    reconcile: (since) => {
      times.push(since)
      return Promise.resolve(answer)
    },
  })
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await app.request(path, init)
    const text = await response.text()
    const body: unknown = JSON.parse(text)
    return { status: response.status, text, body, type: response.headers.get('content-type') ?? '' }
  }
  return { house, wishes, times, ask }
}

/** A hub with till 1 in the default group and till 2 in the bar. */
function openShop(opening: Opening = {}) {
  const desk = openDesk(opening)
  desk.house.run(signIn(1), signIn(2, { group: 'bar' as GroupId }))
  return desk
}

function orderPath(reference: string, group?: string): string {
  return `/order?${new URLSearchParams({ reference, ...(group !== undefined && { group }) })}`
}

function post(body: unknown): RequestInit {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: text }
}

const RETRY = { kind: 'retry', person: 'ana' }
const NOT_THERE = { status: 404, body: { text: expect.any(String) } }

/** Among them every character that has a meaning in an address, in JSON or on a terminal. */
const REFERENCES = [
  'Order 00001-001-0001',
  '"\'`\\',
  '?&=#%+;/../:@[]{}|^<>',
  '%2B%00%zz',
  '\u0000\u001b[2J\n\r\t\u007f\u009b',
  'Café 👩‍🍳 \u202e\u2028 ﷽',
  ' ',
  '__proto__',
  'x'.repeat(128),
  '👩'.repeat(64),
]

describe('which order', () => {
  test.each(REFERENCES)('%j', async (posReference) => {
    const { house, ask, wishes } = openShop()
    house.run(finalize(1, posReference, { msgId: 'p' }))
    const { status, body } = await ask(orderPath(posReference))
    expect([status, body]).toMatchObject([200, { posReference, state: 'finalizing' }])
    expect(await ask(orderPath(posReference), post(RETRY))).toMatchObject({ status: 200, body: { ok: true } })
    expect(wishes).toMatchObject([{ person: 'ana', group: 'default', posReference, wish: { kind: 'retry' } }])
  })

  test.each(['', 'x'.repeat(129), 'no such order', 'A ', 'a', '"\u001b[2J'])(
    'none of the name %j',
    async (reference) => {
      const { house, ask, wishes } = openShop()
      house.run(finalize(1, 'A', { msgId: 'p' }))
      expect(await ask(orderPath(reference))).toMatchObject(NOT_THERE)
      expect(await ask(orderPath(reference), post(RETRY))).toMatchObject({ status: 404, body: { ok: false } })
      expect(await ask('/order')).toMatchObject(NOT_THERE)
      expect(wishes).toEqual([])
    },
  )

  test('one in two groups: which is asked back, and then it is that one', async () => {
    const { house, ask, wishes } = openShop()
    house.run(finalize(1, 'A', { msgId: 'p' }), finalize(2, 'A', { msgId: 'p', json: '{"paid":2}' }))
    for (const init of [{}, post(RETRY)]) {
      expect(await ask(orderPath('A'), init)).toMatchObject({
        status: 404,
        body: { text: 'Several groups have that order; say one of them by --group: default, bar.' },
      })
    }
    expect(await ask(orderPath('A', 'bar'))).toMatchObject({ body: { group: 'bar', snapshot: { paid: 2 } } })
    await ask(orderPath('A', 'bar'), post(RETRY))
    expect(wishes.map(({ group }) => String(group))).toEqual(['bar'])
    expect(await ask(orderPath('A', 'roof'))).toMatchObject(NOT_THERE)
  })

  test('one that was closed before the hub was started', async () => {
    const { house, ask } = openShop()
    house.run(lease(1, 'A'), snapshot(1, 'A', 0, { msgId: 'a' }), discard(1, 'A', 1, 'b'))
    const again = openDesk({ house: EngineHouse.started({ file: house.file }) })
    for (const one of [ask, again.ask])
      expect(await one(orderPath('A'))).toMatchObject({ body: { state: 'discarded' } })
  })
})

describe('an order whole', () => {
  test('contents go out as the text that they came in', async () => {
    const { house, ask } = openShop()
    const first = '{"id": 12345678901234567890, "__proto__": {"a":1}, "n": 1.50, "n": 2, "t":"\\u0041"}'
    const paid = '{"constructor":1e400,"big":-9007199254740993, "é":"\u2028"}'
    const second = '{"paid":2, "toJSON":18446744073709551616}'
    house.run(lease(1, 'A'), snapshot(1, 'A', 0, { msgId: 'a', json: first }))
    house.run(finalize(1, 'A', { msgId: 'p', json: paid }), finalize(1, 'A', { msgId: 'q', json: second }))
    const { text, type, body } = await ask(orderPath('A'))
    expect(type).toStartWith('application/json')
    expect(text).toContain(`"snapshot":${paid},"fiscal":null,"refusal":null,"versions":[`)
    expect(text.split(first)).toHaveLength(2)
    expect(text.split(paid)).toHaveLength(3)
    expect(text.split(second)).toHaveLength(2)
    expect(body).toMatchObject({
      outbox: { kind: 'finalize', verdict: null },
      versions: [{ version: 1, kind: 'snapshot', authorName: 'Till 1' }, { version: 2 }],
      secondPayments: [{ authorName: 'Till 1', configId: 1 }],
    })
  })
})

describe('a wish', () => {
  test.each<[object, DeskWish['wish']]>([
    [{ kind: 'retry', note: 'is ignored' }, { kind: 'retry' }],
    [
      { kind: 'entered', note: ' by hand\n' },
      { kind: 'entered', note: 'by hand', orderId: 0 },
    ],
    [
      { kind: 'entered', note: 'é'.repeat(1_000), orderId: 2 ** 53 - 1 },
      { kind: 'entered', note: 'é'.repeat(1_000), orderId: 2 ** 53 - 1 },
    ],
    [
      { kind: 'payments_settled', note: 'given back' },
      { kind: 'payments_settled', note: 'given back' },
    ],
  ])('%j', async (wanted, wish) => {
    const { house, ask, wishes } = openShop()
    house.run(finalize(1, 'A', { msgId: 'p' }))
    expect(await ask(orderPath('A'), post({ person: 'ana', ...wanted }))).toMatchObject({ body: { ok: true } })
    expect(wishes.map((one) => one.wish)).toEqual([wish])
  })

  test.each([
    '',
    'not json',
    'null',
    '[]',
    '{"kind":"retry"}',
    '{"kind":"retry","person":""}',
    '{"kind":"retry","person":7}',
    `{"kind":"retry","person":"${'x'.repeat(65)}"}`,
    '{"kind":"discard","person":"ana"}',
    '{"__proto__":{"kind":"retry","person":"ana"}}',
    '{"kind":"entered","person":"ana"}',
    '{"kind":"entered","person":"ana","note":" \\n "}',
    `{"kind":"entered","person":"ana","note":"${'x'.repeat(1_001)}"}`,
    '{"kind":"entered","person":"ana","note":"n","orderId":-1}',
    '{"kind":"entered","person":"ana","note":"n","orderId":1.5}',
    '{"kind":"entered","person":"ana","note":"n","orderId":"5"}',
    '{"kind":"entered","person":"ana","note":"n","orderId":9007199254740992}',
    '{"kind":"payments_settled","person":"ana"}',
  ])('that is none: %j', async (text) => {
    const { house, ask, wishes } = openShop()
    house.run(finalize(1, 'A', { msgId: 'p' }))
    const refused = await ask(orderPath('A'), post(text))
    expect(refused).toMatchObject({ status: 400, body: { ok: false, text: expect.any(String) } })
    expect(wishes).toEqual([])
  })

  test('what became of it is passed on', async () => {
    const answer = { ok: false, code: 'LEASE_HELD', text: 'Till 1 is working on it.' } as const
    const { house, ask } = openShop({ answer })
    house.run(finalize(1, 'A', { msgId: 'p' }))
    expect(await ask(orderPath('A'), post(RETRY))).toMatchObject({ status: 200, body: answer })
  })
})

describe('comparing', () => {
  test.each([
    ['', 0],
    ['?since=0', 0],
    ['?since=1795000000000', 1_795_000_000_000],
  ])('/reconcile%s', async (query, since) => {
    const { ask, times } = openShop()
    expect(await ask(`/reconcile${query}`)).toMatchObject({ status: 200, body: { ok: true } })
    expect(times).toEqual([since])
  })

  test.each(['-1', '1.5', 'yesterday', 'NaN', 'Infinity', '9007199254740993'])('since %s is no time', async (since) => {
    const { ask, times } = openShop()
    expect(await ask(`/reconcile?since=${since}`)).toMatchObject({ status: 400, body: { ok: false } })
    expect(times).toEqual([])
  })
})

describe('lists', () => {
  test('orders, those that need a person, and how it stands', async () => {
    const { house, ask } = openShop()
    house.run(finalize(1, 'A', { msgId: 'p' }), finalize(1, 'A', { msgId: 'q', json: '{"total":5}' }))
    expect(await ask('/orders')).toMatchObject({ status: 200, body: { orders: [{ posReference: 'A' }] } })
    expect(await ask('/attention')).toMatchObject({ body: { orders: [{ cause: 'SECOND_PAYMENT', amount: 5 }] } })
    expect(await ask('/status')).toMatchObject({
      body: { readiness: { ready: true }, odoo: { isConfigured: false }, ageing: { count: 1 } },
    })
  })

  test('hold a thousand orders, of more than that the newest', async () => {
    const { house, ask } = openShop()
    for (let at = 0; at < 1_001; at++) {
      house.run(finalize(1, `Order ${at}`, { msgId: 'p' }))
      house.clock.stall(1)
    }
    const { text, body } = await ask('/orders')
    expect(body).toMatchObject({ orders: { length: 1_000, 0: { posReference: 'Order 1000' } } })
    expect(text).not.toContain('"Order 0"')
  })

  test.each(['/', '/order/A', '/orders/', '/retry'])('%s is not there', async (path) => {
    expect(await openShop().ask(path)).toMatchObject({
      status: 404,
      body: { text: expect.stringContaining('another version') },
    })
  })
})

describe('a disk that refuses is said as that: not as no order, no list, no difference', () => {
  test.each(['/orders', '/attention', orderPath('A'), '/reconcile'])('%s', async (path) => {
    const { house, ask, times } = openShop()
    house.run(finalize(1, 'A', { msgId: 'p' }))
    house.disk.commits = FULL
    house.run(lease(1, 'b'))
    expect(await ask(path)).toMatchObject({ status: 503, body: { text: expect.stringContaining('disk') } })
    expect(times).toEqual([])
  })

  test('nor is a wish made', async () => {
    const { house, ask, wishes } = openShop()
    house.run(finalize(1, 'A', { msgId: 'p' }))
    house.disk.commits = FULL
    house.run(lease(1, 'b'))
    expect(await ask(orderPath('A'), post(RETRY))).toMatchObject({ status: 503, body: { ok: false } })
    expect(wishes).toEqual([])
  })

  const broken = { ok: false, failure: GONE } as const
  test.each<[string, Partial<Store>]>([
    ['/attention', { secondPayments: () => broken }],
    [orderPath('B'), { findOrder: () => broken }],
    [orderPath('A'), { story: () => broken }],
    [orderPath('A'), { secondPayments: () => broken }],
  ])('at one reading: %s', async (path, store) => {
    const { house, ask } = openShop({ broken: store })
    house.run(finalize(1, 'A', { msgId: 'p' }))
    expect(await ask(path)).toMatchObject({ status: 503, body: { text: GONE.text } })
  })
})
