import { describe, expect, test } from 'bun:test'
import { Opaque } from '../../src/protocol/mod.ts'
import { readBatch, readFinalize } from '../../src/upstream/answer.ts'
import { PART_CHARS_MAX } from '../../src/upstream/limits.ts'
import { short } from './road.ts'

function meaningOf(json: string): string {
  const answer = readFinalize(json, 'A-1')
  return answer.kind === 'failed' ? short(answer.failure) : answer.kind
}

describe('an answer to a finalize', () => {
  const cases: readonly (readonly [json: string, meaning: string])[] = [
    ['{"status":"ok","pos_reference":"A-1","order_id":41}', 'made'],
    ['{"status":"success","pos_reference":"A-1","order_id":41}', 'made'],
    ['{"order_id":41}', 'made'],
    ['{"status":"ok","order_id":41,"error":{}}', 'made'],
    ['{"status":"ok","pos_reference":"A-1"}', 'no_order'],
    ['{"status":"ok","pos_reference":"A-1","order_id":false}', 'no_order'],
    ['{"status":"ok","pos_reference":"A-1","order_id":0}', 'no_order'],
    ['{"status":"ok","pos_reference":"A-1","order_id":-4}', 'no_order'],
    ['{"status":"ok","pos_reference":"A-1","order_id":1.5}', 'no_order'],
    ['{"status":"ok","pos_reference":"A-1","order_id":"41"}', 'no_order'],
    ['{"status":"ok","pos_reference":"B-2","order_id":41}', 'no_order'],
    ['{"status":"ok","pos_reference":false,"order_id":41}', 'no_order'],
    ['{"status":"pending","pos_reference":"A-1","order_id":41}', 'no_order'],
    ['{}', 'no_order'],
    ['null', 'no_order'],
    ['[41]', 'no_order'],
    ['{"status":"conflict"}', 'conflict'],
    ['{"status":"error"}', 'VALIDATION refused call'],
    ['{"status":"error","order_id":41,"pos_reference":"A-1"}', 'VALIDATION refused call'],
    ['{"success":false,"message":"no"}', 'VALIDATION refused call'],
    ['{"error":"no"}', 'VALIDATION refused call'],
    ['{"status":"error","error":{"message":"x","code":"NO_OPEN_SESSION"}}', 'NO_OPEN_SESSION waiting call'],
    ['{"status":"error","code":"CLIENT_OUTDATED","message":"x"}', 'CLIENT_OUTDATED refused call'],
    ['{"status":"error","error":{"code":"CLOSED_PERIOD"}}', 'CLOSED_PERIOD refused call'],
    ['{"status":"error","error":{"code":"SOMETHING_NEW"}}', 'VALIDATION refused call'],
    ['{"status":"error","error":{"type":"AccessError","message":"x"}}', 'ACCESS unauthorised server'],
    ['{"status":"error","error":{"type":"KeyError","message":"x"}}', 'BAD_DATA refused call'],
    ['{"status":"error","error":{"type":"SerializationFailure","message":"x"}}', 'COLLISION transient call'],
    [
      '{"status":"error","error":{"type":"UserError","message":"No open session available for Bar"}}',
      'NO_OPEN_SESSION waiting call',
    ],
    // The code of the add-on counts before its text.
    [
      '{"status":"error","error":{"code":"VALIDATION","message":"no open POS session for config 3"}}',
      'VALIDATION refused call',
    ],
  ]

  test.each(cases)('%s', (json, meaning) => expect(meaningOf(json)).toBe(meaning))

  test('keeps as text what is only passed on', () => {
    const lines = '{ "__proto__":9007199254740993 }'
    const fiscal = '{"ncf":"E310000000001","n":12345678901234567890}'
    const json = `{"order_id":41,"created":false,"line_id_map":${lines} , "fiscal":${fiscal}}`
    expect(readFinalize(json, 'A-1')).toEqual({
      kind: 'made',
      orderId: 41,
      created: false,
      lineIdMap: new Opaque(lines),
      fiscal: new Opaque(fiscal),
    })
    const other = '{"status":"conflict","order_id":12345678901234567890}'
    expect(readFinalize(other, 'A-1')).toMatchObject({ kind: 'conflict', orderId: null, theirs: new Opaque(other) })
  })

  test.each(['', ',"line_id_map":[],"fiscal":false', ',"line_id_map":null,"fiscal":{ }', ',"fiscal":"E31"'])(
    'has no lines and no fiscal number with %j',
    (more) => {
      const answer = readFinalize(`{"order_id":41${more}}`, 'A-1')
      expect(answer).toMatchObject({ kind: 'made', lineIdMap: new Opaque('{}'), fiscal: null, created: null })
    },
  )
})

