import { expect, test } from 'bun:test'
import { sliceElements, sliceFields } from '../../src/upstream/slice.ts'
import { randomJson } from '../protocol/random_json.ts'
import { createRandom } from '../support/random.ts'

test('the elements of a random array are what was written', () => {
  for (let seed = 1; seed <= 1_500; seed++) {
    const random = createRandom(seed)
    const elements = Array.from({ length: random.below(6) }, () => randomJson(random, 4))
    expect([seed, sliceElements(` [ ${elements.join(' ,\n')} ] `)]).toEqual([seed, elements])
  }
})

test('a long string in an array is no burden', () => {
  const long = JSON.stringify('\\"],[{'.repeat(300_000))
  expect(sliceElements(`[${long},1]`)).toEqual([long, '1'])
})

test.each(['x', '\\n', '\\"', '{', '\\\\'])('nor is one of three million characters, of %j', (part) => {
  const long = `{"a":"${part.repeat(3_000_000 / part.length)}"}`
  expect(sliceElements(`[${long},{"b":1}]`).map((element) => element.length)).toEqual([long.length, 7])
})

test('fields are taken as they stand, the last one of each name', () => {
  expect([...sliceFields('{"a": 1e400 ,"b":[2],"a":{"x": 1}}', ['a', 'c'])]).toEqual([['a', '{"x": 1}']])
})
