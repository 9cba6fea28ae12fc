import { mapOf, mergeField } from './reconcile_field.ts'
import { areSame, canonicalOf, isJson } from './reconcile_json.ts'
import { orderKeys } from './reconcile_sequence.ts'

/** The lines of one order, three ways. */

/** One field, or a whole line, that both sides changed, differently; undefined where a side has none. */
export type Conflict = {
  /** The line's id as text; null: a field of the order itself. */
  readonly lineId: string | null
  /** Null: one side removed the line and the other changed it. */
  readonly field: string | null
  readonly base: unknown
  readonly local: unknown
  readonly remote: unknown
  /** What stands in the merged order now. */
  readonly kept: unknown
}

export type LineSides = {
  readonly base: readonly unknown[]
  readonly local: readonly unknown[]
  readonly remote: readonly unknown[]
}

type Lines = ReadonlyMap<string, unknown>
type KeyedSides = { readonly base: Lines; readonly local: Lines; readonly remote: Lines }

/**
 * A line is kept if either side added or changed it, and goes if one side removed it and the other left it alone.
 * Lines keep the order of the side that moved them; lines that both sides added at one place stand by their ids.
 */
export function mergeLines(sides: LineSides, conflicts: Conflict[]): readonly unknown[] {
  const keyed = { base: keyLines(sides.base), local: keyLines(sides.local), remote: keyLines(sides.remote) }
  const merged = new Map<string, unknown>()
  for (const key of new Set([...keyed.base.keys(), ...keyed.local.keys(), ...keyed.remote.keys()])) {
    const line = mergeLine(key, keyed, conflicts)
    if (line !== undefined) merged.set(key, line)
  }
  const keys = { base: [...keyed.base.keys()], local: [...keyed.local.keys()], remote: [...keyed.remote.keys()] }
  return orderKeys(keys, new Set(merged.keys())).map((key) => merged.get(key))
}

/** Where a line says who it is. *Chosen*: `id`, else `uuid`, else `line_id`; a text or a number, `7` being `"7"`. */
const ID_FIELDS = ['id', 'uuid', 'line_id']

export function lineIdOf(line: unknown): string | null {
  const fields = mapOf(line)
  for (const name of ID_FIELDS) {
    const id = fields.get(name)
    if ((typeof id === 'string' && id !== '') || typeof id === 'number') return String(id)
  }
  return null
}

/**
 * A line without an id is known by its content: changed, it is a new line. Where an id stands twice, the second is the
 * second of that id on the other side too.
 */
function keyLines(lines: readonly unknown[]): Lines {
  const keyed = new Map<string, unknown>()
  const counts = new Map<string, number>()
  for (const line of lines) {
    const id = lineIdOf(line)
    const name = id === null ? `content ${canonicalOf(line)}` : `id ${id}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    keyed.set(count === 1 ? name : `${name} ${count}`, line)
  }
  return keyed
}

function mergeLine(key: string, sides: KeyedSides, conflicts: Conflict[]): unknown {
  const [base, local, remote] = [sides.base.get(key), sides.local.get(key), sides.remote.get(key)]
  if (areSame(local, remote)) return local
  if (local !== undefined && remote !== undefined) return mergeBoth({ base, local, remote }, conflicts)
  const left = local === undefined ? remote : local
  if (base === undefined) return left
  const kept = mergeBoth({ base, local: base, remote: left }, [])
  if (areSame(kept, base)) return undefined
  conflicts.push({ lineId: lineIdOf(base), field: null, base, local, remote, kept })
  return kept
}

type BothSides = { readonly base: unknown; readonly local: unknown; readonly remote: unknown }

/** Lines that are no objects have no id, so they are here only if they are the same. */
function mergeBoth(sides: BothSides, conflicts: Conflict[]): unknown {
  if (!isJson(sides.local) || !isJson(sides.remote)) return sides.local
  return mergeFields(sides, { lineId: lineIdOf(sides.local), conflicts })
}

/** All fields of an object; those named in `except` are left out. */
export function mergeFields(
  sides: BothSides,
  into: { readonly lineId: string | null; readonly conflicts: Conflict[]; readonly except?: string },
): { readonly [key: string]: unknown } {
  const [base, local, remote] = [mapOf(sides.base), mapOf(sides.local), mapOf(sides.remote)]
  const merged = new Map<string, unknown>()
  for (const field of new Set([...local.keys(), ...remote.keys()])) {
    if (field === into.except) continue
    const values = { base: base.get(field), local: local.get(field), remote: remote.get(field) }
    const { value, both } = mergeField(field, values)
    if (value !== undefined) merged.set(field, value)
    if (both) into.conflicts.push({ lineId: into.lineId, field, ...values, kept: value })
  }
  return Object.fromEntries(merged)
}
