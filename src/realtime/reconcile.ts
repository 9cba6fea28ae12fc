import type { OrderState } from '../protocol/mod.ts'
import { isKitchenField, mapOf } from './reconcile_field.ts'
import { areSame } from './reconcile_json.ts'
import { type Conflict, mergeFields, mergeLines } from './reconcile_lines.ts'
import type { Snapshot } from './transport.ts'

/**
 * Two versions of one order become one. Pure: the same on every terminal, and the same whichever side asks, so that two
 * terminals that meet each other's change do not go on correcting each other.
 *
 * Lines are merged by id (`mergeLines`), fields one by one (`mergeField`), what is nested in them as a whole. Fields
 * that nobody here knows are kept. Totals are fields like others: the till adds them up anew from the merged lines.
 */

export type { Conflict } from './reconcile_lines.ts'

export type ReconcileInput = {
  /** What both were made from; null where it is not known. An order that is new on both sides has the base `{}`. */
  readonly base: Snapshot | null
  readonly local: Snapshot
  readonly remote: Snapshot
  /** The version that `local` was made from. */
  readonly localVersion: number
  /** The version that `remote` is. */
  readonly remoteVersion: number
  readonly remoteState: OrderState
}

export type Reconciled =
  /**
   * `snapshot` holds what both sides did, and is to be sent with `remoteVersion` as its base. Where it is the remote one
   * again, nothing needs to be sent, but `conflicts` names what this terminal did not get through.
   */
  | { readonly kind: 'merged'; readonly snapshot: Snapshot; readonly conflicts: readonly Conflict[] }
  /** The remote version stands. `lost` is the local one, for `onConflict`; null: there was nothing of its own in it. */
  | { readonly kind: 'accept_remote'; readonly lost: Snapshot | null }
  /** Both are the same already. */
  | { readonly kind: 'same' }

export function reconcile(input: ReconcileInput): Reconciled {
  const { base, local, remote } = input
  if (areSame(local, remote)) return { kind: 'same' }
  const own = base !== null && areSame(local, base) ? null : local
  if (!OPEN_STATES.has(input.remoteState)) return { kind: 'accept_remote', lost: own }
  const merged = merge({ base: base ?? {}, local, remote })
  if (base === null && !isOnlyNewLines(input, merged.conflicts)) return { kind: 'accept_remote', lost: own }
  const isRemote = areSame(merged.snapshot, remote) && merged.conflicts.length === 0
  return isRemote ? { kind: 'accept_remote', lost: null } : { kind: 'merged', ...merged }
}

/** A paid order is not merged with anything; one that was let go of is opened again by a person only. */
const OPEN_STATES: ReadonlySet<OrderState> = new Set<OrderState>(['open', 'refused'])

const LINES = 'lines'

export type Merge = { readonly snapshot: Snapshot; readonly conflicts: readonly Conflict[] }

/** Both sides' changes since `base`, whatever they are. Where two changes exclude each other, see `mergeField`. */
export function merge(sides: { readonly base: Snapshot; readonly local: Snapshot; readonly remote: Snapshot }): Merge {
  const [base, local, remote] = [sides.base, sides.local, sides.remote].map((side) => listOf(mapOf(side).get(LINES)))
  const conflicts: Conflict[] = []
  if (local === undefined && remote === undefined) {
    return { snapshot: mergeFields(sides, { lineId: null, conflicts }), conflicts }
  }
  const fields = mergeFields(sides, { lineId: null, conflicts, except: LINES })
  const before = base ?? []
  const lines = mergeLines({ base: before, local: local ?? before, remote: remote ?? before }, conflicts)
  return { snapshot: { ...fields, [LINES]: lines }, conflicts }
}

/** Undefined: that side says nothing about lines, and has not removed one either. */
function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

/**
 * As v1 terminals do it without an ancestor: one version behind, and neither side differs from the other but by lines
 * that only it has, and by what follows from them. Then nothing can be lost by having all lines.
 */
function isOnlyNewLines(input: ReconcileInput, conflicts: readonly Conflict[]): boolean {
  if (input.remoteVersion - input.localVersion !== 1) return false
  return conflicts.every(
    ({ lineId, field }) => field !== null && (isKitchenField(field) || (lineId === null && FOLLOWS.has(field))),
  )
}

/** Fields of an order that change with its lines. *Chosen*: words that terminals use, and Odoo's. */
const FOLLOWS: ReadonlySet<string> = new Set([
  ...['totals', 'total', 'subtotal', 'tax', 'amountTotal', 'amountTax', 'amount_total', 'amount_tax', 'lineCount'],
  ...['updatedAt', 'updated_at', 'modifiedAt', 'lastModified', 'write_date', 'version'],
])
