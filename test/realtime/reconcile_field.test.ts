import { describe, expect, test } from 'bun:test'
import { isKitchenField, mergeField } from '../../src/realtime/reconcile_field.ts'

type Row = readonly [name: string, base: unknown, local: unknown, remote: unknown, value: unknown, both: boolean]

/** Both ways round: the sides have no names. */
function check(...[name, base, local, remote, value, both]: Row): void {
  expect(mergeField(name, { base, local, remote })).toEqual({ value, both })
  expect(mergeField(name, { base, local: remote, remote: local })).toEqual({ value, both })
}

describe('a field', () => {
  const rows: readonly Row[] = [
    ['qty', 1, 1, 1, 1, false],
    ['qty', 1, 2, 1, 2, false],
    ['qty', 1, 2, 2, 2, false],
    ['qty', 1, undefined, 1, undefined, false],
    ['qty', undefined, undefined, 1, 1, false],
    ['qty', { a: 1, b: 2 }, { b: 2, a: 1 }, 5, 5, false],
    ['qty', 5, 3, 2, 3, true],
    ['qty', 5, 10, 9, 10, true],
    ['qty', 0, -1, -2, -1, true],
    ['qty', 1, undefined, 0, 0, true],
    ['qty', 1, null, undefined, null, true],
    ['discount', 0, 10, '5', '5', true],
    ['paid', 'x', true, false, true, true],
    ['at', 'x', '2026-11-22T09:00:00Z', '2026-11-22T10:00:00Z', '2026-11-22T10:00:00Z', true],
    ['nested', [1], [1, 2], [1, 3], [1, 3], true],
    ['nested', {}, [9], { a: 1 }, { a: 1 }, true],
    ['nested', [1], [], [2], [2], true],
    ['nested', 1, {}, { a: 1 }, { a: 1 }, true],
  ]
  test.each(rows)('%s: %j to %j and %j is %j', (name, base, local, remote, value, both) =>
    check(name, base, local, remote, value, both),
  )
})

describe('a note that both sides changed', () => {
  const rows: readonly Row[] = [
    ['note', '', 'no nuts', 'rare', 'no nuts | rare', true],
    ['customerNote', 'rare', 'no nuts', 'well done', 'no nuts | well done', true],
    ['internal_note', '', 'a | b', 'b | c', 'a | b | c', true],
    ['note', 'x', '', 'b', 'b', true],
    ['note', 'x', 'x | y', '', 'x | y', true],
    ['note', 'x', undefined, 'b', 'b', true],
    ['note', 'x', 7, 'b', 'b', true],
    ['note', '[]', '[{"text":"hot"}]', '[{"text":"cold"}]', '[{"text":"cold"},{"text":"hot"}]', true],
    ['note', '', '[broken', 'b', '[broken | b', true],
  ]
  test.each(rows)('%s: %j to %j and %j is %j', (name, base, local, remote, value, both) =>
    check(name, base, local, remote, value, both),
  )
})

describe('a field of the kitchen', () => {
  const rows: readonly Row[] = [
    ['kitchenSent', true, undefined, true, true, false],
    ['kitchenSent', 1, undefined, 2, 2, false],
    ['kitchenSent', 1, undefined, undefined, undefined, false],
    ['kitchenSent', undefined, true, false, true, true],
    ['kitchenSent', true, false, true, false, false],
    ['sentQty', 1, 3, 2, 3, true],
    ['kitchen', {}, { a: 1 }, { b: 2 }, { a: 1, b: 2 }, true],
    ['kitchen', { a: 1, b: 1, c: 1 }, { a: 2, b: 1, c: 1 }, { a: 1, b: 1, d: 1 }, { a: 2, b: 1, d: 1 }, true],
    ['kitchen', { a: { n: 1 } }, { a: { n: 2 } }, { a: { n: 1, m: 1 } }, { a: { n: 2, m: 1 } }, true],
    ['kitchen', { a: 1 }, { a: 1, b: 1 }, { a: 1, b: 3 }, { a: 1, b: 3 }, true],
    ['kitchen', { a: 1 }, {}, { a: 2 }, { a: 2 }, true],
    ['kitchenLog', [1], [1, 2], [1, 3], [1, 2, 3], true],
    ['kitchenLog', [1], [3, 1], [3, 1, 2], [3, 1, 2], true],
    ['kitchenLog', [], [1, 1], [1], [1, 1], true],
    ['kitchenLog', [1], [2, 1], [1, 2], [1, 2].reverse(), true],
    ['kitchenLog', 'x', [1], 'y', [1], true],
    ['last_order_preparation_change', '{}', '{"lines":{"a":1}}', '{"lines":{"b":2}}', '{"lines":{"a":1,"b":2}}', true],
    ['last_order_preparation_change', '{}', '{ "a":1, "b":2 }', '{"a":1}', '{ "a":1, "b":2 }', true],
    ['last_order_preparation_change', '{}', '{broken', '{"a":1}', '{broken', true],
  ]
  test.each(rows)('%s: %j to %j and %j is %j', (name, base, local, remote, value, both) =>
    check(name, base, local, remote, value, both),
  )

  test.each([
    'kitchen',
    'kitchenNote',
    'kitchen_state',
    'KitchenSent',
    'sent',
    'sentToKitchen',
    'mp_dirty',
    'skip_change',
  ])('is called %s', (name) => expect(isKitchenField(name)).toBe(true))
  test.each(['', 'qty', 'note', 'isKitchen', 'consent', 'constructor', '__proto__'])('is not called %j', (name) =>
    expect(isKitchenField(name)).toBe(false),
  )
})
