import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import { REFERENCE_CHARACTERS_MAX } from './limits.ts'
import type { DemoAmounts } from './order.ts'

/** What the add-on reads in a snapshot. Tills send what they like: whatever is missing is made the best of. */
export type Sale = {
  readonly posReference: string
  readonly uuid: string | null
  readonly configId: number | null
  /** The snapshot's own ids, in its order. */
  readonly lineIds: readonly string[]
  readonly productIds: readonly number[]
  readonly amounts: DemoAmounts
  /** What was paid too little, as "10.0 of 333.96"; null if nothing. */
  readonly shortfall: string | null
  /** The till says that it is paid. */
  readonly isPaid: boolean
  readonly isCancelled: boolean
}

/** The recorded servers had one tax, on every line that names one. */
const TAX_RATE = 0.15

const HALF_CENT = 0.005

/** Null: it has no reference that an order could be found by. */
export function referenceOf(snapshot: unknown): string | null {
  if (!isJsonObject(snapshot)) return null
  const reference = snapshot['posReference']
  const good = typeof reference === 'string' && reference !== '' && reference.length <= REFERENCE_CHARACTERS_MAX
  return good ? reference : null
}

export function configOf(snapshot: unknown): number | null {
  const configId = isJsonObject(snapshot) ? Number(snapshot['configId'] ?? Number.NaN) : Number.NaN
  return Number.isSafeInteger(configId) && configId > 0 ? configId : null
}

export function readSale(snapshot: JsonObject, posReference: string): Sale {
  const lines = objectsIn(snapshot['lines'])
  const stage = textOf(snapshot['status']) ?? textOf(snapshot['state'])
  const { amounts, given } = addUp(snapshot, lines)
  const isShort = given !== null && given < amounts.total - HALF_CENT
  return {
    posReference,
    uuid: textOf(snapshot['uuid']),
    configId: configOf(snapshot),
    lineIds: lines.flatMap((line) => textOf(line['id']) ?? textOf(line['uuid']) ?? []),
    productIds: lines.flatMap((line) => numberOf(line['productId']) ?? numberOf(line['product_id']) ?? []),
    amounts,
    shortfall: isShort ? `${printFloat(given)} of ${printFloat(amounts.total)}` : null,
    isPaid: stage === 'paid' || stage === 'done',
    isCancelled: stage === 'cancel' || stage === 'cancelled' || stage === 'discarded',
  }
}

/** `given` is null where the snapshot says nothing of payments: then it counts as paid. */
function addUp(snapshot: JsonObject, lines: readonly JsonObject[]): { amounts: DemoAmounts; given: number | null } {
  const nets = lines.map(netOf)
  const tax = round(lines.reduce((sum, line, at) => sum + (isTaxed(line) ? (nets[at] ?? 0) * TAX_RATE : 0), 0))
  const totals = isJsonObject(snapshot['totals']) ? snapshot['totals'] : {}
  const said = [totals['total'], snapshot['amount_total'], snapshot['amountTotal'], snapshot['total']]
  const computed = nets.reduce((sum, net) => sum + net, 0) + tax
  const total = round(said.map(numberOf).find((amount) => amount !== null) ?? computed)
  const payments = objectsIn(snapshot['payments'])
  const given = round(payments.reduce((sum, payment) => sum + (numberOf(payment['amount']) ?? 0), 0))
  const back = payments.length === 0 ? 0 : Math.max(0, round(given - total))
  return { amounts: { total, tax, paid: total, back }, given: payments.length === 0 ? null : given }
}

function netOf(line: JsonObject): number {
  const quantity = numberOf(line['qty']) ?? numberOf(line['quantity']) ?? 1
  const price = numberOf(line['priceUnit']) ?? numberOf(line['price_unit']) ?? numberOf(line['price']) ?? 0
  return quantity * price * (1 - (numberOf(line['discount']) ?? 0) / 100)
}

function isTaxed(line: JsonObject): boolean {
  return Array.isArray(line['taxIds']) && line['taxIds'].length > 0
}

function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}

function round(amount: number): number {
  return Math.round(amount * 100) / 100
}

/** As Python prints it. */
function printFloat(amount: number): string {
  return Number.isInteger(amount) ? `${amount}.0` : String(amount)
}
