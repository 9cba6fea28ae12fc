import type { FailureCode, OdooFailure } from '../core/odoo.ts'
import { isJsonObject } from '../protocol/mod.ts'
import { readBatch } from './answer.ts'
import { type CheckParts, secretsOf } from './check_parts.ts'
import { type Finding, fine, skipped, type Words, warning } from './check_step.ts'
import { evidenceOf, join, listNames, troubled } from './check_words.ts'
import type { OdooSettings } from './settings.ts'
import { parseJson } from './slice.ts'
import type { Said, Way } from './way.ts'

/** Whether the add-on does its part, and whether a till is open. Nothing here can make an order. */

/** A no to an order shows that the method is there, and got as far as looking at what it was given. */
const OF_ORDERS: ReadonlySet<FailureCode> = new Set<FailureCode>(['VALIDATION', 'NO_OPEN_SESSION', 'CLOSED_PERIOD'])

type Method = { readonly settings: OdooSettings; readonly way: Way; readonly answer: Said }

/** `answer`: to a batch without orders. */
export function judgeBatch({ settings, way, answer }: Method): Finding {
  const place = placeOf(way, settings, 'batch')
  const read = answer.ok ? readBatch(answer.json, new Set()) : ({ kind: 'failed', failure: answer.failure } as const)
  if (read.kind === 'batched' || OF_ORDERS.has(read.failure.code)) {
    return fine({ en: `${place} answers.`, es: `${place} responde.` })
  }
  return broken({ place, way, settings, failure: read.failure })
}

/** The method without its argument: an error about that shows that it is there. */
export async function checkFinalize({ settings }: CheckParts, way: Way): Promise<Finding> {
  const place = placeOf(way, settings, 'finalize')
  if (way.dry === null) {
    return skipped({
      en: `${place} cannot be tried without an order; it shows at the first sale.`,
      es: `${place} no se puede probar sin un pedido; se verá en la primera venta.`,
    })
  }
  const answer = await way.dry()
  if (answer.ok) return isThere(place)
  const { failure } = answer
  // Some series say in words of their own that they have no such method.
  const isMissing = failure.text.includes(`no attribute '${settings.finalizeMethod}'`)
  if (isMissing) return broken({ place, way, settings, failure: { ...failure, code: 'ADDON_MISSING' } })
  if (failure.code === 'BAD_DATA' || OF_ORDERS.has(failure.code)) return isThere(place)
  return broken({ place, way, settings, failure })
}

function isThere(place: string): Finding {
  return fine({ en: `${place} is there.`, es: `${place} existe.` })
}

function placeOf({ api }: Way, settings: OdooSettings, what: 'batch' | 'finalize'): string {
  if (api === 'rest') return `${settings.restPrefix}/hub/${what === 'batch' ? 'batch-sync' : 'finalize'}`
  return `${settings.model}.${what === 'batch' ? settings.batchMethod : settings.finalizeMethod}`
}

type Broken = {
  readonly place: string
  readonly way: Way
  readonly settings: OdooSettings
  readonly failure: OdooFailure
}

function broken({ place, way, settings, failure }: Broken): Finding {
  const secrets = [...secretsOf(settings), ...way.secrets()]
  if (failure.code === 'ADDON_MISSING') {
    return troubled({ lead: { en: `${place} is missing.`, es: `Falta ${place}.` }, failure, secrets })
  }
  const lead = { en: `${place} does not do its part.`, es: `${place} no hace su parte.` }
  if (failure.code === 'BAD_DATA' || failure.code === 'BAD_JSON')
    return troubled({ lead, failure, secrets, advice: UNFIT })
  return troubled({ lead, failure, secrets })
}

const UNFIT: Words = {
  en: 'The add-on and the hub do not fit together: update the older one, and check the names of path, model and methods.',
  es: 'El módulo y el hub no encajan: actualice el más antiguo y revise los nombres de ruta, modelo y métodos.',
}

/** More tills than a shop has. */
const SESSIONS_MAX = 100

export async function checkSessions({ settings }: CheckParts, way: Way): Promise<Finding> {
  if (way.read === null) {
    return skipped({
      en: 'This way has no look-up; see in Odoo that a session is open.',
      es: 'Por esta vía no se puede consultar; compruebe en Odoo que hay una sesión abierta.',
    })
  }
  const domain = [['state', '=', 'opened']] as const
  const answer = await way.read({ model: 'pos.session', domain, fields: ['config_id'], limit: SESSIONS_MAX })
  const names = answer.ok ? readConfigs(answer.json) : null
  if (names === null) {
    const lead = { en: 'Sessions cannot be read.', es: 'No se pueden leer las sesiones.' }
    const secrets = [...secretsOf(settings), ...way.secrets()]
    const said = answer.ok ? { en: '', es: '' } : evidenceOf(answer.failure, secrets)
    return warning(join(lead, said), UNREAD)
  }
  if (names.length === 0) return warning(NONE_OPEN, OPEN_ONE)
  const list = listNames(names)
  return fine({ en: `Open for ${list.en}.`, es: `Abierta para ${list.es}.` })
}

const UNREAD: Words = {
  en: 'See in Odoo that a session is open; to let the hub look, give its user the rights of a point of sale user.',
  es: 'Compruebe en Odoo que hay una sesión abierta; para que el hub pueda mirar, dé a su usuario los permisos de usuario del punto de venta.',
}

const NONE_OPEN: Words = {
  en: 'No session is open in Odoo: payments wait in the hub until one is.',
  es: 'No hay ninguna sesión abierta en Odoo: los cobros esperan en el hub hasta que la haya.',
}

const OPEN_ONE: Words = {
  en: 'Open a session for the point of sale in Odoo; what waits then goes by itself.',
  es: 'Abra una sesión del punto de venta en Odoo; lo que espera saldrá por sí solo.',
}

/** The names of their configurations; null where it is no list of sessions. */
function readConfigs(json: string): readonly string[] | null {
  const rows = parseJson(json)
  if (!Array.isArray(rows)) return null
  const names = rows.map((row: unknown) => (isJsonObject(row) ? nameOf(row['config_id']) : null))
  return names.every((name) => name !== null) ? [...new Set(names)] : null
}

/** [id, name], or the id alone. */
function nameOf(config: unknown): string | null {
  const [id, name] = Array.isArray(config) ? config : [config]
  if (typeof name === 'string') return name
  return typeof id === 'number' ? String(id) : null
}
