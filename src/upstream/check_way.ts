import type { FailureCode, OdooFailure } from '../core/odoo.ts'
import { type CheckParts, type Server, secretsOf } from './check_parts.ts'
import { type Finding, fine, type StepName, skipped, type Words, warning, wrong } from './check_step.ts'
import { evidenceOf, join, troubled } from './check_words.ts'
import { detect, JSON2_SERIES_MIN, openWay } from './detect.ts'
import { FAILURE_WORDS } from './failure_words.ts'
import { keyOf } from './json2.ts'
import { probe } from './probe.ts'
import type { OdooSettings } from './settings.ts'
import { type Said, SEARCH_MODEL, type Way } from './way.ts'

/** Which way is taken, and how far the first call on it comes: from its failure it is told which step is wrong. */

/** The one that the hub takes; where it finds none, the one on which it shows best what is missing. */
export async function chooseWay(parts: CheckParts, server: Server): Promise<Way> {
  const { settings } = parts
  if (settings.api !== 'auto') return openWay(settings.api, parts)
  const detected = await detect(parts)
  if (detected.ok) return detected.way
  if (keyOf(settings) !== null && server.series >= JSON2_SERIES_MIN) return openWay('json2', parts)
  return openWay(server.speaksRpc ? 'jsonrpc' : 'rest', parts)
}

export type Sounded = {
  readonly way: Way
  /** Of a look-up, or, where the way has none, of a batch without orders. */
  readonly answer: Said
  /** The step that is wrong; null: it came through, or what failed is the add-on's. */
  readonly place: StepName | null
}

/** The first call that needs a sign-in. `knowsDatabase`: the server lists it. */
export async function sound(way: Way, { knowsDatabase }: { readonly knowsDatabase: boolean }): Promise<Sounded> {
  const looked = await way.read?.({ model: SEARCH_MODEL, domain: [], fields: ['id'], limit: 1 })
  const answer = looked ?? (await way.batch('[]'))
  if (answer.ok) return { way, answer, place: null }
  const place = way.read === null ? placeOfBatch(way, answer.failure) : placeOfLook(answer.failure)
  // A page that is missing means the database on json2, unless that is known to be there.
  const isBlocked = place === 'database' && way.api === 'json2' && knowsDatabase
  return { way, answer, place: isBlocked ? 'way' : place }
}

const PLACES: { readonly [code in FailureCode]?: StepName } = {
  WRONG_DATABASE: 'database',
  DATABASE_SELECTOR: 'database',
  NOT_ODOO: 'way',
  LOGIN_PAGE: 'way',
  SIGN_IN: 'sign_in',
  ACCESS: 'rights',
}

function placeOfLook({ code, kind, scope }: OdooFailure): StepName {
  if (code === 'ADDON_MISSING') return 'rights'
  // An exception comes from Odoo, which has let the hub in.
  return PLACES[code] ?? (scope === 'call' && kind !== 'ambiguous' ? 'rights' : 'sign_in')
}

function placeOfBatch(way: Way, { code }: OdooFailure): StepName | null {
  const isSignedIn = way.secrets().some((token) => token !== '')
  if (code === 'ADDON_MISSING') return isSignedIn ? null : 'way'
  return PLACES[code] ?? (isSignedIn ? null : 'sign_in')
}

export function judgeDatabase({ settings }: CheckParts, { answer, place }: Sounded): Finding {
  const { db } = settings
  if (!answer.ok && place === 'database') {
    const lead =
      db === null
        ? {
            en: 'ODOO_DB is not set, and Odoo does not know which database is meant.',
            es: 'Falta ODOO_DB y Odoo no sabe qué base de datos se quiere.',
          }
        : { en: `Odoo does not give the hub the database ${db}.`, es: `Odoo no da al hub la base de datos ${db}.` }
    return troubled({ lead, failure: answer.failure, secrets: secretsOf(settings) })
  }
  return db === null
    ? fine({ en: 'ODOO_DB is not set; the server has chosen one.', es: 'Falta ODOO_DB; el servidor ha elegido una.' })
    : fine({ en: `Odoo has not refused the database ${db}.`, es: `Odoo no ha rechazado la base de datos ${db}.` })
}

export function judgeSignIn({ settings }: CheckParts, { way, answer, place }: Sounded): Finding {
  const { user } = settings
  const name = way.api === 'json2' || user === null ? null : user
  if (answer.ok || place !== 'sign_in') {
    return name === null
      ? fine({ en: 'Odoo takes the API key.', es: 'Odoo acepta la clave de API.' })
      : fine({ en: `Odoo lets ${name} in.`, es: `Odoo deja entrar a ${name}.` })
  }
  const { failure } = answer
  const secrets = secretsOf(settings)
  if (failure.code !== 'SIGN_IN') {
    const lead = { en: 'The sign-in came to nothing.', es: 'No se pudo iniciar sesión.' }
    return troubled({ lead, failure, secrets })
  }
  if (way.api !== 'json2') {
    const lead =
      user === null
        ? {
            en: 'Here a user is needed beside the API key.',
            es: 'Aquí hace falta un usuario además de la clave de API.',
          }
        : { en: `Odoo does not let ${user} in.`, es: `Odoo no deja entrar a ${user}.` }
    return troubled({ lead, failure, secrets })
  }
  const lead = { en: 'Odoo does not take the API key.', es: 'Odoo no acepta la clave de API.' }
  return wrong(join(lead, evidenceOf(failure, secrets)), {
    en: 'Make a new key in Odoo (preferences of the user of the hub, account security), and put it into ODOO_API_KEY or its file; keys can end by themselves.',
    es: 'Cree una clave nueva en Odoo (preferencias del usuario del hub, seguridad de la cuenta) y póngala en ODOO_API_KEY o en su archivo; las claves pueden caducar.',
  })
}

