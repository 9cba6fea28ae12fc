import type { BatchAnswer, FinalizeAnswer, ItemAnswer, OdooFailure } from '../core/odoo.ts'
import { isJsonObject, type JsonObject, Opaque } from '../protocol/mod.ts'
import { addonFailure, type Complaint } from './exception.ts'
import { failureOf, tidy } from './failure.ts'
import { PART_CHARS_MAX } from './limits.ts'
import { parseJson, sliceElements, sliceFields } from './slice.ts'

/**
 * The add-on's answers, as `hub_finalize_snapshot` was recorded: {status: "ok" | "error" | "conflict", pos_reference,
 * order_id, created, line_id_map, fiscal, error: {type, message, code?}}. Chosen, because the add-on in use today could
 * not be recorded: an answer without `status` that names an order means yes; a batch answers {results: [...]} or the
 * bare list, each with its `pos_reference`; an order that was only stored has no `order_id`.
 */

const YES: ReadonlySet<unknown> = new Set([undefined, null, 'ok', 'success'])

export function readFinalize(json: string, posReference: string): FinalizeAnswer {
  const answer = readItem(json, posReference)
  if (answer.kind !== 'stored') return answer
  return noOrder(json, 'Odoo said yes, but named no order. See in Odoo whether it is there.')
}

export function readBatch(json: string, posReferences: ReadonlySet<string>): BatchAnswer {
  const whole = parseJson(json)
  const list = Array.isArray(whole) ? json : sliceFields(json, ['results']).get('results')
  if (list === undefined || !Array.isArray(parseJson(list))) return failed(batchFailure(whole))
  const results = new Map<string, ItemAnswer>()
  for (const element of sliceElements(list)) {
    const item = parseJson(element)
    const reference = isJsonObject(item) ? item['pos_reference'] : undefined
    // What was not asked for is nobody's answer; so no more are kept than were sent.
    if (typeof reference === 'string' && posReferences.has(reference))
      results.set(reference, readItem(element, reference))
  }
  return { kind: 'batched', results }
}

function batchFailure(whole: unknown): OdooFailure {
  const complaint = isJsonObject(whole) ? complaintOf(whole) : null
  if (complaint !== null) return addonFailure(complaint)
  return failureOf('BAD_JSON', { detail: 'the answer to a batch has no list of results' })
}

/** `stored`: yes, and no order is named. */
function readItem(json: string, posReference: string): ItemAnswer {
  const answer = parseJson(json)
  if (!isJsonObject(answer)) return noOrder(json, 'Odoo answered without saying what became of the order.')
  const { status } = answer
  if (status === 'conflict') return conflict(answer, json)
  const complaint = complaintOf(answer)
  if (complaint !== null) return failed(addonFailure(complaint))
  if (!YES.has(status)) return noOrder(json, `Odoo answered with a status that the hub does not know: ${say(status)}.`)
  const named = answer['pos_reference'] ?? posReference
  if (named !== posReference) {
    return noOrder(json, `Odoo said yes, but named another order: ${say(named)}.`)
  }
  const orderId = readId(answer['order_id'])
  if (orderId === null) return { kind: 'stored' }
  const created = answer['created']
  const kept = sliceFields(json, ['line_id_map', 'fiscal'])
  return {
    kind: 'made',
    orderId,
    lineIdMap: new Opaque(objectOr(kept.get('line_id_map'), '{}')),
    fiscal: readFiscal(kept.get('fiscal')),
    created: typeof created === 'boolean' ? created : null,
  }
}

/** Null where the answer is no error. */
export function complaintOf(answer: JsonObject): Complaint | null {
  const { status, success, error } = answer
  const isError = status === 'error' || success === false || (status === undefined && isSaid(error))
  if (!isError) return null
  const inner: JsonObject = isJsonObject(error) ? error : {}
  const message = textOf(inner['message']) ?? textOf(error) ?? textOf(answer['message']) ?? 'no reason was given'
  return {
    code: textOf(inner['code']) ?? textOf(answer['code']),
    name: textOf(inner['type']) ?? textOf(inner['name']),
    message,
  }
}

function isSaid(error: unknown): boolean {
  return isJsonObject(error) || typeof error === 'string'
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function conflict(answer: JsonObject, json: string): ItemAnswer {
  const orderId = readId(answer['order_id'])
  const which = orderId === null ? '' : ` (order ${orderId})`
  const text = `Odoo has this reference with other content${which}. Compare both, and decide which one counts.`
  return { kind: 'conflict', orderId, theirs: keptOf(json), text }
}

function noOrder(json: string, text: string): Extract<ItemAnswer, { kind: 'no_order' }> {
  return { kind: 'no_order', theirs: keptOf(json), text }
}

/** For people's eyes, and in memory with the order. */
function keptOf(json: string): Opaque {
  return new Opaque(json.length <= PART_CHARS_MAX ? json : '{"too_large":true}')
}

function failed(failure: OdooFailure): Extract<ItemAnswer, { kind: 'failed' }> {
  return { kind: 'failed', failure }
}

function say(value: unknown): string {
  return tidy(JSON.stringify(value)).slice(0, 160).toWellFormed()
}

export function readId(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}

function objectOr(json: string | undefined, other: string): string {
  return json?.startsWith('{') && json.length <= PART_CHARS_MAX ? json : other
}

function readFiscal(json: string | undefined): Opaque | null {
  const object = objectOr(json, '{}')
  return /^\{\s*\}$/.test(object) ? null : new Opaque(object)
}
