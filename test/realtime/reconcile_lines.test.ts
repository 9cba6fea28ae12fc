import { describe, expect, test } from 'bun:test'
import { type Conflict, lineIdOf, mergeLines } from '../../src/realtime/reconcile_lines.ts'

type Lines = readonly unknown[]

/** Both ways round. */
function mergeBothWays(base: Lines, local: Lines, remote: Lines): { lines: Lines; conflicts: readonly Conflict[] } {
  const conflicts: Conflict[] = []
  const lines = mergeLines({ base, local, remote }, conflicts)
  expect(mergeLines({ base, local: remote, remote: local }, [])).toEqual(lines)
  return { lines, conflicts }
}

/** `a2` is the line a with the quantity 2. */
function linesOf(words: string): Lines {
  return words.split(' ').flatMap((word) => (word === '' ? [] : [{ id: word[0], qty: Number(word.slice(1) || 1) }]))
}

function wordsOf(lines: Lines): string {
  const words = lines.map((line) => {
    const { id, qty } = line as { id: string; qty: number }
    return `${id}${qty === 1 ? '' : qty}`
  })
  return words.join(' ')
}

describe('lines', () => {
  test.each([
    ['added on both sides are all there', 'a', 'a b', 'a c', 'a b c'],
    ['added by one side keep its order', 'a', 'a z y x', 'a', 'a z y x'],
    ['added in front, between and behind stay there', 'a b', 'x a y b', 'a b z', 'x a y b z'],
    ['added at one place by both stand by their ids', 'a b', 'a z x b', 'a y b', 'a x y z b'],
    ['added behind one that is gone stand behind the one before', 'a b c', 'a b x c', 'a c', 'a x c'],
    ['added under one id by both are one', 'a', 'a b2', 'a b2', 'a b2'],
    ['added under one id at two places stand at the first', 'a b', 'a x b', 'a b x', 'a x b'],
    ['removed by one side are gone', 'a b c', 'a c', 'a b c', 'a c'],
    ['removed by one side and changed by the other stay', 'a b c', 'a c', 'a b2 c', 'a b2 c'],
    ['removed by both are gone', 'a b', 'a', 'a', 'a'],
    ['changed on both sides are changed', 'a b', 'a2 b', 'a b3', 'a2 b3'],
    ['all removed by one side, one added by the other', 'a b', '', 'a b c', 'c'],
    ['moved by one side are moved', 'a b c', 'c a b', 'a b2 c', 'c a b2'],
    ['moved by one side, removed by the other', 'a b c', 'c b a', 'a c', 'c a'],
    ['moved by both stand as the greater order has it', 'a b c', 'c a b', 'b a c', 'c a b'],
    ['moved by one side that lacks one the other changed', 'a b c', 'c a', 'a b2 c', 'c a b2'],
  ])('%s', (_, base, local, remote, merged) => {
    expect(wordsOf(mergeBothWays(linesOf(base), linesOf(local), linesOf(remote)).lines)).toBe(merged)
  })

  test('that one side removed and the other changed are named', () => {
    const { conflicts } = mergeBothWays(linesOf('a b'), linesOf('a'), linesOf('a b2'))
    const [, base] = linesOf('a b')
    const [remote] = linesOf('b2')
    expect(conflicts).toEqual([{ lineId: 'b', field: null, base, local: undefined, remote, kept: remote }])
  })

  test('that one side removed stay if the other only told the kitchen', () => {
    const sent = { id: 'b', qty: 1, sentToKitchen: true }
    expect(mergeBothWays(linesOf('a b'), linesOf('a'), [...linesOf('a'), sent]).lines).toEqual([...linesOf('a'), sent])
  })

  test('are gone if the other side did nothing but drop what the kitchen knows', () => {
    const sent = { id: 'b', qty: 1, sentToKitchen: true }
    expect(mergeBothWays([sent], [], linesOf('b')).lines).toEqual([])
  })

  test('keep unknown fields of both sides', () => {
    const { lines, conflicts } = mergeBothWays([{ id: 1 }], [{ id: 1, x: { y: 1 } }], [{ id: 1, z: [null] }])
    expect([lines, conflicts]).toEqual([[{ id: 1, x: { y: 1 }, z: [null] }], []])
  })
})

describe('who a line is', () => {
  test.each([
    [{ id: 'a', uuid: 'b', line_id: 'c' }, 'a'],
    [{ id: 7 }, '7'],
    [{ id: 0 }, '0'],
    [{ id: '', uuid: 'b', line_id: 'c' }, 'b'],
    [{ id: false, uuid: null, line_id: 'c' }, 'c'],
    [{ id: { a: 1 } }, null],
    [{}, null],
    [null, null],
    ['id', null],
    [[0, 0, { id: 1 }], null],
  ])('%j is %j', (line, id) => expect(lineIdOf(line)).toBe(id))

  test('is its content where it has no id, and how often it is there counts', () => {
    expect(mergeBothWays([{ q: 1 }], [{ q: 1 }, { q: 1 }], [{ q: 1 }, { q: 2 }]).lines).toHaveLength(3)
    expect(mergeBothWays([{ q: 1 }], [{ q: 2 }], [{ q: 3 }]).lines).toEqual([{ q: 2 }, { q: 3 }])
    expect(mergeBothWays([null, 'x', [1]], [null, 'x', [1], [2]], ['x', [1]]).lines).toEqual(['x', [1], [2]])
  })

  test('is the second of an id that stands twice', () => {
    const base = linesOf('a1 a2')
    expect(wordsOf(mergeBothWays(base, linesOf('a1 a5'), linesOf('a3 a2')).lines)).toBe('a3 a5')
  })

  test('is the same for a text and a number', () => {
    const { lines } = mergeBothWays([{ id: 7, q: 1 }], [{ id: '7', q: 1 }], [{ id: 7, q: 2 }])
    expect(lines).toEqual([{ id: '7', q: 2 }])
  })
})
