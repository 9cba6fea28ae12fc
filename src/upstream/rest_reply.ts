import { isJsonObject } from '../protocol/mod.ts'
import { complaintOf } from './answer.ts'
import { addonFailure, exceptionFailure, knownCode } from './exception.ts'
import { failureOf } from './failure.ts'
import type { HttpReply } from './http.ts'
import { readEnvelope } from './jsonrpc.ts'
import { type Asked, pageFailure } from './page.ts'
import { parseJson, sliceFields } from './slice.ts'
import { isYes, type Said, said, unsaid, type WayParts } from './way.ts'

/**
 * How the add-on's own routes are asked, and how they answer. Chosen, as it could not be recorded: an answer is bare or
 * under `result` or `data`, or in an envelope of JSON-RPC; an error is {error: {code, message}}, {code, message} or
 * {status: "error", ...}, with any HTTP status.
 */

/** Who calls; and the database, for a server that has several. */
export function hubHeaders({ deviceId, appVersion, db }: WayParts['settings']): { readonly [name: string]: string } {
  const database = db === null ? {} : { 'X-Odoo-Database': db }
  return { 'X-Device-Id': deviceId, 'X-App-Version': appVersion, ...database }
}

/** What a route answered; also for the routes of the sign-in. */
export function readReply(reply: HttpReply, asked: Asked): Said {
  const answer = parseJson(reply.body)
  const isAnswer = isJsonObject(answer) || (Array.isArray(answer) && isYes(reply))
  if (!isAnswer || reply.status === 429) return unsaid(pageFailure(reply, asked))
  const inner = unwrap(reply.body.trim())
  if (!inner.ok) return inner
  return isYes(reply) ? readYes(inner.json) : readNo(reply, { ...asked, json: inner.json })
}

/** An error about the sign-in may come with any status; all others belong to whoever reads the answer. */
function readYes(json: string): Said {
  const answer = parseJson(json)
  const complaint = isJsonObject(answer) ? complaintOf(answer) : null
  if (complaint === null || knownCode(complaint) !== 'SIGN_IN') return said(json)
  return unsaid(addonFailure(complaint))
}

function readNo(reply: HttpReply, asked: Asked & { readonly json: string }): Said {
  const answer = parseJson(asked.json)
  if (!isJsonObject(answer)) return unsaid(pageFailure(reply, asked))
  if (answer['status'] === 'conflict') return said(asked.json)
  const complaint = complaintOf({ ...answer, success: false }) ?? { message: '' }
  if (knownCode(complaint) !== null) return unsaid(exceptionFailure(complaint))
  // Any other no to what was well understood is about this order.
  const isRefused = reply.status === 400 || reply.status === 409 || reply.status === 422 || reply.status === 426
  if (isRefused) return unsaid(failureOf('VALIDATION', { says: complaint.message }))
  return unsaid(pageFailure(reply, asked))
}

/** The answer itself, out of what is wrapped around it. */
function unwrap(text: string): Said {
  const envelope = isEnvelope(parseJson(text)) ? readEnvelope(text) : null
  if (envelope === null) return said(bareOf(text))
  return envelope.ok ? said(bareOf(envelope.json)) : envelope
}

function isEnvelope(whole: unknown): boolean {
  return isJsonObject(whole) && whole['jsonrpc'] === '2.0'
}

const ANSWER_KEYS = ['order_id', 'pos_reference', 'results', 'error'] as const

function bareOf(text: string): string {
  const whole = parseJson(text)
  if (!isJsonObject(whole) || ANSWER_KEYS.some((key) => Object.hasOwn(whole, key))) return text
  const inner = sliceFields(text, ['result', 'data'])
  const value = inner.get('result') ?? inner.get('data')
  return value !== undefined && /^[{[]/.test(value) ? value : text
}
