import type { OdooFailure } from '../core/odoo.ts'
import { isJsonObject } from '../protocol/mod.ts'
import { type CheckParts, type Server, secretsOf } from './check_parts.ts'
import { type Finding, fine, type Words, wrong } from './check_step.ts'
import { evidenceOf, inBoth, join, listNames, troubled } from './check_words.ts'
import { nameVersion, VERSION_PATH, versionOf } from './detect.ts'
import { wireFailure } from './failure.ts'
import { FAILURE_WORDS } from './failure_words.ts'
import type { HttpFailure, HttpReply } from './http.ts'
import { readEnvelope } from './jsonrpc.ts'
import { pageFailure } from './page.ts'
import { hubHeaders } from './rest_reply.ts'
import { parseJson } from './slice.ts'
import { addressOf, get, isYes, post, type Said, unsaid } from './way.ts'

/** From the name of the server to its databases: all that can be seen without a sign-in. */

export async function findName({ settings, resolve }: CheckParts): Promise<Finding> {
  const { hostname } = new URL(settings.url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (host.includes(':') || /^[\d.]+$/.test(host))
    return fine({ en: `${host} is an address; there is no name to look up.`, es: `${host} es una dirección.` })
  const found = await resolve(host)
  if (!found.ok) {
    const lead = { en: `The name ${host} has no address.`, es: `El nombre ${host} no tiene dirección.` }
    return wrong(join(lead, inBoth(`(${found.reason})`)), FAILURE_WORDS.NAME_UNKNOWN)
  }
  const list = listNames(found.addresses)
  return fine({ en: `${host} is ${list.en}.`, es: `${host} es ${list.es}.` })
}

/** The first request: is there a connection, and can it be trusted? */
export function connect(parts: CheckParts): Promise<HttpReply | HttpFailure> {
  return get(parts, VERSION_PATH)
}

export function judgeConnection({ settings }: CheckParts, answer: HttpReply | HttpFailure): Finding {
  const { hostname, port, protocol } = new URL(settings.url)
  const isSecure = protocol === 'https:'
  const place = `${hostname}:${port || (isSecure ? 443 : 80)}`
  if (!answer.ok && !answer.isSent) {
    const lead = { en: `There is no connection to ${place}.`, es: `No hay conexión con ${place}.` }
    const advice = answer.trouble === 'tls' ? tlsAdvice(answer.reason) : undefined
    const failure = wireFailure(answer)
    return troubled({ lead, failure, secrets: secretsOf(settings), ...(advice && { advice }) })
  }
  return isSecure
    ? fine({
        en: `${place} takes connections, and its certificate is good.`,
        es: `${place} acepta conexiones y su certificado es válido.`,
      })
    : fine({
        en: `${place} takes connections (http, without encryption).`,
        es: `${place} acepta conexiones (http, sin cifrado).`,
      })
}

const TLS_ADVICE: readonly (readonly [reason: RegExp, advice: Words])[] = [
  [
    /expired|not yet valid/i,
    {
      en: 'See that the date of this machine is right; if it is, the certificate of Odoo has to be renewed.',
      es: 'Compruebe que la fecha de este equipo es correcta; si lo es, hay que renovar el certificado de Odoo.',
    },
  ],
  [
    /hostname|altname|does not match/i,
    {
      en: 'The certificate is for another name: put the name that stands in it into ODOO_URL, or have a certificate made for this one.',
      es: 'El certificado es de otro nombre: ponga en ODOO_URL el nombre que figura en él, o pida un certificado para este.',
    },
  ],
  [
    /self.signed|verify|issuer|unknown.ca/i,
    {
      en: 'Nobody whom the hub trusts has signed the certificate: if it is your own, set ODOO_CA_FILE to the PEM file of your authority; if the server sends only a part of its chain, have it send the whole.',
      es: 'Nadie en quien el hub confíe ha firmado el certificado: si es propio, ponga en ODOO_CA_FILE el archivo PEM de su autoridad; si el servidor envía solo una parte de la cadena, haga que la envíe completa.',
    },
  ],
  [
    /wrong.version.number|packet length|http request/i,
    {
      en: 'What listens there speaks no TLS: check the port in ODOO_URL, or write http:// if Odoo is in the same building.',
      es: 'Lo que escucha allí no usa TLS: revise el puerto de ODOO_URL, o escriba http:// si Odoo está en el mismo local.',
    },
  ],
]

function tlsAdvice(reason: string): Words {
  return TLS_ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? FAILURE_WORDS.TLS
}

export type Recognised = { readonly finding: Finding; readonly server: Server | null }

/** Whether Odoo answers there, and which: `/json/version` where that is known, else `/jsonrpc`. */
export async function recognise(parts: CheckParts, first: HttpReply | HttpFailure): Promise<Recognised> {
  if (!first.ok) return { finding: noOdoo(parts, wireFailure(first)), server: null }
  const version = versionOf(first)
  const rpc = await askRpc(parts, 'version')
  const told = rpc.answer.ok ? parseJson(rpc.answer.json) : undefined
  const byRpc = isJsonObject(told) ? nameVersion(told['server_version'], told['server_version_info']) : null
  const isSelecting = !rpc.answer.ok && rpc.answer.failure.code === 'DATABASE_SELECTOR'
  const server = { ...(version.series > 0 || byRpc === null ? version : byRpc), speaksRpc: rpc.isRpc, isSelecting }
  if (rpc.isRpc || isSelecting || version.series > 0) return { finding: isOdoo(server), server }
  const failure = rpc.answer.ok ? null : rpc.answer.failure
  if (failure !== null && !(rpc.isNo && (await hasRestOnly(parts)))) {
    return { finding: noOdoo(parts, failure), server: null }
  }
  const finding = fine({
    en: 'Only the routes of the add-on answer; they do not tell the version of Odoo.',
    es: 'Solo responden las rutas del módulo; no dicen la versión de Odoo.',
  })
  return { finding, server }
}

function isOdoo({ name, series }: Server): Finding {
  const version = name ?? (series > 0 ? String(series) : null)
  if (version === null)
    return fine({ en: 'It is an Odoo; it does not tell its version.', es: 'Es un Odoo; no dice su versión.' })
  return fine({ en: `It is Odoo ${version}.`, es: `Es Odoo ${version}.` })
}

/** A proxy may let through nothing but the add-on. */
async function hasRestOnly(parts: CheckParts): Promise<boolean> {
  const { settings } = parts
  const { api, user, password } = settings
  if ((api !== 'auto' && api !== 'rest') || user === null || password === null) return false
  const body = JSON.stringify({ login: user, password })
  const reply = await post(parts, { path: `${settings.restPrefix}/auth/login`, headers: hubHeaders(settings), body })
  // The add-on says also its no in JSON; whatever else stands there answers with a page.
  return reply.ok && reply.status !== 404 && isJsonObject(parseJson(reply.body))
}

function noOdoo({ settings }: CheckParts, failure: OdooFailure): Finding {
  const secrets = secretsOf(settings)
  const secure = /set ODOO_URL to ([^\s)]+)/.exec(failure.text)?.[1]
  if (secure !== undefined) {
    const found = { en: 'The server sends http on to https.', es: 'El servidor desvía http hacia https.' }
    return wrong(found, { en: `Set ODOO_URL to ${secure}.`, es: `Ponga en ODOO_URL ${secure}.` })
  }
  const lead = {
    en: 'Something answers, but not Odoo as the hub needs it.',
    es: 'Algo responde, pero no Odoo como el hub lo necesita.',
  }
  // A page that says 401 or 403 to a call that needs no sign-in was not written by Odoo.
  if (failure.code !== 'SIGN_IN' && failure.code !== 'ACCESS') return troubled({ lead, failure, secrets })
  return wrong(join(lead, evidenceOf(failure, secrets)), {
    en: 'A proxy before Odoo does not let the hub through: let it pass /jsonrpc, /json and the path of the add-on to Odoo.',
    es: 'Un proxy delante de Odoo no deja pasar al hub: haga que deje pasar hasta Odoo /jsonrpc, /json y la ruta del módulo.',
  })
}

