import { describe, expect, test } from 'bun:test'
import { canonical, sameJson } from '../../src/protocol/mod.ts'
import { createRandom, type Random } from '../support/random.ts'
import { randomJson } from './random_json.ts'

describe('the same JSON', () => {
  const same: readonly (readonly [left: string, right: string])[] = [
    ['{"a":1,"b":2}', '{"b":2,"a":1}'],
    ['{"a":[{"b":1,"c":2}]}', ' { "a" : [ { "c" : 2 , "b" : 1 } ] } '],
    ['[1.0,1e2,-0,1.50]', '[1,100,0,1.5]'],
    ['"\\u00f1\\ud83c\\udf55\\/"', '"ñ🍕/"'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['{"__proto__":{"a":1},"b":2}', '{"b":2,"__proto__":{"a":1}}'],
    ['{}', ' {}'],
  ]

  test.each(same)('is %j and %j', (left, right) => {
    expect([sameJson(left, right), sameJson(right, left)]).toEqual([true, true])
  })

  const other: readonly (readonly [left: string, right: string])[] = [
    ['[1,2]', '[2,1]'],
    ['{"a":1}', '{"a":"1"}'],
    ['{"a":null}', '{}'],
    ['{"a":[]}', '{"a":{}}'],
    ['{"a":0}', '{"a":false}'],
    ['{"a":""}', '{"a":null}'],
    ['{"a":1}', '{"A":1}'],
    ['{"a":{"b":1}}', '{"a":{"b":1,"c":null}}'],
    ['{"__proto__":{"a":1}}', '{}'],
    ['{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
    ['["a,b"]', '["a","b"]'],
    ['{"a":1.5}', '{"a":1.50000001}'],
    ['"ñ"', '"n\u0303"'],
    ['9007199254740991', '9007199254740990'],
    ['1e400', 'null'],
    ['1e400', '-1e400'],
  ]

  test.each(other)('is not %j and %j', (left, right) => {
    expect([sameJson(left, right), sameJson(right, left)]).toEqual([false, false])
  })
})

describe('canonical JSON', () => {
  test('sorts keys at every level and leaves lists in their order', () => {
    expect(canonical({ b: [{ d: 1, c: 2 }, 1], a: null, B: '' })).toBe('{"B":"","a":null,"b":[{"c":2,"d":1},1]}')
  })

  test('of random values says the same after a round trip, whatever the order of keys', () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const random = createRandom(seed)
      const value: unknown = JSON.parse(randomJson(random, 5))
      const text = canonical(value)
      expect([seed, canonical(JSON.parse(text))]).toEqual([seed, text])
      expect([seed, canonical(shuffled(value, random))]).toEqual([seed, text])
      expect([seed, sameJson(JSON.stringify(value), text)]).toEqual([seed, true])
    }
  })

  test('of two random values is the same only where the values are', () => {
    const texts = Array.from({ length: 400 }, (_, seed) => randomJson(createRandom(seed), 3))
    const values = texts.map((text): unknown => JSON.parse(text))
    for (const [at, left] of texts.entries()) {
      const right = texts[(at * 7 + 1) % texts.length] ?? ''
      const equal = Bun.deepEquals(values[at], values[(at * 7 + 1) % texts.length], true)
      expect([left, right, sameJson(left, right)]).toEqual([left, right, equal])
    }
  })
})

/** The same value with the keys of every object in another order. */
function shuffled(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, random))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => ({
    key,
    item: shuffled(item, random),
    at: random.below(9),
  }))
  return Object.fromEntries(entries.sort((left, right) => left.at - right.at).map(({ key, item }) => [key, item]))
}
