import { lookup } from 'node:dns/promises'
import type { Config } from '../config.ts'
import { checkOdoo } from '../upstream/check.ts'
import type { CheckParts, Resolved } from '../upstream/check_parts.ts'
import { judgeSettings } from '../upstream/check_settings.ts'
import { type Finding, type Step, Walk, type Words, wrong } from '../upstream/check_step.ts'
import { complainOf, loadConfig, type Verb, warnOf } from './cli_verb.ts'
import { createClock } from './clock.ts'
import { EXIT } from './exit_codes.ts'
import { createOdooFetch, readAuthority } from './odoo_fetch.ts'
import { type Language, languageOf, MARKS, sumUp, TITLES } from './odoo_words.ts'
import { reasonOf } from './os_error.ts'
import { say } from './print.ts'
import { odooSettingsOf } from './road_to_odoo.ts'
import { readSecretFile } from './secret_file.ts'

export const odoo: Verb = {
  name: 'odoo',
  summary: 'Walk the road to Odoo, and say what is wrong and how to mend it.',
  usage: 'pos-hub odoo check [--lang LANGUAGE] [--json] [FLAG...]',
  about: `Walks the road to Odoo step by step, with the settings that serve would use: its name, the connection and its
certificate, the database, the sign-in, the rights, the add-on, open sessions, the clocks. Each step is a line, and
where something is wrong, what to do stands under it. No order can come of it, and no hub needs to run. It ends
with 0: all is well, or there are only warnings; with 1: something is wrong; with 64: a setting or a flag is wrong.`,
  flags: [
    {
      name: 'lang',
      takes: 'value',
      placeholder: 'LANGUAGE',
      help: 'en or es. Default: that of the system (LC_ALL, LC_MESSAGES, LANG), else en.',
    },
    { name: 'json', takes: 'nothing', help: 'Print JSON.' },
  ],
  wordsMax: 1,
  settings: 'mentioned',
  examples: ['pos-hub odoo check', 'pos-hub odoo check --lang es', 'pos-hub odoo check --config /etc/pos-hub.json'],
  run: async (flags) => {
    const reading = loadConfig(flags)
    const language = languageOf(flags.values.get('lang'), process.env)
    const problems = reading.ok ? [] : [...reading.problems]
    if (flags.words[0] !== 'check') problems.push('What to do with Odoo is not said: write pos-hub odoo check.')
    if (language === null) problems.push('--lang must be en or es.')
    warnOf(reading.warnings)
    if (!reading.ok || language === null || problems.length > 0) {
      complainOf(problems, 'odoo')
      return EXIT.usage
    }
    return check(reading.config, { language, isJson: flags.values.has('json') })
  },
}

type Manner = { readonly language: Language; readonly isJson: boolean }

async function check(config: Config, { language, isJson }: Manner): Promise<number> {
  // As a list each step is printed when it is known: a call may take its time.
  const walk = new Walk((step) => {
    if (!isJson) say(lineOf(step, language))
  })
  const areSettingsGood = walk.tell('settings', readSettings(config))
  if (areSettingsGood) await checkOdoo(partsOf(config), walk)
  else walk.finish()
  const { steps } = walk
  const isWell = steps.every(({ mark }) => mark !== 'wrong')
  say(isJson ? asJson(steps, { language, isWell }) : sumUp(steps)[language])
  if (!areSettingsGood) return EXIT.usage
  return isWell ? EXIT.ok : EXIT.no
}

/** Also looks whether every file that a setting names can be used: a hub that started would end over it. */
function readSettings(config: Config): Finding {
  const { odooUrl, odooPasswordFile, odooApiKeyFile, odooCaFile } = config
  for (const path of odooUrl === null ? [] : [odooPasswordFile, odooApiKeyFile]) {
    const file = path === null ? null : readSecretFile(path)
    if (file?.ok === false) return wrong(inBoth(file.problem), SECRET_ADVICE)
  }
  const authority = odooUrl === null || odooCaFile === null ? null : readAuthority(odooCaFile)
  if (authority?.ok === false) return wrong(inBoth(authority.problem), AUTHORITY_ADVICE)
  return judgeSettings(odooSettingsOf(config))
}