type Rpc = {
  readonly answer: Said
  /** It spoke JSON-RPC. */
  readonly isRpc: boolean
  /** It was a definite no, which says nothing about other paths. */
  readonly isNo: boolean
}

const RPC_PATH = '/jsonrpc'

async function askRpc(parts: CheckParts, asked: 'version' | 'list'): Promise<Rpc> {
  const service = asked === 'version' ? 'common' : 'db'
  const params = { service, method: asked, args: [] }
  const body = JSON.stringify({ jsonrpc: '2.0', method: 'call', id: 1, params })
  const reply = await post(parts, { path: RPC_PATH, body })
  if (!reply.ok) return { answer: unsaid(wireFailure(reply)), isRpc: false, isNo: false }
  const envelope = isYes(reply) ? readEnvelope(reply.body) : null
  if (envelope !== null) return { answer: envelope, isRpc: true, isNo: false }
  const url = addressOf(parts.settings, RPC_PATH)
  const failure = pageFailure(reply, { url, missing: 'NOT_ODOO', wall: parts.clock.wall() })
  return { answer: unsaid(failure), isRpc: false, isNo: reply.status >= 400 && reply.status < 500 }
}

/** Null where the server does not list them. */
export async function listDatabases(parts: CheckParts): Promise<readonly string[] | null> {
  const { answer } = await askRpc(parts, 'list')
  const list = answer.ok ? parseJson(answer.json) : null
  return Array.isArray(list) && list.every((name) => typeof name === 'string') ? list : null
}

/** Null where only a sign-in can show it. */
export function judgeDatabases({ settings: { db } }: CheckParts, listed: readonly string[] | null): Finding | null {
  if (listed === null) return null
  const list = listNames(listed)
  const names = { en: `The server has ${list.en || 'none'}.`, es: `El servidor tiene ${list.es || 'ninguna'}.` }
  if (db !== null && listed.includes(db))
    return fine({ en: `Odoo has the database ${db}.`, es: `Odoo tiene la base de datos ${db}.` })
  if (db !== null) {
    const lead = { en: `Odoo has no database ${db}.`, es: `Odoo no tiene la base de datos ${db}.` }
    return wrong(join(lead, names), {
      en: 'Set ODOO_DB to the one of the shop; upper and lower case count.',
      es: 'Ponga en ODOO_DB la del local; cuentan mayúsculas y minúsculas.',
    })
  }
  const [only] = listed
  if (only !== undefined && listed.length === 1)
    return fine({ en: `Odoo has one database, ${only}.`, es: `Odoo tiene una sola base de datos, ${only}.` })
  const lead = { en: 'ODOO_DB is not set.', es: 'Falta ODOO_DB.' }
  return wrong(join(lead, names), {
    en: 'Set ODOO_DB to the database of the shop.',
    es: 'Ponga en ODOO_DB la base de datos del local.',
  })
}
