import * as z from 'zod'

/**
 * A JSON value that the hub carries and does not own, kept as the text it came in. Parsing and printing it again
 * would round integers above 2^53, lose a `__proto__` key, and cost time for every terminal.
 */
export class Opaque {
  readonly json: string
  constructor(json: string) {
    this.json = json
  }
}

export type JsonObject = { readonly [key: string]: unknown }

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An order snapshot on the wire: any JSON object; every field in it, known or not, is kept. */
export const Snapshot = z
  .custom<JsonObject>(isJsonObject, 'must be a JSON object')
  .meta({ title: 'Snapshot', type: 'object' })
  .brand<'Snapshot'>()
export type Snapshot = z.infer<typeof Snapshot>

/** The tables of a floor plan on the wire: an array of JSON objects, kept as they are. */
export const FloorTables = z
  .custom<readonly JsonObject[]>(isArrayOfObjects, 'must be an array of JSON objects')
  .meta({ title: 'FloorTables', type: 'array' })
  .brand<'FloorTables'>()
export type FloorTables = z.infer<typeof FloorTables>

/** What Odoo answered about the fiscal number, on the wire; kept as it came. */
export const Fiscal = z
  .custom<JsonObject>(isJsonObject, 'must be a JSON object')
  .meta({ title: 'Fiscal', type: 'object' })
  .brand<'Fiscal'>()
export type Fiscal = z.infer<typeof Fiscal>

/** The terminal's line ids to Odoo's, on the wire; kept as it came. */
export const LineIdMap = z
  .custom<JsonObject>(isJsonObject, 'must be a JSON object')
  .meta({ title: 'LineIdMap', type: 'object' })
  .brand<'LineIdMap'>()
export type LineIdMap = z.infer<typeof LineIdMap>

function isArrayOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every(isJsonObject)
}

type Carried =
  | z.core.$brand<'Snapshot'>
  | z.core.$brand<'FloorTables'>
  | z.core.$brand<'Fiscal'>
  | z.core.$brand<'LineIdMap'>
type Plain = string | number | boolean | null | undefined

/** The same message as the hub holds it: each opaque value is its text. */
export type Held<T> = T extends Plain ? T : T extends Carried ? Opaque : { readonly [K in keyof T]: Held<T[K]> }

/** Fields of a terminal's message whose values travel as text. */
export const OPAQUE_FIELDS: readonly string[] = ['snapshot', 'finalSnapshot', 'tables']
