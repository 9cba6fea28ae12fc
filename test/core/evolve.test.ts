import { describe, expect, test } from 'bun:test'
import { Broken } from '../../src/core/assert.ts'
import { trimOldest } from '../../src/core/bounded.ts'
import { evolve } from '../../src/core/evolve.ts'
import type { Change } from '../../src/core/outcome.ts'
import type { OrderRecord } from '../../src/core/state.ts'
import { Opaque, type PosReference, type TerminalId } from '../../src/protocol/mod.ts'
import { Play } from './play.ts'
import { GROUP } from './stage.ts'
import { acquire, lock, updateTable, write } from './words.ts'

/** Order A at version 2 and seq 3, its lease with fence 1, a lock with fence 2. */
function open(): { shop: Play; record: OrderRecord } {
  const shop = new Play({ store: null })
  const a = shop.join()
  a.say(acquire('A'))
  a.say(lock(5))
  for (const base of [0, 1]) a.say(write('A', base))
  a.say(updateTable(5, 'free'))
  return { shop, record: shop.order('A').record }
}

function marked(record: OrderRecord): Change {
  return { kind: 'order_marked', group: GROUP, record, message: null }
}

function granted(fence: number): Change {
  const grant = { kind: 'lock', key: '9', holder: 'somebody' as TerminalId, fence, at: 0 } as const
  return { kind: 'granted', group: GROUP, grant, deadline: 2_000_000, line: null, denied: [] }
}

describe('what cannot be, is a bug: nothing of it is remembered', () => {
  test('[V6] a version never falls', () => {
    const { shop, record } = open()
    expect(() => evolve(shop.hub, marked({ ...record, version: 1, seq: 4 }))).toThrow(Broken)
    expect(shop.order('A').record).toBe(record)
  })

  test('[V2] what is final never becomes anything else', () => {
    const { shop, record } = open()
    const result = { orderId: 1, lineIdMap: new Opaque('{}'), fiscal: null }
    evolve(shop.hub, marked({ ...record, state: 'final', result, seq: 4 }))
    for (const state of ['open', 'refused', 'finalizing', 'discarded'] as const) {
      expect(() => evolve(shop.hub, marked({ ...record, state, seq: 5 }))).toThrow(Broken)
    }
  })

  test('[Y2] seq grows with every change that is broadcast', () => {
    const { shop, record } = open()
    const [table] = shop.group.tables.values()
    if (table === undefined) throw new Error('there is no table')
    for (const seq of [0, 2, 3]) {
      expect(() => evolve(shop.hub, marked({ ...record, seq }))).toThrow(Broken)
      expect(() => evolve(shop.hub, { kind: 'table_changed', group: GROUP, table: { ...table, seq } })).toThrow(Broken)
    }
    expect(shop.group.seq).toBe(3)
  })

  test('[G3] a fence never repeats', () => {
    const { shop } = open()
    for (const fence of [0, 1, 2]) expect(() => evolve(shop.hub, granted(fence))).toThrow(Broken)
    evolve(shop.hub, granted(3))
    expect(shop.hub.fence).toBe(3)
  })

  test('[V2] an order that was never stored is not marked, and no line joins a terminal that is not there', () => {
    const { shop, record } = open()
    const unknown = marked({ ...record, posReference: 'Z' as PosReference, seq: 4 })
    expect(() => evolve(shop.hub, unknown)).toThrow(Broken)
    const holds = new Set<string>()
    const stray = {
      kind: 'line_joined',
      line: 9,
      terminalId: 'nobody' as TerminalId,
      now: 0,
      returning: false,
    } as const
    expect(() => evolve(shop.hub, { ...stray, holds })).toThrow(Broken)
  })
})

test('the oldest entries of a map go first, and none where it is not too full', () => {
  const map = new Map([1, 2, 3, 4].map((key) => [key, key]))
  trimOldest(map, 4)
  expect([...map.keys()]).toEqual([1, 2, 3, 4])
  map.delete(1)
  map.set(1, 1)
  trimOldest(map, 2)
  expect([...map.keys()]).toEqual([4, 1])
  trimOldest(map, 0)
  expect(map.size).toBe(0)
})