/** An object of that many characters. */
function objectOf(chars: number): string {
  return `{"pdf":"${'x'.repeat(chars - 10)}"}`
}

describe('a part of an answer that is too large to keep', () => {
  test.each(['line_id_map', 'fiscal'] as const)('is dropped, and the order is made all the same: %s', (field) => {
    const answerWith = (chars: number) => {
      const answer = readFinalize(`{"order_id":41,"${field}":${objectOf(chars)}}`, 'A-1')
      if (answer.kind !== 'made') throw new Error('it is made')
      return { lineIdMap: answer.lineIdMap.json.length, fiscal: answer.fiscal?.json.length ?? null }
    }
    const without = { lineIdMap: 2, fiscal: null }
    const kept = field === 'fiscal' ? { fiscal: PART_CHARS_MAX } : { lineIdMap: PART_CHARS_MAX }
    expect(answerWith(PART_CHARS_MAX)).toEqual({ ...without, ...kept })
    expect(answerWith(PART_CHARS_MAX + 1)).toEqual(without)
    expect(answerWith(3_000_000)).toEqual(without)
  })

  test.each(['conflict', 'ok'])('is not shown to people either, who are told that: %s', (status) => {
    const answerOf = (chars: number) => {
      const start = `{"status":"${status}","x":`
      const answer = readFinalize(`${start}${objectOf(chars - start.length - 1)}}`, 'A-1')
      if (answer.kind !== 'conflict' && answer.kind !== 'no_order') throw new Error('it names no order')
      return answer.theirs.json
    }
    expect(answerOf(PART_CHARS_MAX)).toHaveLength(PART_CHARS_MAX)
    expect(answerOf(PART_CHARS_MAX + 1)).toBe('{"too_large":true}')
  })

  test('however deep it is', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(readFinalize(`{"order_id":41,"fiscal":${deep}}`, 'A-1')).toMatchObject({ kind: 'made', fiscal: null })
  })
})

describe('an answer to a batch', () => {
  const asked = new Set(['A-1', 'A-2', 'A-3', 'A-4'])
  const items = [
    '{"pos_reference":"A-1","status":"ok","order_id":41,"line_id_map":{"n":9007199254740993},"x":"],[{"}',
    '{"pos_reference":"A-2","status":"ok"}',
    '{"pos_reference":"A-3","status":"error","error":{"message":"no such product"}}',
    '{"pos_reference":"B-9","status":"ok","order_id":7}',
    '7',
    '{"status":"ok"}',
  ]
  const list = `[ ${items.join(' , ')} ]`

  test.each([list, `{"results":${list}}`])('has a result for each order that was sent', (json) => {
    const answer = readBatch(json, asked)
    if (answer.kind !== 'batched') throw new Error('a batch has results')
    expect([...answer.results.keys()]).toEqual(['A-1', 'A-2', 'A-3'])
    expect(answer.results.get('A-1')).toMatchObject({ orderId: 41, lineIdMap: new Opaque('{"n":9007199254740993}') })
    expect(answer.results.get('A-2')).toEqual({ kind: 'stored' })
    expect(answer.results.get('A-3')).toMatchObject({ kind: 'failed', failure: { code: 'VALIDATION' } })
  })

  test.each([10_000, 300_000, 4_000_000])('has them beside a part of %i characters too', (chars) => {
    for (const part of ['x', '\\n', '\\"']) {
      const fiscal = `{"pdf":"${part.repeat(chars / part.length)}"}`
      const json = `[{"pos_reference":"A-1","status":"ok","order_id":41,"fiscal":${fiscal}},${items[1]}]`
      const answer = readBatch(json, asked)
      if (answer.kind !== 'batched') throw new Error('a batch has results')
      expect([...answer.results.keys()]).toEqual(['A-1', 'A-2'])
      expect(answer.results.get('A-1')).toMatchObject({ kind: 'made', orderId: 41 })
    }
  })

  test('may be empty', () => {
    expect(readBatch('[]', asked)).toEqual({ kind: 'batched', results: new Map() })
    expect(readBatch('{"results":[]}', asked)).toEqual({ kind: 'batched', results: new Map() })
  })

  test.each([
    ['{"status":"error","error":{"code":"CLIENT_OUTDATED","message":"x"}}', 'CLIENT_OUTDATED refused call'],
    ['{"results":7}', 'BAD_JSON ambiguous call landed'],
    ['null', 'BAD_JSON ambiguous call landed'],
    ['true', 'BAD_JSON ambiguous call landed'],
  ])('%s is no list of results', (json, meaning) => {
    const answer = readBatch(json, asked)
    expect(answer.kind === 'failed' ? short(answer.failure) : answer.kind).toBe(meaning)
  })
})
