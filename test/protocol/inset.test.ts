import { describe, expect, test } from 'bun:test'
import { type Inset, inset, Opaque } from '../../src/protocol/mod.ts'
import { createRandom } from '../support/random.ts'
import { randomJson, randomObject } from './random_json.ts'

const REFERENCE: Inset = ['posReference', '"A-1"']
const CONFIG: Inset = ['configId', '3']

describe('setting fields inside a text', () => {
  const cases: readonly (readonly [text: string, fields: readonly Inset[], result: string])[] = [
    ['{}', [REFERENCE], '{"posReference":"A-1"}'],
    [' { } ', [REFERENCE], ' {"posReference":"A-1" } '],
    ['{"a":1}', [REFERENCE, CONFIG], '{"posReference":"A-1","configId":3,"a":1}'],
    ['{"a":1,"posReference":"B-2"}', [REFERENCE], '{"a":1,"posReference":"A-1"}'],
    ['{"posReference" : {"x":[1]} ,"a":1}', [REFERENCE], '{"posReference" : "A-1" ,"a":1}'],
    ['{"configId":1,"posReference":"B"}', [REFERENCE, CONFIG], '{"configId":3,"posReference":"A-1"}'],
    ['{"posReference":"B","configId":1}', [CONFIG, REFERENCE], '{"posReference":"A-1","configId":3}'],
    ['{"posReference":1,"posReference":2}', [REFERENCE], '{"posReference":1,"posReference":"A-1"}'],
    ['{"pos\\u0052eference":"B"}', [REFERENCE], '{"pos\\u0052eference":"A-1"}'],
    ['{"a":{"posReference":"B"}}', [REFERENCE], '{"posReference":"A-1","a":{"posReference":"B"}}'],
    ['{"__proto__":{"x":1},"n":9007199254740993}', [CONFIG], '{"configId":3,"__proto__":{"x":1},"n":9007199254740993}'],
    ['{"a":"}{,\\""}', [REFERENCE], '{"posReference":"A-1","a":"}{,\\""}'],
    ['{"a":1}', [], '{"a":1}'],
  ]

  test.each(cases)('of %s with %j', (text, fields, result) => {
    expect(inset(new Opaque(text), fields).json).toBe(result)
  })

  test('a reader of any object then sees the new values, and of all other keys what was there', () => {
    for (let seed = 1; seed <= 1_500; seed++) {
      const random = createRandom(seed)
      const { text } = randomObject(random)
      const keys = ['snapshot', 'a', 'ñ🍕', 'posReference', '"']
      const fields = keys.slice(random.below(keys.length)).map((key): Inset => [key, randomJson(random, 2)])
      const expected = new Map(Object.entries(JSON.parse(text)))
      for (const [key, json] of fields) expected.set(key, JSON.parse(json))
      const read = new Map(Object.entries(JSON.parse(inset(new Opaque(text), fields).json)))
      const sorted = (map: Map<string, unknown>) => [...map].toSorted(([left], [right]) => (left < right ? -1 : 1))
      expect([seed, sorted(read)]).toEqual([seed, sorted(expected)])
    }
  })
})
