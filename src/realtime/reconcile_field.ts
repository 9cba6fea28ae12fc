import { areSame, canonicalOf, compare, compareText, isJson, parseNested } from './reconcile_json.ts'

/**
 * One field, three ways. Each rule gives the same value whichever side asks, and whichever of three terminals is heard
 * first: who merges later merges into the same.
 *
 * - Changed on one side: that side. Removed counts as changed.
 * - Changed on both, differently: the greater value (`compare`), so that of two quantities the larger stands, of two
 *   times the later, and what is there wins over what was removed. Nested values count as a whole.
 * - Notes that were changed on both sides, differently: both, `NOTE_BETWEEN` between them. A guest's allergy may stand in
 *   either. It is in `conflicts` all the same.
 * - Kitchen fields: one that a side does not have is never taken from the other. Changed on both sides, objects are
 *   merged key by key by these same rules, lists hold what either holds, of two marks, counts or times the greater
 *   stays: what was sent is not sent again.
 */

/** The value on the three sides; undefined where there is none. */
export type Sides = { readonly base: unknown; readonly local: unknown; readonly remote: unknown }

/** `both`: both sides changed it, differently, and `value` came out. */
export type FieldMerge = { readonly value: unknown; readonly both: boolean }

/**
 * What says that the kitchen knows of a line, beside every name that begins with `kitchen`. *Chosen*: words that
 * terminals use, and those of Odoo's point of sale, series 12 to 19.
 */
const KITCHEN_FIELDS: ReadonlySet<string> = new Set([
  ...['sent', 'sentAt', 'sent_at', 'sentQty', 'sent_qty', 'sentToKitchen', 'sent_to_kitchen', 'printedResume'],
  ...['mp_dirty', 'mp_skip', 'skip_change', 'skipChange', 'saved_resume', 'multiprint_resume', 'printed_resume'],
  ...['last_order_preparation_change', 'lastOrderPreparationChange', 'lastOrderPrepaChange'],
])

export function isKitchenField(name: string): boolean {
  return KITCHEN_FIELDS.has(name) || /^kitchen/i.test(name)
}

/** `note`, `customerNote`, `internal_note`, `general_customer_note` ... */
const NOTE_FIELD = /note/i

export const NOTE_BETWEEN = ' | '

export function mergeField(name: string, sides: Sides): FieldMerge {
  const { local, remote } = sides
  const isKitchen = isKitchenField(name)
  if (isKitchen && (local === undefined || remote === undefined)) {
    return { value: local === undefined ? remote : local, both: false }
  }
  const changed = changedSides(sides)
  if (changed.length < 2) return { value: changed.length === 0 ? local : changed[0], both: false }
  if (isKitchen) return { value: joinMarks(sides), both: true }
  const isNote = NOTE_FIELD.test(name) && typeof local === 'string' && typeof remote === 'string'
  return { value: isNote ? joinNotes(sides) : greater(local, remote), both: true }
}

/** What differs from the base, each value once. */
function changedSides({ base, local, remote }: Sides): readonly unknown[] {
  const values = areSame(local, remote) ? [local] : [local, remote]
  return values.filter((value) => !areSame(value, base))
}

function greater(left: unknown, right: unknown): unknown {
  return compare(left, right) < 0 ? right : left
}

/** Both sides changed it, differently. */
function joinMarks(sides: Sides): unknown {
  const { local, remote } = sides
  if (isJson(local) && isJson(remote)) return joinObjects(sides)
  if (Array.isArray(local) && Array.isArray(remote)) return joinLists(local, remote)
  return joinNested(sides) ?? greater(local, remote)
}

function joinObjects(sides: Sides): unknown {
  const [base, local, remote] = [mapOf(sides.base), mapOf(sides.local), mapOf(sides.remote)]
  const joined = [...new Set([...local.keys(), ...remote.keys()])].map((key) => {
    const values = { base: base.get(key), local: local.get(key), remote: remote.get(key) }
    const changed = changedSides(values)
    if (changed.length < 2) return [key, changed.length === 0 ? values.local : changed[0]] as const
    return [key, joinMarks(values)] as const
  })
  return Object.fromEntries(joined.filter(([, value]) => value !== undefined))
}

type Fields = ReadonlyMap<string, unknown>

/** The fields of an object by name; none where it is no object. */
export function mapOf(value: unknown): Fields {
  return new Map(isJson(value) ? Object.entries(value) : [])
}

/** What either holds, as often as the one that holds it more often; sorted, unless one of them is all of it. */
function joinLists(local: readonly unknown[], remote: readonly unknown[]): readonly unknown[] {
  const missing = without(remote, local)
  const isAll = [missing.length === 0, without(local, remote).length === 0] as const
  if (isAll[0] !== isAll[1]) return isAll[0] ? local : remote
  if (isAll[0]) return greater(local, remote) as readonly unknown[]
  return [...local, ...missing].sort((left, right) => compareText(canonicalOf(left), canonicalOf(right)))
}

/** What `list` holds beyond `other`. */
function without(list: readonly unknown[], other: readonly unknown[]): readonly unknown[] {
  const counts = new Map<string, number>()
  for (const one of other) counts.set(canonicalOf(one), (counts.get(canonicalOf(one)) ?? 0) + 1)
  return list.filter((one) => {
    const left = counts.get(canonicalOf(one)) ?? 0
    counts.set(canonicalOf(one), left - 1)
    return left <= 0
  })
}

/** Two texts that hold JSON are merged as what they hold, and are a text again; undefined: they are not such texts. */
function joinNested({ base, local, remote }: Sides): string | undefined {
  const values = { base: parseNested(base), local: parseNested(local), remote: parseNested(remote) }
  if (values.local === undefined || values.remote === undefined) return undefined
  const joined = canonicalOf(areSame(values.local, values.remote) ? values.local : joinMarks(values))
  const asWritten = [local, remote].filter((text) => canonicalOf(parseNested(text)) === joined)
  return String(asWritten.length === 0 ? joined : asWritten.reduce(greater))
}

function joinNotes(sides: Sides): string {
  const nested = joinNested(sides)
  if (nested !== undefined) return nested
  const parts = [sides.local, sides.remote].flatMap((note) => String(note).split(NOTE_BETWEEN))
  return [...new Set(parts)]
    .filter((part) => part !== '')
    .sort(compareText)
    .join(NOTE_BETWEEN)
}
