import { describe, expect, test } from 'bun:test'
import type { Message } from '../../src/core/state.ts'
import { type MsgId, Opaque } from '../../src/protocol/mod.ts'
import {
  finalizeOf,
  marked,
  messageOf,
  recordOf,
  reference,
  resultOf,
  SHOP,
  secondPayment,
  TILL,
  versioned,
  WAITER,
} from './changes.ts'
import { bothReadGroup, commit, find, keyed, type OpenStore, plainOrder, value } from './reading.ts'

/** Orders, their stories and their payments, held against one kind of tables. */
export function holdOrders(open: OpenStore): void {
  describe('orders', () => {
    holdOpen(open)
    holdStates(open)
    holdClosed(open)
    holdReopened(open)
    holdStory(open)
    holdSeconds(open)
  })
}

function holdOpen(open: OpenStore): void {
  test('an open order is read back with its content and the messages that made it', async () => {
    await using opened = await open()
    const [first, second] = [messageOf('m-1'), messageOf('m-2', { kind: 'release', version: 2, seq: 2 })]
    const record = { version: 2, seq: 2, tableId: null, status: null, author: WAITER, at: 9 }
    const snapshot = '{"lines":["soup", "bread"]}'
    commit(opened.store, versioned('order-1', { message: first }))
    commit(opened.store, versioned('order-1', { record, snapshot, message: second }))
    for (const { orders, seq } of bothReadGroup(opened)) {
      const messages = keyed(first, second)
      expect<unknown>(orders).toEqual([
        { record: recordOf('order-1', record), snapshot, messages, digests: [], waiters: [] },
      ])
      expect(seq).toBe(2)
    }
  })

  test('open orders come in the order of their last change', async () => {
    await using opened = await open()
    commit(opened.store, ...['c', 'a', 'b'].map((name, at) => versioned(name, { record: { seq: at + 1 } })))
    commit(opened.store, versioned('a', { record: { version: 2, seq: 4 } }))
    for (const { orders } of bothReadGroup(opened)) {
      expect(orders.map(({ record }) => String(record.posReference))).toEqual(['c', 'b', 'a'])
    }
  })
}

function holdStates(open: OpenStore): void {
  test('what a finalize wrote down is read back, and goes when the order is open again', async () => {
    await using opened = await open()
    const settled = finalizeOf({ settledOrderId: 0, configId: 0, since: 0, digest: '' })
    const refusal = { code: 'ODOO_REFUSED', text: '', theirs: null } as const
    const forms = [finalizeOf(), settled, finalizeOf({ msgId: null }), finalizeOf({ refusal }), null]
    let version = 0
    for (const finalize of forms) {
      version++
      commit(opened.store, versioned('order-1', { record: { version, seq: version, state: 'finalizing', finalize } }))
      for (const { orders } of bothReadGroup(opened))
        expect(orders.map(({ record }) => record.finalize)).toEqual([finalize])
    }
  })

  test.each(['open', 'finalizing', 'refused', 'parked'] as const)(
    'an order that is %s is an active one',
    async (state) => {
      await using opened = await open()
      commit(opened.store, versioned('order-1'), marked('order-1', { state, seq: 2 }))
      for (const { orders, closed } of bothReadGroup(opened)) {
        expect(orders.map(({ record }) => record.state)).toEqual([state])
        expect(closed).toEqual([])
      }
    },
  )
}

function holdClosed(open: OpenStore): void {
  test('a closed order is named among the closed, and found whole', async () => {
    await using opened = await open()
    const messages = [messageOf('m-1'), messageOf('pay-1', { kind: 'finalize', version: 2, seq: 2 })]
    const finalize = finalizeOf()
    const result = resultOf(4711)
    const paid = { version: 2, seq: 2, state: 'finalizing', finalize } as const
    const final = recordOf('order-1', { ...paid, state: 'final', seq: 3, result })
    commit(opened.store, versioned('order-1', { message: messages[0] ?? null }))
    commit(
      opened.store,
      versioned('order-1', { record: paid, snapshot: '{"paid":true}', message: messages[1] ?? null }),
    )
    commit(opened.store, marked('order-1', final))
    for (const group of bothReadGroup(opened)) {
      expect(group.orders).toEqual([])
      expect(group.closed).toEqual([
        { posReference: reference('order-1'), state: 'final', seq: 3, orderId: 4711, fiscal: '{"number":"F 1"}' },
      ])
    }
    for (const store of [opened.store, opened.next()]) {
      const order = find(store, 'order-1')
      expect(order && plainOrder(order)).toEqual({
        record: { ...final, result: { orderId: 4711, lineIdMap: '{"1":901,"2":902}', fiscal: '{"number":"F 1"}' } },
        snapshot: '{"paid":true}',
        messages: keyed(...messages),
        digests: [],
        waiters: [],
      })
    }
  })

  test('an answer of Odoo without a fiscal number, and with order 0, is one', async () => {
    await using opened = await open()
    const result = { orderId: 0, lineIdMap: new Opaque('{}'), fiscal: null }
    commit(opened.store, versioned('order-1'), marked('order-1', { state: 'final', seq: 2, result }))
    expect(find(opened.next(), 'order-1')?.record.result).toEqual(result)
    for (const { closed } of bothReadGroup(opened)) {
      expect(closed).toEqual([
        { posReference: reference('order-1'), state: 'final', seq: 2, orderId: 0, fiscal: undefined },
      ])
    }
  })
}

