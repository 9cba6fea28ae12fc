import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import { parseJson } from './answer.ts'

/** An order in the stand-in's database. */
export type DemoOrder = {
  readonly id: number
  readonly posReference: string
  readonly uuid: string | null
  readonly state: 'draft' | 'paid' | 'cancel'
  /** Null where the snapshot named none. */
  readonly configId: number | null
  /** The fiscal number, `E310000000001`; null while it is not paid. */
  readonly ncf: string | null
  /** The snapshot's line ids to the stand-in's. */
  readonly lineIdMap: { readonly [id: string]: number }
  readonly amounts: DemoAmounts
  /** Milliseconds since 1970. */
  readonly orderedAt: number
  /** Milliseconds since 1970. */
  readonly changedAt: number
  /** As it came. */
  readonly snapshot: JsonObject
}

export type DemoAmounts = {
  readonly total: number
  readonly tax: number
  /** What is kept of what was given. */
  readonly paid: number
  /** The change. */
  readonly back: number
}

export function printOrder(order: DemoOrder): string {
  return JSON.stringify(order)
}

/** Null for a line that no stand-in has written whole. */
export function readOrder(line: string): DemoOrder | null {
  const parsed = parseJson(line)
  return parsed.ok && isOrder(parsed.value) ? parsed.value : null
}

function isOrder(value: unknown): value is DemoOrder {
  return (
    isJsonObject(value) &&
    Number.isSafeInteger(value['id']) &&
    typeof value['posReference'] === 'string' &&
    (value['state'] === 'draft' || value['state'] === 'paid' || value['state'] === 'cancel') &&
    typeof value['orderedAt'] === 'number' &&
    typeof value['changedAt'] === 'number' &&
    isJsonObject(value['amounts']) &&
    isJsonObject(value['lineIdMap']) &&
    isJsonObject(value['snapshot'])
  )
}
