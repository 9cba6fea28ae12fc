/** JSON values as `reconcile` compares them: equal, or one of them the greater, the same on every terminal. */

export type Json = { readonly [key: string]: unknown }

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * JSON with sorted keys, as `canonical` of the protocol has it (a test holds the two together: that one brings the
 * schemas along). A field that is not there is `undefined`.
 */
export function canonicalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalOf).join(',')}]`
  if (isJson(value)) return `{${fieldsOf(value).map(printField).join(',')}}`
  return value === Infinity || value === -Infinity ? String(value) : String(JSON.stringify(value))
}

function printField([key, value]: readonly [string, unknown]): string {
  return `${JSON.stringify(key)}:${canonicalOf(value)}`
}

/** Own fields, sorted by name; `__proto__` is a name like others. */
function fieldsOf(value: Json): readonly (readonly [string, unknown])[] {
  return Object.entries(value).sort(([left], [right]) => compareText(left, right))
}

export function areSame(left: unknown, right: unknown): boolean {
  return left === right || canonicalOf(left) === canonicalOf(right)
}

/** By code units: no terminal's language decides. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/**
 * Below, equal to or above 0. Missing < null < false < true < numbers < texts < lists < objects. Numbers by size; texts
 * by code units, so that of two times in ISO 8601 the later one is the greater; of two lists or objects the one with more
 * in it, by the length of its canonical text.
 */
export function compare(left: unknown, right: unknown): number {
  const ranks = rankOf(left) - rankOf(right)
  if (ranks !== 0) return ranks
  if (typeof left === 'number' && typeof right === 'number') return left < right ? -1 : left > right ? 1 : 0
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right)
  return compareShort(canonicalOf(left), canonicalOf(right))
}

/** Shorter texts first, so that `line-9` stands before `line-10`. */
export function compareShort(left: string, right: string): number {
  return left.length - right.length || compareText(left, right)
}

const RANKS = ['undefined', 'null', 'false', 'true', 'number', 'string', 'list', 'object']

function rankOf(value: unknown): number {
  if (value === null || typeof value === 'boolean') return RANKS.indexOf(String(value))
  return RANKS.indexOf(Array.isArray(value) ? 'list' : typeof value)
}

/** The list or object that a text holds as JSON, as Odoo writes some fields; undefined: it is a text like others. */
export function parseNested(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return undefined
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}
