import { describe, expect, test } from 'bun:test'
import { factsOfText, isActive, NO_FACTS, OrderState, readFacts } from '../../src/protocol/mod.ts'

describe('the facts of a snapshot', () => {
  const cases: readonly (readonly [
    snapshot: { readonly [key: string]: unknown },
    tableId: number | null,
    status: string | null,
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
    [{}, null, null],
  ]

  test.each(cases)('of %j are table %p and status %p', (snapshot, tableId, status) => {
    expect(readFacts(snapshot)).toEqual({ tableId, status })
    expect(factsOfText(JSON.stringify(snapshot))).toEqual({ tableId, status })
  })

  test('are only its own', () => {
    expect(factsOfText('{"__proto__":{"tableId":7,"status":"draft"}}')).toEqual(NO_FACTS)
    expect(readFacts(Object.create({ tableId: 7 }))).toEqual(NO_FACTS)
    expect(factsOfText('[]')).toEqual(NO_FACTS)
  })
})

test('four states are active', () => {
  expect([...OrderState.values].filter(isActive)).toEqual(['open', 'finalizing', 'refused', 'parked'])
})
