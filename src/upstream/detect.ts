import type { FailureCode, OdooFailure } from '../core/odoo.ts'
import { isJsonObject } from '../protocol/mod.ts'
import { wireFailure } from './failure.ts'
import type { HttpReply } from './http.ts'
import { Json2, keyOf } from './json2.ts'
import { JsonRpc } from './jsonrpc.ts'
import { probe } from './probe.ts'
import { Rest } from './rest.ts'
import type { Api } from './settings.ts'
import { parseJson } from './slice.ts'
import { get, type Way, type WayParts } from './way.ts'

export type Detected =
  | { readonly ok: true; readonly way: Way; readonly version: string | null }
  | { readonly ok: false; readonly failure: OdooFailure }

/** The first series that has `/json/2`. */
export const JSON2_SERIES_MIN = 19

/** These say that a way is not there; everything else that goes wrong says that it cannot be known just now. */
const ABSENT: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'ADDON_MISSING',
  'NOT_ODOO',
  'LOGIN_PAGE',
  'DATABASE_SELECTOR',
  'WRONG_DATABASE',
])

/** These say that it is there, and that something about the hub's user is not right. */
const UNHAPPY: ReadonlySet<FailureCode> = new Set<FailureCode>(['SIGN_IN', 'ACCESS'])

/** Whether this may be another server than before, or the same one after an upgrade. */
export function looksChanged({ code }: OdooFailure): boolean {
  return ABSENT.has(code)
}

/**
 * Finds the way that works, by trying them in this order:
 * `json2` from 19 on, with a key: the only one on which two calls that collide leave no ghost draft behind, and it has
 * look-ups. Then `rest`, with user and password: where the add-on answers there, that is how it wants to be spoken to,
 * and it need not have methods for others. Then `jsonrpc`, which is always there. A way that works goes before one that
 * is there and does not let us in; if none is there, what the last one said is what is missing.
 */
export async function detect(parts: WayParts): Promise<Detected> {
  const version = await readVersion(parts)
  if (!version.ok) return version
  const { user, password } = parts.settings
  const ways: Way[] = []
  if (keyOf(parts.settings) !== null && version.series >= JSON2_SERIES_MIN) ways.push(new Json2(parts))
  if (user !== null && password !== null) ways.push(new Rest(parts))
  ways.push(new JsonRpc(parts))
  let unhappy: Way | null = null
  let failure: OdooFailure | null = null
  for (const way of ways) {
    failure = await probe(way)
    if (failure === null) return { ok: true, way, version: version.name }
    if (UNHAPPY.has(failure.code)) unhappy ??= way
    else if (!ABSENT.has(failure.code)) return { ok: false, failure }
  }
  if (unhappy !== null || failure === null)
    return { ok: true, way: unhappy ?? new JsonRpc(parts), version: version.name }
  return { ok: false, failure }
}

export function openWay(api: Api, parts: WayParts): Way {
  switch (api) {
    case 'rest':
      return new Rest(parts)
    case 'jsonrpc':
      return new JsonRpc(parts)
    case 'json2':
      return new Json2(parts)
  }
}

/** Of a server; the series is 0 where it is not told. */
export type ServerVersion = { readonly series: number; readonly name: string | null }

type Version = ({ readonly ok: true } & ServerVersion) | { readonly ok: false; readonly failure: OdooFailure }

export const VERSION_PATH = '/json/version'

/** `/json/version` needs no sign-in, and came with `/json/2`; 0 for everything older, or something else. */
async function readVersion(parts: WayParts): Promise<Version> {
  const reply = await get(parts, VERSION_PATH)
  if (!reply.ok) return { ok: false, failure: wireFailure(reply) }
  return { ok: true, ...versionOf(reply) }
}

/** What the answer of `VERSION_PATH` tells. */
export function versionOf(reply: HttpReply): ServerVersion {
  const answer = reply.status === 200 ? parseJson(reply.body) : undefined
  if (!isJsonObject(answer)) return { series: 0, name: null }
  const { version, version_info: info } = answer
  return nameVersion(version, info)
}

/** A version like "17.0", and its parts: the first is a number, or a text like "saas~19". */
export function nameVersion(version: unknown, info: unknown): ServerVersion {
  const [first] = Array.isArray(info) ? info : [version]
  const series = Number(/\d+/.exec(String(first))?.[0] ?? 0)
  return { series, name: typeof version === 'string' ? version.slice(0, 40) : null }
}
