import { describe, expect, test } from 'bun:test'
import { merge, type ReconcileInput, reconcile } from '../../src/realtime/reconcile.ts'
import type { Snapshot } from '../../src/realtime/transport.ts'

const BURGER = { id: 'b', qty: 1 }
const FRIES = { id: 'f', qty: 1 }
const COLA = { id: 'c', qty: 1 }

function order(...lines: readonly object[]): Snapshot {
  return { tableId: 7, lines }
}

/** Local added fries, remote a cola, from a burger that both know. */
const INPUT: ReconcileInput = {
  base: order(BURGER),
  local: order(BURGER, FRIES),
  remote: order(BURGER, COLA),
  localVersion: 3,
  remoteVersion: 4,
  remoteState: 'open',
}
const BOTH = { kind: 'merged', snapshot: order(BURGER, COLA, FRIES), conflicts: [] } as const

describe('with the common ancestor', () => {
  test.each(['open', 'refused'] as const)('an order that is %s is merged', (remoteState) => {
    expect(reconcile({ ...INPUT, remoteState })).toEqual(BOTH)
  })

  test('any number of versions is merged', () => {
    expect(reconcile({ ...INPUT, remoteVersion: 90 })).toEqual(BOTH)
  })

  test.each(['finalizing', 'parked', 'final', 'discarded'] as const)('one that is %s stands', (remoteState) => {
    expect(reconcile({ ...INPUT, remoteState })).toEqual({ kind: 'accept_remote', lost: INPUT.local })
    const idle = { ...INPUT, local: order(BURGER), remoteState }
    expect(reconcile(idle)).toEqual({ kind: 'accept_remote', lost: null })
  })

  test('what is the same already needs nothing, in any state', () => {
    const local = {
      lines: [
        { qty: 1, id: 'b' },
        { id: 'c', qty: 1 },
      ],
      tableId: 7,
    }
    expect(reconcile({ ...INPUT, local })).toEqual({ kind: 'same' })
    expect(reconcile({ ...INPUT, local, base: null, remoteState: 'final' })).toEqual({ kind: 'same' })
  })

  test('nothing of its own, or nothing that the other does not have: the other stands and nothing is sent', () => {
    expect(reconcile({ ...INPUT, local: order(BURGER) })).toEqual({ kind: 'accept_remote', lost: null })
    const remote = order(BURGER, FRIES, COLA)
    expect(reconcile({ ...INPUT, remote })).toEqual({ kind: 'accept_remote', lost: null })
  })

  test('a person hears of what did not get through, even where the other side won it all', () => {
    const local = order({ ...BURGER, qty: 2 })
    const remote = order({ ...BURGER, qty: 3 })
    const conflict = { lineId: 'b', field: 'qty', base: 1, local: 2, remote: 3, kept: 3 }
    expect(reconcile({ ...INPUT, local, remote })).toEqual({ kind: 'merged', snapshot: remote, conflicts: [conflict] })
  })

  test('an order that is new on both sides is merged from nothing', () => {
    expect(reconcile({ ...INPUT, base: {}, localVersion: 0, remoteVersion: 9 })).toMatchObject({
      kind: 'merged',
      snapshot: { lines: [BURGER, COLA, FRIES] },
    })
  })

  test('a mark of the kitchen that the other side dropped comes back', () => {
    const base = order({ ...BURGER, kitchenSent: true })
    const met = reconcile({ ...INPUT, base, local: base, remote: order(BURGER, COLA) })
    expect(met).toEqual({ kind: 'merged', snapshot: order({ ...BURGER, kitchenSent: true }, COLA), conflicts: [] })
  })
})

