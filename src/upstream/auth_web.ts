import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import { type AskParts, ask, errorOf, odd } from './auth_ask.ts'
import type { WebSessionToken } from './auth_token.ts'
import { MANAGER_GROUP, NO_ACCESS, readName, subjectOf, USER_GROUP } from './auth_user.ts'
import { type Away, away, expired, type No, refused, type Verdict, yes } from './auth_verdict.ts'
import { failureOf } from './failure.ts'
import { isYes } from './way.ts'

/** A web session of Odoo: whose it is, and whether that user may manage the point of sale or work at it. */

const INFO = '/web/session/get_session_info'
const CALL = '/web/dataset/call_kw'

/** From this series on `has_group` is asked of a user; before, it is about whoever asks. */
const OF_USER_SINCE = 18

type Told = { readonly kind: 'told'; readonly result: unknown }
type Failed = { readonly kind: 'failed'; readonly error: string }

export async function askWebSession(parts: AskParts, token: WebSessionToken): Promise<Verdict> {
  const info = await call(parts, token, { path: INFO, params: {} })
  if (info.kind === 'failed') return isOver(info) ? expired() : puzzled(info)
  if (info.kind !== 'told') return info
  const user = info.result
  if (!isJsonObject(user)) return away(failureOf('BAD_JSON', { detail: 'the answer about a session names no user' }))
  const { uid, db } = user
  if (typeof uid !== 'number' || !Number.isSafeInteger(uid) || uid <= 0) return expired()
  // On a server with several databases, whoever manages another one is nobody here.
  if (parts.settings.db !== null && typeof db === 'string' && db !== parts.settings.db) {
    return refused('This sign-in is for another database of Odoo. Sign in to the one of this shop.')
  }
  const who = { uid, isOfUser: seriesOf(user) >= OF_USER_SINCE }
  const isManager = await askGroup(parts, token, { ...who, group: MANAGER_GROUP })
  if (typeof isManager !== 'boolean') return isManager
  const isUser = isManager || (await askGroup(parts, token, { ...who, group: USER_GROUP }))
  if (typeof isUser !== 'boolean') return isUser
  if (!isUser) return refused(NO_ACCESS)
  const role = isManager ? 'manager' : 'cashier'
  return yes({ subject: subjectOf(uid), name: readName(user), role, configIds: [] })
}

type Membership = { readonly uid: number; readonly isOfUser: boolean; readonly group: string }

/** In the form of this series; a server that cannot read it gets the other one. */
async function askGroup(
  parts: AskParts,
  token: WebSessionToken,
  { uid, isOfUser, group }: Membership,
): Promise<boolean | No | Away> {
  const forms = isOfUser ? [[[uid], group], [group]] : [[group], [[uid], group]]
  let failed: Failed = { kind: 'failed', error: '' }
  for (const args of forms) {
    const params = { model: 'res.users', method: 'has_group', args, kwargs: {} }
    const answer = await call(parts, token, { path: CALL, params })
    if (answer.kind === 'away') return answer
    if (answer.kind === 'told') {
      if (typeof answer.result === 'boolean') return answer.result
      return away(failureOf('BAD_JSON', { detail: 'the answer about a group is neither yes nor no' }))
    }
    if (isOver(answer)) return expired()
    // Whoever may not even ask is no employee.
    if (answer.error === 'AccessError') return false
    failed = answer
  }
  return puzzled(failed)
}

type Call = { readonly path: string; readonly params: JsonObject }

async function call(parts: AskParts, token: WebSessionToken, { path, params }: Call): Promise<Told | Failed | Away> {
  const headers = { Cookie: `session_id=${token.text}` }
  const answer = await ask(parts, { path, headers, body: { jsonrpc: '2.0', method: 'call', id: 1, params } })
  if (answer.kind === 'away') return answer
  const { reply, json } = answer
  if (!isYes(reply) || !isJsonObject(json)) return odd(parts, path, { reply, missing: 'NOT_ODOO' })
  const error = errorOf(json)
  return error === null ? { kind: 'told', result: json['result'] } : { kind: 'failed', error }
}

/** Odoo checks the sign-in before anything else, and says so by one of these. */
function isOver({ error }: Failed): boolean {
  return error === 'SessionExpiredException' || error === 'AccessDenied'
}

/** Odoo is there and in trouble; without its own words, which may quote what it was sent. */
function puzzled({ error }: Failed): Away {
  return away(failureOf('SERVER_ERROR', { detail: `the check of a session ended in ${error || 'an error'}` }))
}

function seriesOf(user: JsonObject): number {
  const info = user['server_version_info']
  const series: unknown = Array.isArray(info) ? info[0] : null
  // Odoo's own cloud has names like "saas~18".
  return Number(typeof series === 'string' ? series.replace(/^\D+/, '') : series)
}