function holdReopened(open: OpenStore): void {
  test('a discarded order that is written again is active, with the messages of both times', async () => {
    await using opened = await open()
    const thrown = messageOf('m-2', { kind: 'discard', seq: 2 })
    const again = messageOf('m-3', { version: 2, seq: 3 })
    commit(opened.store, versioned('order-1', { message: messageOf('m-1') }))
    commit(opened.store, marked('order-1', { state: 'discarded', seq: 2 }, { message: thrown }))
    expect(bothReadGroup(opened).map(({ orders, closed }) => [orders.length, closed.length])).toEqual([
      [0, 1],
      [0, 1],
    ])
    commit(opened.store, versioned('order-1', { record: { version: 2, seq: 3 }, message: again }))
    for (const { orders, closed } of bothReadGroup(opened)) {
      expect(closed).toEqual([])
      expect(orders.map(({ messages }) => messages.map(([msgId]) => String(msgId)))).toEqual([['m-1', 'm-2', 'm-3']])
    }
  })

  test('an order that was never there is not found', async () => {
    await using opened = await open()
    commit(opened.store, versioned('order-1'))
    for (const store of [opened.store, opened.next()]) {
      expect(find(store, 'order-2')).toBeNull()
      expect(find(store, 'ORDER-1')).toBeNull()
    }
  })
}

function holdStory(open: OpenStore): void {
  test('the story of an order has every version: who, when, on what, and the content', async () => {
    await using opened = await open()
    const changes = [
      versioned('order-1'),
      versioned('order-1', {
        record: { version: 2, seq: 2, author: WAITER, at: 5 },
        entry: { kind: 'release', authorName: 'Waiter' },
      }),
      // A v1 terminal that had counted on alone.
      versioned('order-1', { record: { version: 900, seq: 3 }, entry: { baseVersion: 899, kind: 'finalize' } }),
      // One that did not say what it had seen.
      versioned('order-1', { record: { version: 901, seq: 5 }, entry: { baseVersion: null, kind: 'finalize' } }),
    ]
    commit(opened.store, ...changes, versioned('order-2', { record: { seq: 4 } }))
    for (const store of [opened.store, opened.next()]) {
      expect(value(store.story(SHOP, reference('order-1')))).toEqual(changes.map(({ entry }) => entry))
      expect(value(store.story(SHOP, reference('order-3')))).toEqual([])
    }
  })
}

function holdSeconds(open: OpenStore): void {
  const [first, other] = [
    secondPayment('order-1', 'a', { at: 2 }),
    secondPayment('order-1', 'b', { at: 1, author: TILL }),
  ]
  const second = (msgId: string): Message => messageOf(msgId, { kind: 'second' })

  test('second payments are kept, each content once, oldest first', async () => {
    await using opened = await open()
    const msgId = 'pay-2' as MsgId
    commit(opened.store, versioned('order-1'), versioned('order-2', { record: { seq: 2 } }))
    commit(opened.store, first, other)
    // The same content again: what came first stays as it was.
    commit(opened.store, secondPayment('order-1', 'a', { at: 9, msgId, configId: 8, message: second('pay-2') }))
    for (const store of [opened.store, opened.next()]) {
      expect(value(store.secondPayments(SHOP))).toEqual([other.payment, first.payment])
      expect([...(find(store, 'order-1')?.secondPayments ?? [])].toSorted()).toEqual(['a', 'b'])
      expect(find(store, 'order-2')?.secondPayments.size).toBe(0)
    }
  })

  test('the same content for two orders is two payments', async () => {
    await using opened = await open()
    commit(opened.store, versioned('order-1'), versioned('order-2', { record: { seq: 2 } }))
    commit(opened.store, first, secondPayment('order-2', 'a', { at: 3 }))
    const references = value(opened.next().secondPayments(SHOP))
    expect(references.map(({ posReference }) => String(posReference))).toEqual(['order-1', 'order-2'])
  })

  test('the msgId of a second payment is one that the order knows', async () => {
    await using opened = await open()
    const paid = { state: 'final', seq: 2, finalize: finalizeOf(), result: resultOf(1) } as const
    commit(opened.store, versioned('order-1'), marked('order-1', paid))
    commit(opened.store, secondPayment('order-1', 'a', { msgId: 'pay-2' as MsgId, message: second('pay-2') }))
    for (const store of [opened.store, opened.next()]) {
      const order = find(store, 'order-1')
      expect([...(order?.messages.values() ?? [])]).toEqual([second('pay-2')])
      expect(order?.secondPayments).toEqual(new Set(['a']))
    }
  })
}
