import * as z from 'zod'
import { boundedText } from './ids.ts'
import { isJsonObject, type JsonObject } from './opaque.ts'

/** `open`, `finalizing`, `refused` and `parked` are active; `final` is paid and handed on; `discarded` was never paid. */
export const OrderState = z.literal(['open', 'finalizing', 'refused', 'parked', 'final', 'discarded'])
export type OrderState = z.infer<typeof OrderState>

export function isActive(state: OrderState): boolean {
  return state !== 'final' && state !== 'discarded'
}

export const OrderType = z.literal(['takeout', 'delivery'])
export type OrderType = z.infer<typeof OrderType>

/** The few fields of a snapshot that the hub reads; all of them may be missing. */
export type SnapshotFacts = {
  /** The table it stands on, or null: then the lease alone counts. */
  readonly tableId: number | null
  /** As the terminal names it: `draft`, `paid`, `cancelled` ... */
  readonly status: string | null
  /** The `pos.config` it is sold at, where the snapshot tells it. */
  readonly configId: number | null
}

const StatusText = boundedText(1, 64)

/**
 * Reads the facts. *Chosen*: `tableId`, else Odoo's own spelling `table_id` (an id, or `[id, name]`); `status`, else
 * Odoo's `state`. A field of another kind counts as missing: the snapshot is the terminal's, not ours to refuse.
 */
export function readFacts(snapshot: JsonObject): SnapshotFacts {
  return {
    tableId: naturalOf(own(snapshot, 'tableId')) ?? naturalOf(own(snapshot, 'table_id')),
    status: textOf(own(snapshot, 'status')) ?? textOf(own(snapshot, 'state')),
    configId: naturalOf(own(snapshot, 'configId')) ?? naturalOf(own(snapshot, 'config_id')),
  }
}

export const NO_FACTS: SnapshotFacts = { tableId: null, status: null, configId: null }

/**
 * What the guest pays, for people's eyes, or null where the snapshot does not tell. *Chosen*: `totals.total`, else
 * `amountTotal`, Odoo's own `amount_total`, or `total`.
 */
export function amountOf(json: string): number | null {
  const value: unknown = JSON.parse(json)
  if (!isJsonObject(value)) return null
  const totals = own(value, 'totals')
  const inTotals = isJsonObject(totals) ? numberOf(own(totals, 'total')) : null
  return (
    inTotals ??
    numberOf(own(value, 'amountTotal')) ??
    numberOf(own(value, 'amount_total')) ??
    numberOf(own(value, 'total'))
  )
}

/** Odoo rounds; what differs by more is another amount. */
const AMOUNT_SLACK = 0.011

/** True also where one of them does not say. */
export function isSameAmount(left: number | null, right: number | null): boolean {
  return left === null || right === null || Math.abs(left - right) < AMOUNT_SLACK
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function own(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

function naturalOf(value: unknown): number | null {
  const id: unknown = Array.isArray(value) ? value[0] : value
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : null
}

function textOf(value: unknown): string | null {
  const text = StatusText.safeParse(value)
  return text.success ? text.data : null
}
