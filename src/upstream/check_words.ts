import type { OdooFailure } from '../core/odoo.ts'
import { type Finding, type Words, wrong } from './check_step.ts'
import { hideSecrets, tidy } from './failure.ts'
import { FAILURE_WORDS } from './failure_words.ts'

/** Turns failures into findings in both languages. What others said stands in it as they said it, without secrets. */

/** What the hub itself says of a failure in English. Everything else is what Odoo or the system said. */
const DETAILS: readonly (readonly [en: RegExp, es: string])[] = [
  [/Odoo says:/g, 'Odoo dice:'],
  [/Odoo does not know this user and password in/g, 'Odoo no conoce este usuario y contraseña en'],
  [/the answer to the sign-in has no access_token/g, 'la respuesta al inicio de sesión no trae access_token'],
  [/the answer to a batch has no list of results/g, 'la respuesta al lote no trae una lista de resultados'],
  [
    /ODOO_DB is not set, and the server has several databases/g,
    'falta ODOO_DB y el servidor tiene varias bases de datos',
  ],
  [
    /ODOO_DB is not set, and the server does not list its databases/g,
    'falta ODOO_DB y el servidor no lista sus bases de datos',
  ],
  [/(ODOO_\w+) is not set/g, 'falta $1'],
  [/no reason was given/g, 'no dio ningún motivo'],
  [/no connection in time/g, 'sin conexión a tiempo'],
  [/no answer in (\d+) ms/g, 'sin respuesta en $1 ms'],
  [/no whole answer in (\d+) ms/g, 'sin respuesta completa en $1 ms'],
  [/the connection ended without an answer/g, 'la conexión terminó sin respuesta'],
  [/the answer was cut off/g, 'la respuesta llegó cortada'],
  [/more than (\d+) bytes/g, 'más de $1 bytes'],
  [
    /an Odoo before 19 has no json2: set ODOO_API to auto/g,
    'un Odoo anterior a 19 no tiene json2: ponga ODOO_API en auto',
  ],
  [/it sends the hub on to/g, 'envía al hub a'],
  [
    /the server wants a secure connection: set ODOO_URL to/g,
    'el servidor quiere una conexión segura: ponga en ODOO_URL',
  ],
]

/** Odoo's own reason and what the system said; both empty where nobody said anything. */
export function evidenceOf({ text }: OdooFailure, secrets: readonly (string | null)[]): Words {
  let rest = text
  // A failure of a sign-in may hold another one in brackets.
  for (const { en } of Object.values(FAILURE_WORDS)) rest = rest.replaceAll(en, '')
  const said = tidy(hideSecrets(rest, secrets))
    .replace(/\(\s+/g, '(')
    .replace(/^\(\)$/, '')
  return inBoth(said)
}

/** A reason as it came, and with the hub's own words in it translated. */
export function inBoth(reason: string): Words {
  return { en: reason, es: DETAILS.reduce((so, [en, es]) => so.replace(en, es), reason) }
}

/** First what the step saw, then what was said about it. */
export function join(...parts: readonly [Words, Words]): Words {
  const [first, second] = parts
  return { en: joinTexts(first.en, second.en), es: joinTexts(first.es, second.es) }
}

/** What stands in brackets belongs to the sentence before it. */
function joinTexts(first: string, second: string): string {
  if (/^\(.*\)$/.test(second)) return `${first.replace(/\.$/, '')} ${second}.`
  return `${first} ${second}`.trim()
}

export type Trouble = {
  readonly lead: Words
  readonly failure: OdooFailure
  readonly secrets: readonly (string | null)[]
  /** Where the code's own words do not fit. */
  readonly advice?: Words
}

export function troubled({ lead, failure, secrets, advice }: Trouble): Finding {
  return wrong(join(lead, evidenceOf(failure, secrets)), advice ?? FAILURE_WORDS[failure.code])
}

/** Names shown of a long list: they fit on a line or two. */
const NAMES_MAX = 10
const NAME_CHARS_MAX = 64 // The longest name of a database in PostgreSQL.

export function listNames(names: readonly string[]): Words {
  const shown = names.slice(0, NAMES_MAX).map((name) => name.slice(0, NAME_CHARS_MAX).toWellFormed())
  const more = names.length - shown.length
  const list = shown.join(', ')
  return more === 0 ? { en: list, es: list } : { en: `${list} and ${more} more`, es: `${list} y ${more} más` }
}
