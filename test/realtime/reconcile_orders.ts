import type { Snapshot } from '../../src/realtime/transport.ts'
import type { Random } from '../support/random.ts'

/** Orders and what people do to them, from a seed. Each edit gives a new order and leaves the old one alone. */

export type Line = { readonly [field: string]: unknown }
export type Edit = (random: Random, lines: Line[], order: Map<string, unknown>) => void

export function pick<T>(random: Random, list: readonly T[]): T {
  const one = list[random.below(list.length)]
  if (one === undefined) throw new Error('the list is empty')
  return one
}

export function linesOf(order: Snapshot): readonly Line[] {
  return Array.isArray(order['lines']) ? order['lines'] : []
}

/** What stands in fields; nested values, nothing at all and a name that is dangerous in JavaScript among them. */
function randomValue(random: Random): unknown {
  return pick<() => unknown>(random, [
    () => random.below(4),
    () => -random.below(3) / 2,
    () => pick(random, ['', 'a', 'b', 'no nuts', '2026-11-22T20:00:00Z']),
    () => pick(random, [null, true, false]),
    () => ({ a: random.below(3), b: [random.below(2)] }),
    () => [random.below(3), { x: random.below(2) }],
    () => JSON.parse(`{"__proto__":${random.below(3)}}`),
  ])()
}

const FIELDS = ['qty', 'discount', 'note', 'customerNote', 'priceUnit', 'extra', '__proto__', 'constructor']
const MARKS = ['kitchenSent', 'sentAt', 'kitchen_log', 'last_order_preparation_change', 'skip_change', 'kitchenNote']

function randomMark(random: Random): unknown {
  return pick<() => unknown>(random, [
    () => pick(random, [true, false]),
    () => random.below(5),
    () => `2026-11-22T20:0${random.below(5)}:00Z`,
    () => ({ [pick(random, ['a', 'b'])]: { qty: random.below(4) }, at: random.below(9) }),
    () => JSON.stringify({ lines: { [pick(random, ['x', 'y'])]: random.below(4) } }),
  ])()
}

/** Ids of all spellings, each of them new: chance is below one in a hundred million. */
export function newLine(random: Random): Line {
  const n = random.below(1_000_000_000)
  const id = pick<Line>(random, [{ id: `line-${n}` }, { id: n }, { uuid: `u-${n}` }, { line_id: `l${n}` }])
  return { ...id, productId: random.below(9), qty: 1 + random.below(3) }
}

function withField(line: Line, name: string, value: unknown): Line {
  const fields = new Map(Object.entries(line))
  if (value === undefined) fields.delete(name)
  else fields.set(name, value)
  return Object.fromEntries(fields)
}

function changeLine(random: Random, lines: Line[], name: string, value: unknown): void {
  const at = random.below(lines.length)
  const line = lines[at]
  if (line !== undefined) lines[at] = withField(line, name, value)
}

export const addLine: Edit = (random, lines) => void lines.splice(random.below(lines.length + 1), 0, newLine(random))
/** A line that another terminal may add too, under the same id. */
export const addTwin: Edit = (random, lines) => {
  const id = pick(random, ['twin-1', 'twin-2'])
  const line = { id, qty: random.below(3) }
  if (!lines.some((one) => one['id'] === id)) lines.splice(random.below(lines.length + 1), 0, line)
}
export const appendLine: Edit = (random, lines) => void lines.push(newLine(random))
/** Twins stay: one that came back without its marks would have dropped them. */
export const removeLine: Edit = (random, lines) => {
  const at = random.below(lines.length + 1)
  if (!String(lines[at]?.['id']).startsWith('twin')) lines.splice(at, 1)
}
export const changeField: Edit = (random, lines) => changeLine(random, lines, pick(random, FIELDS), randomValue(random))
export const dropField: Edit = (random, lines) => changeLine(random, lines, pick(random, FIELDS), undefined)
export const markLine: Edit = (random, lines) => changeLine(random, lines, pick(random, MARKS), randomMark(random))
export const dropMark: Edit = (random, lines) => changeLine(random, lines, pick(random, MARKS), undefined)
export const changeOrder: Edit = (random, _, order) => void order.set(pick(random, FIELDS), randomValue(random))
export const markOrder: Edit = (random, _, order) => void order.set(pick(random, MARKS), randomMark(random))
export const moveLine: Edit = (random, lines) => {
  const [line] = lines.splice(random.below(lines.length + 1), 1)
  if (line !== undefined) lines.splice(random.below(lines.length + 1), 0, line)
}

/** Those by which nothing goes, nothing moves, and no line is made twice. */
export const KEEPING: readonly Edit[] = [addLine, appendLine, changeField, changeOrder, markLine, markOrder]
/** Those that take or move something, but no mark of the kitchen. */
export const REMOVING: readonly Edit[] = [...KEEPING, addTwin, removeLine, removeLine, dropField, moveLine]
export const EDITS: readonly Edit[] = [...REMOVING, dropMark]

export type Editing = { readonly edits: readonly Edit[]; readonly most?: number }

/** The order after up to `most` edits (5, if not told), frozen in all its depth. */
export function edited(random: Random, order: Snapshot, { edits, most = 5 }: Editing): Snapshot {
  const lines = [...linesOf(order)]
  const fields = new Map(Object.entries(order))
  for (let left = random.below(most + 1); left > 0; left--) pick(random, edits)(random, lines, fields)
  return freeze(Object.fromEntries(fields.set('lines', lines)) as Snapshot)
}

export function randomOrder(random: Random): Snapshot {
  const order = { posReference: 'A-1', tableId: 7, totals: { total: 9 }, lines: [] }
  return edited(random, order, { edits: [appendLine, appendLine, appendLine, ...KEEPING], most: 12 })
}

/** `reconcile` is pure: an order that it wrote into would fail the test. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const one of Object.values(Object.freeze(value))) freeze(one)
  return value
}
