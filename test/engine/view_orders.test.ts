import { describe, expect, test } from 'bun:test'
import type { Settings } from '../../src/core/state.ts'
import type { Store } from '../../src/engine/ports.ts'
import { createView, type View } from '../../src/engine/view.ts'
import type { GroupId, PosReference } from '../../src/protocol/mod.ts'
import { failed } from '../core/odoo_shop.ts'
import { ODOO } from '../core/stage.ts'
import { discard, finalize, lease, signIn, snapshot } from './commands.ts'
import { EngineHouse, FULL, GONE } from './house.ts'

const DEFAULT = 'default' as GroupId
const BAR = 'bar' as GroupId
const HOUR_MS = 3_600_000

function viewOf(house: EngineHouse, broken: Partial<Store> = {}): View {
  return createView(house.engine, house.clock, { ...house.store, ...broken })
}

function open(settings: Partial<Settings> = {}): EngineHouse {
  const house = EngineHouse.started({ settings })
  house.run(signIn(1), signIn(2, { group: BAR }))
  return house
}

function reference(text: string): PosReference {
  return text as PosReference
}

function write(house: EngineHouse, posReference: string, json = '{}', line = 1): void {
  house.run(lease(line, posReference), snapshot(line, posReference, 0, { msgId: `m-${posReference}`, json }))
}

describe('orders', () => {
  test('active ones of all groups, last change first, at most as many as are asked for', () => {
    const house = open()
    for (const order of ['a', 'b', 'c']) {
      write(house, order, '{"total":3,"tableId":4}')
      house.clock.advance(100)
    }
    write(house, 'a', '{}', 2)
    house.run(discard(1, 'b', 1, 'away'))
    const listed = (countMax: number) => {
      const found = viewOf(house).orders(countMax)
      return found.ok ? found.value.map(({ group, posReference }) => `${group} ${posReference}`) : found
    }
    expect(listed(1_000)).toEqual(['bar a', 'default c', 'default a'])
    expect([listed(1), listed(0)]).toEqual([['bar a'], []])
  })

  test('a line says what people ask for first', () => {
    const house = open()
    house.run(finalize(1, 'a', { msgId: 'p', json: '{"amount_total":7.25}' }))
    expect(viewOf(house).orders(9)).toEqual({
      ok: true,
      value: [
        {
          group: DEFAULT,
          posReference: reference('a'),
          state: 'finalizing',
          version: 1,
          tableId: null,
          status: null,
          at: house.clock.wall(),
          amount: 7.25,
        },
      ],
    })
  })
})

describe('the list of those that need a person', () => {
  test('is of memory and disk together, oldest first, and bounded', () => {
    const house = open()
    house.run(finalize(1, 'a', { msgId: 'p' }), finalize(1, 'b', { msgId: 'q' }))
    house.clock.stall(30_000)
    const other = { msgId: 'r', json: '{"paid":2,"total":5}' }
    house.run(finalize(2, 'z', { msgId: 'p' }))
    house.clock.stall(1_000)
    house.run(finalize(2, 'z', other))
    house.clock.stall(HOUR_MS)
    const listed = (countMax: number) => {
      const found = viewOf(house).attention(countMax)
      return found.ok ? found.value.map(({ posReference, cause }) => `${posReference} ${cause}`) : found
    }
    expect(listed(1_000)).toEqual(['a WAITING', 'b WAITING', 'z WAITING', 'z SECOND_PAYMENT'])
    expect(listed(2)).toEqual(['a WAITING', 'b WAITING'])
  })

  test('more than a thousand: the oldest thousand', () => {
    const house = open()
    for (let at = 0; at < 1_001; at++) {
      house.run(finalize(1, `Order ${at}`, { msgId: 'p' }))
      house.clock.stall(1)
    }
    house.clock.stall(HOUR_MS)
    const found = viewOf(house).attention(1_000)
    expect(found.ok && [found.value.length, found.value[0]?.posReference, found.value[999]?.posReference]).toEqual([
      1_000,
      reference('Order 0'),
      reference('Order 999'),
    ])
  })

  test('one order may be on it for two causes', () => {
    const house = open()
    house.run(finalize(1, 'a', { msgId: 'p' }), finalize(1, 'a', { msgId: 'q', json: '{"paid":2}' }))
    house.clock.stall(HOUR_MS)
    const found = viewOf(house).attention(9)
    expect(found.ok && found.value.map(({ cause }) => cause)).toEqual(['WAITING', 'SECOND_PAYMENT'])
  })
})

