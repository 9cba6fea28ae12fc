import { describe, expect, test } from 'bun:test'
import { Opaque } from '../../src/protocol/mod.ts'
import {
  BAR,
  finalizeOf,
  marked,
  outboxDropped,
  outboxPut,
  outboxRow,
  paymentsSettled,
  recordOf,
  reference,
  resultOf,
  SHOP,
  secondPayment,
  tableChanged,
  tokenForgotten,
  tokenKept,
  versioned,
} from './changes.ts'
import { bothRead, bothReadGroup, commit, find, type OpenStore, read, value } from './reading.ts'

/** What is on its way to Odoo, and what Odoo said of tokens, held against one kind of tables. */
export function holdOutbox(open: OpenStore): void {
  describe('the road to Odoo', () => {
    holdRows(open)
    holdRefusals(open)
    holdTokens(open)
    holdSettled(open)
    holdPaid(open)
  })
}

function holdRows(open: OpenStore): void {
  const plainRow = (row: ReturnType<typeof outboxRow>) => ({
    ...row,
    verdict: row.verdict && { ...row.verdict, theirs: row.verdict.theirs?.json ?? null },
  })
  const nothing = { configId: null, sentVersion: null, sentAt: null, unansweredAt: null, verdict: null, trouble: null }

  test('a row is read back with every field, and each of them may be missing', async () => {
    await using opened = await open()
    const verdict = { code: 'PARKED', text: '', theirs: null }
    const rows = [
      outboxRow('order-1', { since: 1 }),
      outboxRow('order-2', { since: 2, ...nothing, kind: 'forward', attempts: 0, isParked: true }),
      outboxRow('order-3', { since: 3, verdict, trouble: { code: '', text: '' }, sentVersion: 0, configId: 0 }),
      outboxRow('order-4', { since: 4, sentAt: 0, unansweredAt: 0, version: 0 }),
    ]
    commit(opened.store, tableChanged(1), ...rows.map((row) => ({ kind: 'outbox_put', group: SHOP, row }) as const))
    for (const { outbox } of bothReadGroup(opened)) expect(outbox).toEqual(rows.map(plainRow))
  })

  test('one row an order: the newer one takes the place of the older, whole', async () => {
    await using opened = await open()
    const next = outboxRow('order-1', { ...nothing, kind: 'forward', version: 9, attempts: 0 })
    commit(opened.store, tableChanged(1), outboxPut('order-1'))
    commit(opened.store, { kind: 'outbox_put', group: SHOP, row: next })
    for (const { outbox } of bothReadGroup(opened)) expect(outbox).toEqual([plainRow(next)])
  })

  test('rows come oldest first, whatever the order in which they were put', async () => {
    await using opened = await open()
    const put = [3, 1, 2].map((since) => outboxPut(`since ${since}`, { since }))
    commit(opened.store, tableChanged(1), ...put, outboxPut('since 3', { since: 3, attempts: 9 }))
    for (const { outbox } of bothReadGroup(opened)) expect(outbox.map(({ since }) => since)).toEqual([1, 2, 3])
  })

  test('a row that is dropped is gone, and the same reference of another group stays', async () => {
    await using opened = await open()
    const bar = tableChanged(1, { seq: 1 }, BAR)
    commit(opened.store, tableChanged(1), bar, outboxPut('order-1'), outboxPut('order-1', { version: 4 }, BAR))
    commit(opened.store, outboxDropped('order-1'), outboxDropped('order-2'))
    for (const { outbox } of bothReadGroup(opened)) expect(outbox).toEqual([])
    for (const { outbox } of bothReadGroup(opened, BAR)) expect(outbox.map(({ version }) => version)).toEqual([4])
  })
}

function holdRefusals(open: OpenStore): void {
  test('a refusal is kept with what Odoo has, byte for byte, or without', async () => {
    await using opened = await open()
    commit(opened.store, versioned('order-1'))
    for (const [seq, theirs] of [[2, new Opaque('{"order_id": 5.0, "text":"\\u00e9"}')] as const, [3, null] as const]) {
      const refusal = { code: 'PARKED', text: 'other content', theirs } as const
      const parked = recordOf('order-1', { state: 'parked', seq, finalize: finalizeOf({ refusal }) })
      commit(opened.store, marked('order-1', parked))
      for (const store of [opened.store, opened.next()]) {
        const read = find(store, 'order-1')?.record.finalize?.refusal
        expect([read?.code, read?.text, read?.theirs?.json]).toEqual(['PARKED', 'other content', theirs?.json])
      }
    }
  })
}

