import { describe, expect, test } from 'bun:test'
import { amountOf, isActive, NO_FACTS, OrderState, readFacts } from '../../src/protocol/mod.ts'

type Snapshot = { readonly [key: string]: unknown }

describe('the facts of a snapshot', () => {
  const cases: readonly (readonly [
    snapshot: Snapshot,
    tableId: number | null,
    status: string | null,
    configId?: number | null,
  ])[] = [
    [{ tableId: 7, status: 'draft' }, 7, 'draft'],
    [{ tableId: 0 }, 0, null],
    [{ table_id: 7, state: 'paid' }, 7, 'paid'],
    [{ table_id: [7, 'T 7'] }, 7, null],
    [{ tableId: 8, table_id: 7, status: 'a', state: 'b' }, 8, 'a'],
    [{ tableId: null, table_id: 7, status: null, state: 'b' }, 7, 'b'],
    [{ tableId: '7', status: 7 }, null, null],
    [{ tableId: -1, status: '' }, null, null],
    [{ tableId: 1.5, status: 'x'.repeat(65) }, null, null],
    [{ tableId: 2 ** 53, status: '\ud800' }, null, null],
    [{ tableId: false, table_id: [] }, null, null],
    [{ configId: 3 }, null, null, 3],
    [{ config_id: [4, 'Bar'] }, null, null, 4],
    [{ configId: 3, config_id: 4 }, null, null, 3],
    [{ configId: 'three', config_id: -4 }, null, null, null],
    [{}, null, null],
  ]

  test.each(cases)(
    'of %j are table %p, status %p and configuration %p',
    (snapshot, tableId, status, configId = null) => {
      expect(readFacts(snapshot)).toEqual({ tableId, status, configId })
      expect(readFacts(JSON.parse(JSON.stringify(snapshot)))).toEqual({ tableId, status, configId })
    },
  )

  test('are only its own', () => {
    expect(readFacts(JSON.parse('{"__proto__":{"tableId":7,"status":"draft","configId":3}}'))).toEqual(NO_FACTS)
    expect(readFacts(Object.create({ tableId: 7, configId: 3 }))).toEqual(NO_FACTS)
  })
})

describe('the amount of a snapshot', () => {
  const cases: readonly (readonly [snapshot: unknown, amount: number | null])[] = [
    [{ totals: { total: 12.5 } }, 12.5],
    [{ amountTotal: 0 }, 0],
    [{ amount_total: -3 }, -3],
    [{ total: 333.96000000000004 }, 333.96000000000004],
    [{ totals: { total: 1 }, amountTotal: 2, amount_total: 3, total: 4 }, 1],
    [{ amountTotal: 2, amount_total: 3, total: 4 }, 2],
    [{ amount_total: 3, total: 4 }, 3],
    [{ totals: { total: '1' }, amountTotal: null, total: 4 }, 4],
    [{ totals: [5], total: '4' }, null],
    [{ totals: 5 }, null],
    [{}, null],
    [[], null],
    ['12', null],
    [12, null],
    [null, null],
  ]

  test.each(cases)('of %j is %p', (snapshot, amount) => {
    expect(amountOf(JSON.stringify(snapshot))).toBe(amount)
  })

  test('is only its own, and a number that JSON can say', () => {
    expect(amountOf('{"__proto__":{"total":5}}')).toBeNull()
    expect(amountOf('{"total":1e999}')).toBeNull()
  })
})

test('four states are active', () => {
  expect([...OrderState.values].filter(isActive)).toEqual(['open', 'finalizing', 'refused', 'parked'])
})
