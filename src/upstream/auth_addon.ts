import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import { type AskParts, ask, errorOf, odd } from './auth_ask.ts'
import { type AddonToken, expiryOf } from './auth_token.ts'
import { ANSWER_SUBJECTS, NO_ACCESS, readUser } from './auth_user.ts'
import { away, expired, refused, type Verdict, yes } from './auth_verdict.ts'
import { failureOf } from './failure.ts'
import { isYes } from './way.ts'

/**
 * A token of the add-on, by one call: `POST` to the path of `HUB_TOKEN_CHECK_PATH` with the token as bearer. Chosen, as
 * nobody has recorded it: {user: {id, name, login, role, groups}, config: {id}, configs: [...]}, bare or under `result`
 * or `data`. 401 and 403 are a no.
 */
export async function askAddon(parts: AskParts, token: AddonToken): Promise<Verdict> {
  const path = parts.settings.checkPath
  const answer = await ask(parts, { path, headers: { Authorization: `Bearer ${token.text}` }, body: {} })
  if (answer.kind === 'away') return answer
  const { reply, json } = answer
  const error = errorOf(json)
  const isNo = reply.status === 401 || reply.status === 403
  if (isNo || (error !== null && NOES.has(error))) {
    const isOver = (expiryOf(token) ?? Number.POSITIVE_INFINITY) <= parts.clock.wall()
    return isOver || OVER.has(error ?? '') ? expired() : refused('Odoo does not accept this token. Sign in again.')
  }
  if (!isYes(reply) || !isJsonObject(json)) return odd(parts, path, { reply, missing: 'ADDON_MISSING' })
  if (error !== null) return away(failureOf('SERVER_ERROR', { detail: 'the check of a token ended in an error' }))
  return readAnswer(unwrap(json))
}

/** Errors about the token that come with another status. */
const OVER: ReadonlySet<string> = new Set(['TOKEN_EXPIRED', 'SessionExpiredException'])
const NOES: ReadonlySet<string> = new Set([
  ...OVER,
  ...['TOKEN_INVALID', 'INVALID_TOKEN', 'UNAUTHORIZED', 'SIGN_IN', 'ACCESS', 'FORBIDDEN'],
  ...['AccessDenied', 'AccessError', 'Unauthorized', 'Forbidden'],
])

function readAnswer(answer: JsonObject): Verdict {
  const user = answer['user']
  if (!isJsonObject(user)) return unreadable('names no user')
  const said = readUser({ user, subjects: ANSWER_SUBJECTS, shop: answer })
  if (said.ok) return yes(said.identity)
  if (said.lack === 'no_access') return refused(NO_ACCESS)
  return unreadable(said.lack === 'subject' ? 'names a user without an id' : 'has points of sale that cannot be read')
}

function unwrap(whole: JsonObject): JsonObject {
  const inner = [whole['result'], whole['data']].find(isJsonObject)
  return isJsonObject(whole['user']) || inner === undefined ? whole : inner
}

/** It may be another program's answer, or one of an add-on to come: no word against the token. */
function unreadable(what: string): Verdict {
  return away(failureOf('BAD_JSON', { detail: `the answer to the check of a token ${what}` }))
}