function holdTokens(open: OpenStore): void {
  test('tokens are read back as they were kept, oldest check first', async () => {
    await using opened = await open()
    const [late, early] = [
      tokenKept('a', { checkedAt: 9, configIds: [] }),
      tokenKept('b', { checkedAt: 5, role: 'manager' }),
    ]
    commit(opened.store, late, early, tokenKept('c', { checkedAt: 1 }))
    const again = tokenKept('c', { checkedAt: 7, name: 'another', subject: 's', configIds: [0, 2 ** 53 - 1] })
    commit(opened.store, again)
    for (const { tokens } of bothRead(opened)) expect(tokens).toEqual([early.token, again.token, late.token])
  })

  test('a token that is forgotten is gone, and the others stay', async () => {
    await using opened = await open()
    commit(opened.store, tokenKept('a', { checkedAt: 1 }), tokenKept('b', { checkedAt: 2 }))
    commit(opened.store, tokenForgotten('a'), tokenForgotten('nobody'))
    for (const { tokens } of bothRead(opened)) expect(tokens.map(({ digest }) => digest)).toEqual(['b'])
  })
}

function holdSettled(open: OpenStore): void {
  test('second payments that a person has looked at leave the list; the order still knows them', async () => {
    await using opened = await open()
    commit(opened.store, versioned('order-1'), versioned('order-2', { record: { seq: 2 } }))
    commit(opened.store, secondPayment('order-1', 'a'), secondPayment('order-1', 'b'), secondPayment('order-2', 'a'))
    commit(opened.store, paymentsSettled('order-1', 'given back'))
    for (const store of [opened.store, opened.next()]) {
      expect(value(store.secondPayments(SHOP)).map(({ posReference }) => String(posReference))).toEqual(['order-2'])
      expect([...(find(store, 'order-1')?.secondPayments ?? [])].toSorted()).toEqual(['a', 'b'])
    }
  })

  test('another payment after that is on the list, and the same one is not', async () => {
    await using opened = await open()
    commit(opened.store, versioned('order-1'), secondPayment('order-1', 'a'), paymentsSettled('order-1', 'given back'))
    commit(opened.store, secondPayment('order-1', 'a', { at: 9 }), secondPayment('order-1', 'b'))
    expect(value(opened.next().secondPayments(SHOP)).map(({ digest }) => digest)).toEqual(['b'])
  })
}

function holdPaid(open: OpenStore): void {
  const pages = (since: number, offset = 0, countMax = 10) => ({ since, offset, countMax })

  test('what is final or finalizing is listed, oldest change first, and nothing else', async () => {
    await using opened = await open()
    const states = ['open', 'finalizing', 'refused', 'parked', 'final', 'discarded'] as const
    for (const [at, state] of states.entries()) {
      const result = state === 'final' ? resultOf(77) : null
      const snapshot = `{"of":"${state}"}`
      commit(opened.store, versioned(state, { record: { seq: 2 * at + 1 }, snapshot }))
      commit(opened.store, marked(state, { state, seq: 2 * at + 2, at: 100 - at, result }))
    }
    commit(opened.store, versioned('other', { group: BAR, record: { state: 'finalizing' } }))
    for (const store of [opened.store, opened.next()]) {
      const listed = value(store.paidOrders(SHOP, pages(0)))
      expect(listed.map((one) => ({ ...one, snapshot: one.snapshot.json }))).toEqual([
        { posReference: reference('final'), state: 'final', at: 96, orderId: 77, snapshot: '{"of":"final"}' },
        {
          posReference: reference('finalizing'),
          state: 'finalizing',
          at: 99,
          orderId: null,
          snapshot: '{"of":"finalizing"}',
        },
      ])
    }
  })

  test('pages follow each other without a gap, from a time on', async () => {
    await using opened = await open()
    const record = { state: 'finalizing', finalize: finalizeOf() } as const
    const names = ['e', 'd', 'c', 'b', 'a']
    for (const [n, name] of names.entries()) {
      commit(opened.store, versioned(name, { record: { ...record, seq: n + 1, at: n < 3 ? 50 : 60 } }))
    }
    const listed = (since: number, offset: number) =>
      value(opened.store.paidOrders(SHOP, pages(since, offset, 2))).map(({ posReference }) => String(posReference))
    expect([listed(0, 0), listed(0, 2), listed(0, 4), listed(0, 6)]).toEqual([['c', 'd'], ['e', 'a'], ['b'], []])
    expect([listed(51, 0), listed(60, 0), listed(61, 0)]).toEqual([['a', 'b'], ['a', 'b'], []])
    expect(read(opened.store).groups).toHaveLength(1)
  })
}
