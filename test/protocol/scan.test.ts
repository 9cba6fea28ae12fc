import { describe, expect, test } from 'bun:test'
import { encodeHub, OPAQUE_FIELDS, PosReference, Seq, TerminalId, Version } from '../../src/protocol/mod.ts'
import { scanTopLevel } from '../../src/protocol/scan.ts'
import { createRandom } from '../support/random.ts'
import { snapshotFrame, takenAs } from './frames.ts'
import { randomJson, randomObject } from './random_json.ts'

function slices(text: string, keys: readonly string[] = OPAQUE_FIELDS): { readonly [key: string]: string } {
  const { extents } = scanTopLevel(text, keys)
  return Object.fromEntries([...extents].map(([key, [start, end]]) => [key, text.slice(start, end)]))
}

describe('the scanner', () => {
  const cases: readonly (readonly [text: string, snapshot: string | undefined])[] = [
    ['{"snapshot":{}}', '{}'],
    ['{"snapshot":1}', '1'],
    ['{"snapshot" : "a,}b" , "c":2}', '"a,}b"'],
    ['{"a":{"snapshot":1}}', undefined],
    ['{"a":["snapshot",{"snapshot":1}],"b":"snapshot"}', undefined],
    ['{"a":"snapshot","snapshot":[":",","]}', '[":",","]'],
    ['{"snapshot":"\\\\","a":"\\"snapshot\\":1"}', '"\\\\"'],
    ['{"snapshot":"\\\\\\"}","a":1}', '"\\\\\\"}"'],
    ['{"snapshot":-1.5e+3,"a":1}', '-1.5e+3'],
    ['{"snapshot":1,"snapshot":2}', '2'],
    ['{"\\u0073napshot":1}', '1'],
    ['{"snapshot\\u0000":1}', undefined],
    ['{"Snapshot":1,"snapshots":2,"snapsho":3,"":4}', undefined],
    ['["snapshot",1]', undefined],
    ['{}', undefined],
    ['', undefined],
  ]

  test.each(cases)('finds the snapshot of %j', (text, snapshot) => expect(slices(text)['snapshot']).toBe(snapshot))

  test('measures how deep a text nests', () => {
    const depthOf = (text: string) => scanTopLevel(text, []).depth
    expect(['7', '"[["', '[]', '{"a":[]}', '[[],[[]]]', '{"a":"\\"{"}'].map(depthOf)).toEqual([0, 0, 1, 2, 3, 1])
    expect(depthOf('['.repeat(1_000_000))).toBe(1_000_000)
  })

  test('ends on any text at all', () => {
    const random = createRandom(2)
    const marks = [...'{}[]:,"\\ \nax']
    for (let round = 0; round < 5_000; round++) {
      const text = Array.from({ length: random.below(40) }, () => marks[random.below(marks.length)]).join('')
      expect(scanTopLevel(text, OPAQUE_FIELDS).depth).toBeLessThanOrEqual(text.length)
    }
  })
})

describe('for random JSON', () => {
  test('the slices are what was written, and what JSON.parse reads', () => {
    for (let seed = 1; seed <= 1_500; seed++) {
      const random = createRandom(seed)
      const { text, members } = randomObject(random)
      const parsed: { readonly [key: string]: unknown } = JSON.parse(text)
      const found = slices(text)
      const carried = [...members].filter(([key]) => OPAQUE_FIELDS.includes(key))
      expect([seed, found]).toEqual([seed, Object.fromEntries(carried)])
      for (const [key, slice] of Object.entries(found)) {
        expect([seed, key, JSON.stringify(JSON.parse(slice))]).toEqual([seed, key, JSON.stringify(parsed[key])])
      }
    }
  })

  test('the depth is that of the brackets outside strings', () => {
    for (let seed = 1; seed <= 1_000; seed++) {
      const text = randomJson(createRandom(seed), 6)
      let depth = 0
      let deepest = 0
      for (const mark of text.replace(/"(?:\\.|[^"\\])*"/g, '')) {
        if ('[{'.includes(mark)) deepest = Math.max(deepest, ++depth)
        if (']}'.includes(mark)) depth--
      }
      expect([seed, scanTopLevel(text, []).depth]).toEqual([seed, deepest])
    }
  })

  test('a snapshot goes from frame to frame as the same text', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const snapshot = randomObject(createRandom(seed)).text.trim()
      const said = takenAs('ORDER_SNAPSHOT', snapshotFrame(snapshot))
      const heard = encodeHub({
        type: 'ORDER_UPDATED',
        posReference: PosReference.parse('A-1'),
        version: Version.parse(1),
        snapshot: said.snapshot,
        sourceTerminal: TerminalId.parse('t'),
        seq: Seq.parse(1),
        state: 'open',
      })
      expect([seed, slices(heard)['snapshot']]).toEqual([seed, snapshot])
      expect(() => JSON.parse(heard)).not.toThrow()
    }
  })
})