type Taken = {
  readonly sounded: Sounded
  readonly server: Server
  /** Why `json2`, which would be better, is not taken; null: nothing speaks for it. */
  readonly unused: OdooFailure | null
}

/** Only where the hub looks for a way itself, and has what json2 needs. */
export async function whyUnused(parts: CheckParts, { way, series }: { way: Way; series: number }) {
  const { settings } = parts
  const isMeant = settings.api === 'auto' && series >= JSON2_SERIES_MIN && keyOf(settings) !== null
  const failure = isMeant && way.api !== 'json2' ? await probe(openWay('json2', parts)) : null
  // An add-on that has no methods, but routes of its own, wants to be spoken to by those.
  return failure?.code === 'ADDON_MISSING' ? null : failure
}

export function judgeWay({ settings }: CheckParts, { sounded, server, unused }: Taken): Finding {
  const { way, answer, place } = sounded
  if (!answer.ok && place === 'way') {
    const blocked = BLOCKED[way.api](settings)
    return wrong(join(blocked, evidenceOf(answer.failure, secretsOf(settings))), THROUGH)
  }
  if (unused !== null) {
    const lead = {
      en: `${why(way, settings).en} json2 would be better.`,
      es: `${why(way, settings).es} json2 sería mejor.`,
    }
    return warning(join(lead, evidenceOf(unused, secretsOf(settings))), {
      en: 'The API key of the hub opens no json2: make a new key in Odoo for the user of the hub, with the rights of a point of sale user, and see that the proxy lets /json/2 through.',
      es: 'La clave de API del hub no abre json2: cree en Odoo una clave nueva para el usuario del hub, con los permisos de usuario del punto de venta, y compruebe que el proxy deja pasar /json/2.',
    })
  }
  if (way.api === 'jsonrpc' && server.series >= JSON2_SERIES_MIN) {
    return warning(why(way, settings), {
      en: 'From Odoo 19 on, calls that collide on this way can leave empty drafts behind: give the hub an API key (ODOO_API_KEY_FILE), and leave ODOO_API at auto.',
      es: 'Desde Odoo 19, las llamadas que coinciden por esta vía pueden dejar borradores vacíos: dé al hub una clave de API (ODOO_API_KEY_FILE) y deje ODOO_API en auto.',
    })
  }
  return fine(why(way, settings))
}

const BLOCKED: { readonly [api in Way['api']]: (settings: OdooSettings) => Words } = {
  rest: ({ restPrefix }) => ({
    en: `The routes of the add-on do not answer at ${restPrefix}.`,
    es: `Las rutas del módulo no responden en ${restPrefix}.`,
  }),
  jsonrpc: () => ({ en: 'Odoo does not answer at /jsonrpc.', es: 'Odoo no responde en /jsonrpc.' }),
  json2: () => ({ en: 'Odoo does not answer at /json/2.', es: 'Odoo no responde en /json/2.' }),
}

const THROUGH: Words = {
  en: 'Install the add-on in this database, check ODOO_REST_PREFIX, and see that a proxy before Odoo lets this path through; with ODOO_API=auto the hub finds a way by itself.',
  es: 'Instale el módulo en esta base de datos, revise ODOO_REST_PREFIX y compruebe que el proxy delante de Odoo deja pasar esta ruta; con ODOO_API=auto el hub encuentra una vía por sí solo.',
}

function why({ api }: Way, { api: asked, restPrefix }: OdooSettings): Words {
  if (asked !== 'auto') return { en: `${api}, because ODOO_API says so.`, es: `${api}, porque lo dice ODOO_API.` }
  switch (api) {
    case 'json2':
      return {
        en: 'json2, the best one: Odoo is 19 or later, and the hub has an API key.',
        es: 'json2, la mejor: Odoo es 19 o posterior y el hub tiene una clave de API.',
      }
    case 'rest':
      return {
        en: `rest, because the add-on answers at ${restPrefix}.`,
        es: `rest, porque el módulo responde en ${restPrefix}.`,
      }
    case 'jsonrpc':
      return {
        en: `jsonrpc, Odoo's own calls: there is no json2 for the hub (it needs Odoo 19 and an API key), and no add-on answers at ${restPrefix}.`,
        es: `jsonrpc, las llamadas propias de Odoo: no hay json2 para el hub (necesita Odoo 19 y una clave de API) y ningún módulo responde en ${restPrefix}.`,
      }
  }
}

export function judgeRights({ settings }: CheckParts, { way, answer, place }: Sounded): Finding {
  const { user } = settings
  const name = user === null ? { en: 'The user of the hub', es: 'El usuario del hub' } : { en: user, es: user }
  if (answer.ok || place !== 'rights') {
    if (way.read !== null) return fine({ en: `${name.en} may read orders.`, es: `${name.es} puede leer pedidos.` })
    return skipped({
      en: 'This way has no look-up; rights show when orders arrive.',
      es: 'Por esta vía no se puede consultar; los permisos se ven cuando llegan pedidos.',
    })
  }
  const { failure } = answer
  const lead = { en: `${name.en} cannot read orders.`, es: `${name.es} no puede leer pedidos.` }
  const advice =
    failure.code === 'ADDON_MISSING'
      ? {
          en: 'Install Point of Sale in this database of Odoo.',
          es: 'Instale Punto de Venta en esta base de datos de Odoo.',
        }
      : failure.code === 'ACCESS'
        ? FAILURE_WORDS.ACCESS
        : { en: 'Look into the log of Odoo.', es: 'Mire el registro de Odoo.' }
  return troubled({ lead, failure, secrets: [...secretsOf(settings), ...way.secrets()], advice })
}
