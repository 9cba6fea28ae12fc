import { describe, expect, test } from 'bun:test'
import {
  encodeHub,
  FloorId,
  FloorTables,
  isJsonObject,
  PosReference,
  Seq,
  Snapshot,
  TerminalId,
  Version,
} from '../../src/protocol/mod.ts'
import { snapshotFrame, takenAs } from './frames.ts'

const heard = {
  type: 'ORDER_UPDATED',
  posReference: PosReference.parse('A-1'),
  version: Version.parse(1),
  sourceTerminal: TerminalId.parse('t'),
  seq: Seq.parse(1),
  state: 'open',
} as const

const prefix =
  '{"type":"ORDER_UPDATED","posReference":"A-1","version":1,"sourceTerminal":"t","seq":1,"state":"open","snapshot":'

describe('a snapshot', () => {
  const snapshots: readonly (readonly [what: string, text: string])[] = [
    ['with fields nobody has heard of', '{"unheard":{"of":[1,{"deep":{"er":null}}]},"x_studio_field":true}'],
    ['with 2^53 - 1', '{"id":9007199254740991,"neg":-9007199254740991}'],
    ['with integers above 2^53', '{"id":9007199254740993,"big":123456789012345678901234567890}'],
    ['with numbers that printing would spell anew', '{"qty":1.50,"price":1e2,"tax":-0,"tiny":1E-400,"huge":1e400}'],
    ['in every script', '{"note":"ñandú, 日本語, кофе, العربية, 🍕👨‍👩‍👧"}'],
    ['with emoji as escapes', '{"note":"\\ud83c\\udf55"}'],
    ['with a lone surrogate as an escape', '{"note":"\\ud83c"}'],
    ['with NUL and other escapes', '{"note":"\\u0000\\b\\f\\n\\r\\t\\"\\\\\\/"}'],
    ['with separators that JavaScript once broke on', '{"note":"\u2028\u2029\ufeff\u0085"}'],
    ['with empty things', '{"lines":[],"tax":{},"note":"","":0}'],
    ['that is empty', '{}'],
    ['with nested objects', `{"a":${'{"b":['.repeat(15)}1${']}'.repeat(15)}}`],
    ['with white space inside', '{ "a" :\n\t[ 1 , 2 ]\r\n}'],
    ['with keys that stand twice', '{"a":1,"a":2}'],
    ['with keys of the language', '{"__proto__":{"a":1},"constructor":{"prototype":{}},"toString":1,"length":2}'],
    ['with keys of the envelope', '{"type":"AUTH","snapshot":{"snapshot":{}},"posReference":7,"tables":{}}'],
    ['with text that looks like a frame', '{"note":"{\\"type\\":\\"AUTH\\"},\\"snapshot\\":{}"}'],
    ['of 2,000 lines', `{"lines":[${Array.from({ length: 2_000 }, (_, at) => `{"id":${at},"qty":1.00}`).join(',')}]}`],
  ]

  test.each(snapshots)('%s comes out as it went in, letter by letter', (_what, text) => {
    const said = takenAs('ORDER_SNAPSHOT', snapshotFrame(text))
    expect(said.snapshot.json).toBe(text)
    expect(encodeHub({ ...heard, snapshot: said.snapshot })).toBe(`${prefix}${text}}`)
  })

  test.each(snapshots)('%s comes out of a release and a payment too', (_what, text) => {
    const release = `{"type":"LEASE_RELEASE","finalSnapshot":${text},"posReference":"A-1"}`
    expect(takenAs('LEASE_RELEASE', release).finalSnapshot?.json).toBe(text)
    const payment = `{"type":"ORDER_FINALIZE","snapshot":${text},"configId":1,"posReference":"A-1","msgId":"m"}`
    expect(takenAs('ORDER_FINALIZE', payment).snapshot.json).toBe(text)
  })

  test('is an object and nothing else', () => {
    expect([{}, { a: 1 }, Object.create(null)].map((value) => Snapshot.safeParse(value).success)).toEqual([
      true,
      true,
      true,
    ])
    expect([null, [], 'a', 1, true, undefined].map(isJsonObject)).toEqual([false, false, false, false, false, false])
  })
})

describe('the tables of a floor', () => {
  test('come out as they went in', () => {
    const tables = '[ {"id":7,"x":1.0,"big":9007199254740993}, {} ]'
    const said = takenAs('FLOOR_PLAN_UPDATE', `{"type":"FLOOR_PLAN_UPDATE","floorId":2,"tables":${tables}}`)
    expect(said.tables.json).toBe(tables)
    const floor = {
      floorId: FloorId.parse(2),
      tables: said.tables,
      sourceTerminal: heard.sourceTerminal,
      seq: heard.seq,
    }
    expect(encodeHub({ type: 'FLOOR_PLAN_CHANGED', ...floor })).toContain(`"tables":${tables},`)
  })

  test('are a list of objects', () => {
    expect([[], [{}], [{}, { a: 1 }]].map((value) => FloorTables.safeParse(value).success)).toEqual([true, true, true])
    expect([{}, [1], [[]], [null], 'a'].map((value) => FloorTables.safeParse(value).success)).not.toContain(true)
  })
})