describe('without an ancestor', () => {
  const NO_BASE: ReconcileInput = { ...INPUT, base: null }
  const LOST = { kind: 'accept_remote', lost: NO_BASE.local } as const

  test('one version behind with new lines only is merged', () => {
    expect(reconcile(NO_BASE)).toEqual(BOTH)
  })

  test.each([
    ['two versions behind', { remoteVersion: 5 }],
    ['not behind', { remoteVersion: 3 }],
    ['ahead', { remoteVersion: 2 }],
    ['a paid order', { remoteState: 'final' }],
    ['a line that differs', { remote: order({ ...BURGER, qty: 2 }, COLA) }],
    ['a field of the order that differs', { remote: { ...order(BURGER, COLA), tableId: 8 } }],
  ] as const)('%s: the other stands and the own one is handed over', (_, more) => {
    expect(reconcile({ ...NO_BASE, ...more })).toEqual(LOST)
  })

  test('what follows from the lines may differ, and what the kitchen knows', () => {
    const local = { ...order({ ...BURGER, sentAt: 5 }, FRIES), totals: { total: 2 }, write_date: 'a' }
    const remote = { ...order({ ...BURGER, sentAt: 6 }, COLA), totals: { total: 3 }, write_date: 'b' }
    expect(reconcile({ ...NO_BASE, local, remote })).toMatchObject({
      kind: 'merged',
      snapshot: { tableId: 7, lines: [{ ...BURGER, sentAt: 6 }, COLA, FRIES] },
    })
    const inLine = { ...NO_BASE, local: order({ ...BURGER, total: 1 }), remote: order({ ...BURGER, total: 2 }) }
    expect(reconcile(inLine)).toEqual({ kind: 'accept_remote', lost: inLine.local })
  })
})

describe('the fields of an order', () => {
  const base: Snapshot = { guests: 2, note: 'a', gone: 1, nested: { x: 1, y: 1 }, lines: [] }

  test('are merged one by one, unknown ones too', () => {
    const local: Snapshot = { guests: 3, note: 'a', nested: { x: 1, y: 1 }, lines: [], mine: [1] }
    const remote: Snapshot = { ...base, note: 'b', yours: null }
    expect(merge({ base, local, remote })).toEqual({
      snapshot: { guests: 3, note: 'b', nested: { x: 1, y: 1 }, lines: [], mine: [1], yours: null },
      conflicts: [],
    })
  })

  test('are taken whole where they are nested, and named where both sides changed them', () => {
    const local: Snapshot = { ...base, nested: { x: 2, y: 1 } }
    const remote: Snapshot = { ...base, nested: { x: 1, y: 2 } }
    const conflict = {
      lineId: null,
      field: 'nested',
      base: base['nested'],
      local: local['nested'],
      remote: remote['nested'],
    }
    expect(merge({ base, local, remote })).toEqual({
      snapshot: local,
      conflicts: [{ ...conflict, kept: local['nested'] }],
    })
  })

  test('keep a name that is dangerous in JavaScript', () => {
    const local = JSON.parse('{"__proto__":{"a":1},"constructor":2,"lines":[{"id":1,"__proto__":3}]}') as Snapshot
    const { snapshot } = merge({ base: {}, local, remote: { lines: [] } })
    expect(JSON.stringify(snapshot)).toBe(JSON.stringify(local))
  })

  test.each([undefined, null, 'none', { a: 1 }])('a side whose lines are %j has removed none', (lines) => {
    const side: Snapshot = lines === undefined ? { tableId: 7 } : { tableId: 7, lines }
    const sides = { base: order(BURGER), local: order(BURGER, FRIES), remote: side }
    expect(merge(sides).snapshot).toEqual(order(BURGER, FRIES))
    expect(merge({ ...sides, local: side, remote: sides.local }).snapshot).toEqual(order(BURGER, FRIES))
    expect(merge({ ...sides, local: side, remote: side }).snapshot).toEqual(side)
  })
})

test('costs a page less than 3 kB, and brings no schemas along', async () => {
  const built = await Bun.build({ entrypoints: ['src/realtime/reconcile.ts'], minify: true, target: 'browser' })
  const code = (await built.outputs[0]?.text()) ?? ''
  expect(code).toContain('accept_remote')
  expect(code).not.toContain('zod')
  expect(Bun.gzipSync(code).length).toBeLessThan(3_072)
})