const SECRET_ADVICE: Words = {
  en: 'Write the secret alone into that file, give the file to the user that the hub runs as, and mode 600.',
  es: 'Escriba solo el secreto en ese archivo, haga dueño del archivo al usuario con el que corre el hub y póngale modo 600.',
}

const AUTHORITY_ADVICE: Words = {
  en: 'Set ODOO_CA_FILE to the PEM file of your authority, or leave it out if the certificate of Odoo is an official one.',
  es: 'Ponga en ODOO_CA_FILE el archivo PEM de su autoridad, o quítelo si el certificado de Odoo es oficial.',
}

const FILE_PROBLEMS: readonly (readonly [en: RegExp, es: string])[] = [
  [
    /The CA file (.*) holds no certificate in PEM form/,
    'El archivo de CA $1 no contiene ningún certificado en formato PEM',
  ],
  [/The CA file (.*) cannot be read/, 'El archivo de CA $1 no se puede leer'],
  [/cannot be read/, 'no se puede leer'],
  [/there is no such file|ENOENT: no such file or directory/, 'no existe ese archivo'],
  [/permission denied/, 'permiso denegado'],
  [/it is a folder|is not a file/, 'no es un archivo'],
  [
    /holds a secret that other users can read \(mode (\d+)\): chmod 600 it/,
    'guarda un secreto que otros usuarios pueden leer (modo $1)',
  ],
  [/is longer than (\d+) bytes/, 'tiene más de $1 bytes'],
  [/is empty/, 'está vacío'],
]

function inBoth(problem: string): Words {
  return { en: problem, es: FILE_PROBLEMS.reduce((so, [en, es]) => so.replace(en, es), problem) }
}

function partsOf(config: Config): CheckParts {
  const settings = odooSettingsOf(config)
  const authority = config.odooCaFile === null ? null : readAuthority(config.odooCaFile)
  if (settings === null || authority?.ok === false) throw new Error('the settings were looked at before')
  const fetch = createOdooFetch({ certificates: authority?.certificates ?? null })
  const resolve = (host: string) => resolveName(host, settings.connectTimeoutMs)
  return { settings, fetch, clock: createClock(), resolve }
}

/** As programs of this system see it, `/etc/hosts` included. A resolver that does not answer is not waited for longer. */
async function resolveName(host: string, timeoutMs: number): Promise<Resolved> {
  const { promise: late, resolve: giveUp } = Promise.withResolvers<Resolved>()
  const timer = setTimeout(() => giveUp({ ok: false, reason: `no answer in ${timeoutMs} ms` }), timeoutMs)
  const asked = lookup(host, { all: true }).then(
    (found): Resolved => ({ ok: true, addresses: found.map(({ address }) => address) }),
    (error: unknown): Resolved => ({ ok: false, reason: reasonOf(error) }),
  )
  const resolved = await Promise.race([asked, late])
  clearTimeout(timer)
  return resolved
}

const MARK_COLUMN = 10
const TITLE_COLUMN = 20

function lineOf({ step, mark, found, advice }: Step, language: Language): string {
  const head = MARKS[mark][language].padEnd(MARK_COLUMN) + TITLES[step][language].padEnd(TITLE_COLUMN)
  const line = `${head}${found[language]}`
  return advice === null ? line : `${line}\n${' '.repeat(MARK_COLUMN + TITLE_COLUMN - 3)}-> ${advice[language]}`
}

function asJson(steps: readonly Step[], { language, isWell }: { language: Language; isWell: boolean }): string {
  const shown = steps.map(({ step, mark, found, advice }) => {
    return { step, mark, found: found[language], advice: advice?.[language] ?? null }
  })
  return JSON.stringify({ ok: isWell, language, steps: shown }, null, 2)
}
