import { describe, expect, test } from 'bun:test'
import { canonical } from '../../src/protocol/mod.ts'
import { areSame, canonicalOf, compare, parseNested } from '../../src/realtime/reconcile_json.ts'
import { randomJson } from '../protocol/random_json.ts'
import { createRandom } from '../support/random.ts'

test('canonical JSON is that of the protocol', () => {
  const random = createRandom(7)
  for (let left = 3_000; left > 0; left--) {
    const value: unknown = JSON.parse(randomJson(random, 5))
    expect(canonicalOf(value)).toBe(canonical(value))
  }
  expect(canonicalOf(JSON.parse('[1e999,-1e999]'))).toBe('[Infinity,-Infinity]')
})

describe('values', () => {
  const rising: readonly unknown[] = [
    ...[undefined, null, false, true, -Infinity, -2, 0, 0.5, 9, 10, '', '10', '9', 'a', 'a ', 'b', 'ñ'],
    ...[[], [2], [1, 2], [1, 3], {}, { a: 1 }, { a: 2 }, { b: 0 }, { a: 1, b: 0 }],
  ]

  test('stand in one order', () => {
    const signs = rising.map((left) => rising.map((right) => Math.sign(compare(left, right))))
    expect(signs).toEqual(rising.map((_, at) => rising.map((_, other) => Math.sign(at - other))))
    const equals = rising.map((left) => rising.filter((right) => areSame(left, right)))
    expect(equals).toEqual(rising.map((one) => [one]))
  })

  test('are the same whatever order their keys have, and nought is nought', () => {
    expect(areSame({ a: [{ b: 1, c: 2 }], d: 0 }, { d: -0, a: [{ c: 2, b: 1 }] })).toBe(true)
    expect(areSame({ a: null }, {})).toBe(false)
    expect(compare(0, -0)).toBe(0)
  })
})

test.each([
  ['{"a":1}', { a: 1 }],
  [' [1]', [1]],
  ['1', undefined],
  ['"a"', undefined],
  ['{a}', undefined],
  ['', undefined],
  [7, undefined],
])('%j holds %j', (text, nested) => expect(parseNested(text)).toEqual(nested))