describe('one order', () => {
  test('the groups that have it, in memory or only on the disk', () => {
    const house = open()
    write(house, 'a')
    write(house, 'a', '{}', 2)
    house.run(discard(2, 'a', 1, 'away'))
    expect(viewOf(house).groupsOf(reference('a'))).toEqual({ ok: true, value: [DEFAULT, BAR] })
    expect(viewOf(house).groupsOf(reference('b'))).toEqual({ ok: true, value: [] })
    // A start brings no closed order back into memory.
    const again = EngineHouse.started({ file: house.file })
    expect(again.engine.state.hub?.groups.get(BAR)?.closedWhole.size).toBe(0)
    expect(viewOf(again).groupsOf(reference('a'))).toEqual({ ok: true, value: [DEFAULT, BAR] })
    expect(viewOf(again).story(BAR, reference('a'))).toMatchObject({ value: { state: 'discarded', group: BAR } })
  })

  test('is told with its versions, its row and its second payments, each content as it came', () => {
    const house = open()
    write(house, 'a', '{"n":12345678901234567890}')
    house.run(finalize(1, 'a', { msgId: 'p', json: '{"paid":1}' }))
    house.run(finalize(1, 'a', { msgId: 'q', json: '{"paid":2,"__proto__":{}}' }))
    house.run(finalize(1, 'b', { msgId: 'p' }), finalize(1, 'b', { msgId: 'q', json: '{"paid":9}' }))
    const story = viewOf(house).story(DEFAULT, reference('a'))
    if (!story.ok || story.value === null) throw new Error('it is there')
    const { versions, secondPayments, snapshot: content, outbox, refusal, orderId } = story.value
    expect(versions.map(({ version, snapshot: { json } }) => [version, json])).toEqual([
      [1, '{"n":12345678901234567890}'],
      [2, '{"paid":1}'],
    ])
    expect(secondPayments.map((one) => one.snapshot.json)).toEqual(['{"paid":2,"__proto__":{}}'])
    expect(content.json).toBe('{"paid":1}')
    expect([outbox?.kind, outbox?.version, refusal, orderId]).toEqual(['finalize', 2, null, null])
  })

  test('nobody knows it', () => {
    expect(viewOf(open()).story(DEFAULT, reference('a'))).toEqual({ ok: true, value: null })
    expect(viewOf(open()).story('no group' as GroupId, reference('a'))).toEqual({ ok: true, value: null })
  })
})

describe('Odoo', () => {
  test('is told as it stands', () => {
    const house = open({ odoo: ODOO })
    expect(viewOf(house).odoo()).toMatchObject({ isConfigured: true, state: 'offline', trouble: null, takenAt: null })
    const probe = house.engine.state.hub?.road.calls.keys().next().value ?? 0
    const result = failed('probe', 'transient', { text: 'Nobody listens there', scope: 'server' })
    house.run({ kind: 'odoo_answered', call: probe, result, chance: 1 })
    expect(viewOf(house).odoo()).toMatchObject({ state: 'offline', trouble: { text: 'Nobody listens there' } })
    expect(viewOf(open()).odoo()).toMatchObject({ isConfigured: false, takenCount: 0 })
  })
})

describe('a disk that refuses', () => {
  const broken = { ok: false, failure: GONE } as const

  test('makes no empty list and no unknown order of what cannot be read', () => {
    const house = open()
    write(house, 'a')
    house.disk.commits = FULL
    house.run(lease(1, 'b'))
    const view = viewOf(house)
    for (const read of [view.orders(9), view.attention(9), view.groupsOf(reference('a'))]) expect(read.ok).toBe(false)
    expect(view.ageing().count).toBe(0)
    expect(view.odoo().isConfigured).toBe(false)
  })

  test('is said at each reading', () => {
    const house = open()
    write(house, 'a')
    expect(viewOf(house, { secondPayments: () => broken }).attention(9)).toEqual(broken)
    expect(viewOf(house, { findOrder: () => broken }).groupsOf(reference('x'))).toEqual(broken)
    expect(viewOf(house, { findOrder: () => broken }).story(DEFAULT, reference('x'))).toEqual(broken)
    expect(viewOf(house, { story: () => broken }).story(DEFAULT, reference('a'))).toEqual(broken)
    expect(viewOf(house, { secondPayments: () => broken }).story(DEFAULT, reference('a'))).toEqual(broken)
  })
})
