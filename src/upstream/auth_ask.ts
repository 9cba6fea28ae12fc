import type { FailureCode } from '../core/odoo.ts'
import type { Clock } from '../engine/ports.ts'
import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import { ANSWER_BYTES_MAX, ANSWER_MS, CONNECT_MS } from './auth_limits.ts'
import { type Away, away } from './auth_verdict.ts'
import { wireFailure } from './failure.ts'
import type { HttpFetch, HttpReply } from './http.ts'
import { pageFailure } from './page.ts'
import { parseJson } from './slice.ts'

export type AskParts = {
  readonly fetch: HttpFetch
  readonly clock: Clock
  readonly settings: {
    /** Of Odoo, with or without a path. */
    readonly url: string
    /** Sessions of another database of the same server are nobody's here; null: it has only one. */
    readonly db: string | null
    /** Where the add-on is asked about a token of its own. */
    readonly checkPath: string
    /** What the hub calls itself. */
    readonly deviceId: string
    readonly appVersion: string
  }
}

export type Question = {
  readonly path: string
  /** Made of a token that was sorted before: nothing else may stand in a header. */
  readonly headers: { readonly [name: string]: string }
  readonly body: JsonObject
}

export type Answered = { readonly kind: 'answered'; readonly reply: HttpReply; readonly json: unknown }

/** One request. `json` is undefined where the answer is none. */
export async function ask({ fetch, settings }: AskParts, question: Question): Promise<Answered | Away> {
  const { appVersion, deviceId, db } = settings
  const reply = await fetch({
    method: 'POST',
    url: addressOf(settings, question.path),
    headers: {
      'User-Agent': `pos-hub/${appVersion}`,
      'Content-Type': 'application/json',
      Accept: 'application/json',
      'X-Device-Id': printable(deviceId),
      'X-App-Version': printable(appVersion),
      ...(db === null ? {} : { 'X-Odoo-Database': printable(db) }),
      ...question.headers,
    },
    body: JSON.stringify(question.body),
    connectTimeoutMs: CONNECT_MS,
    answerTimeoutMs: ANSWER_MS,
    answerBytesMax: ANSWER_BYTES_MAX,
  })
  if (!reply.ok) return away(wireFailure(reply), true)
  return { kind: 'answered', reply, json: parseJson(reply.body) }
}

/** What came is no answer to the question: named as what it is. */
export function odd({ settings, clock }: AskParts, path: string, at: { reply: HttpReply; missing: FailureCode }): Away {
  const { reply, missing } = at
  return away(pageFailure(reply, { url: addressOf(settings, path), missing, wall: clock.wall() }))
}

/** The last part of the name of Odoo's exception, or the number of an ended session. Null: it is no error. */
export function errorOf(answer: unknown): string | null {
  const error = isJsonObject(answer) ? answer['error'] : null
  if (!isJsonObject(error)) return null
  if (error['code'] === 100) return 'SessionExpiredException'
  const data = isJsonObject(error['data']) ? error['data'] : {}
  const name = [error['code'], data['name'], error['name']].find((one) => typeof one === 'string')
  return typeof name === 'string' ? (name.split('.').at(-1) ?? '') : ''
}

function addressOf({ url }: AskParts['settings'], path: string): string {
  return `${url.replace(/\/+$/, '')}${path}`
}

function printable(value: string): string {
  return value.replace(/[^\x20-\x7e]/g, '?')
}
