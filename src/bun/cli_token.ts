import { type Config, type Flags, nearestName } from '../config.ts'
import { Role } from '../protocol/mod.ts'
import { signToken, TOKEN_CHARACTERS_MAX, TOKEN_CONFIGS_MAX, type TokenClaims } from '../signin/token.ts'
import { complainOf, loadConfig, type Verb, warnOf } from './cli_verb.ts'
import { EXIT } from './exit_codes.ts'
import { complain, say } from './print.ts'
import { tokenSecret } from './secret.ts'

const DAY_SECONDS = 86_400
const DAYS_DEFAULT = 365
/** Ten years: longer than a till lives. */
const DAYS_MAX = 3_650
const NAME_CHARACTERS_MAX = 64
const ROLES = [...Role.values]

export const token: Verb = {
  name: 'token',
  summary: 'Print a token by which a terminal signs in.',
  usage: 'pos-hub token --name NAME --role ROLE [--configs IDS] [--days N] [FLAG...]',
  about: `Prints the token alone on a line; everything else goes to stderr. It is signed with the secret that serve uses
with the same HUB_DB_PATH (or HUB_TOKEN_SECRET); if there is none yet, one is made. For a hub that was
started by npm start, say --try. It ends with 0; with 64: something is wrong with a flag or setting; with 73:
the secret cannot be read or written.`,
  flags: [
    { name: 'name', takes: 'value', placeholder: 'NAME', help: 'What people call the terminal. Needed.' },
    { name: 'role', takes: 'value', placeholder: 'ROLE', help: `One of ${ROLES.join(', ')}. Needed.` },
    {
      name: 'configs',
      takes: 'value',
      placeholder: 'IDS',
      help: 'The configuration ids (pos.config) it is good for, with commas; the first is its home. Default: all.',
    },
    {
      name: 'days',
      takes: 'value',
      placeholder: 'N',
      help: `How many days it is good for, 1 to ${DAYS_MAX}. Default: ${DAYS_DEFAULT}.`,
    },
  ],
  settings: 'mentioned',
  examples: [
    'pos-hub token --name "Till 1" --role cashier',
    'pos-hub token --name "Kitchen" --role kitchen --configs 1,2 --days 30',
    'pos-hub token --try --name "Chef de rang" --role manager',
  ],
  run: async (flags) => {
    const reading = loadConfig(flags)
    warnOf(reading.warnings)
    const asked = readAsked(flags)
    if (!reading.ok || !asked.ok) {
      complainOf([...(reading.ok ? [] : reading.problems), ...(asked.ok ? [] : asked.problems)], 'token')
      return EXIT.usage
    }
    return printToken(reading.config, asked)
  },
}

type Asked = { readonly name: string; readonly role: Role; readonly configs: readonly number[]; readonly days: number }

async function printToken(config: Config, { name, role, configs, days }: Asked): Promise<number> {
  const found = tokenSecret(config)
  if (!found.ok) {
    complain(`pos-hub token: ${found.problem}`)
    return EXIT.dataFolder
  }
  if (found.warning !== null) warnOf([found.warning])
  if (found.from === 'made') complain(`pos-hub token: no secret was there yet; a new one is in ${found.path}.`)
  const iat = Math.floor(Date.now() / 1000)
  const claims: TokenClaims = { sub: name, name, role, configs, iat, exp: iat + days * DAY_SECONDS }
  const signed = await signToken(claims, found.secret)
  if (signed.length > TOKEN_CHARACTERS_MAX) {
    complainOf(['The token would be too long for a terminal to send: give it fewer --configs.'], 'token')
    return EXIT.usage
  }
  const scope = configs.length === 0 ? 'all configurations' : `configurations ${configs.join(', ')}`
  // The clock of the machine may be wrong: whoever reads the day will see it.
  const until = new Date(claims.exp * 1000).toISOString().slice(0, 10)
  complain(`pos-hub token: for ${JSON.stringify(name)}, ${role}, ${scope}, good until ${until}.`)
  return say(signed) ? EXIT.ok : EXIT.dataFolder
}

type Reading<T> = { readonly value: T } | { readonly problem: string }

function readAsked(
  flags: Flags,
): ({ readonly ok: true } & Asked) | { readonly ok: false; readonly problems: readonly string[] } {
  const name = readName(flags.values.get('name'))
  const role = readRole(flags.values.get('role'))
  const configs = readConfigs(flags.values.get('configs'))
  const days = readDays(flags.values.get('days'))
  if ('value' in name && 'value' in role && 'value' in configs && 'value' in days) {
    return { ok: true, name: name.value, role: role.value, configs: configs.value, days: days.value }
  }
  return { ok: false, problems: [name, role, configs, days].flatMap((one) => ('problem' in one ? [one.problem] : [])) }
}

function readName(text: string | undefined): Reading<string> {
  if (text === undefined) return { problem: '--name is missing: what people call the terminal, like --name "Till 1".' }
  const isGood =
    text.trim() !== '' && text.length <= NAME_CHARACTERS_MAX && !/\p{Cc}/u.test(text) && text.isWellFormed()
  if (isGood) return { value: text.trim() }
  return {
    problem: `--name is ${JSON.stringify(text)}: it must be one line of 1 to ${NAME_CHARACTERS_MAX} characters.`,
  }
}

function readRole(text: string | undefined): Reading<Role> {
  const role = ROLES.find((one) => one === text)
  if (role !== undefined) return { value: role }
  if (text === undefined) return { problem: `--role is missing: one of ${ROLES.join(', ')}.` }
  const near = nearestName(text, ROLES)
  const advice = near === null ? '' : `; did you mean ${near}?`
  return { problem: `--role is ${JSON.stringify(text)}: it must be one of ${ROLES.join(', ')}${advice}` }
}

function readConfigs(text: string | undefined): Reading<readonly number[]> {
  const ids = text === undefined ? [] : text.split(',').map((one) => readWhole(one.trim()))
  if (ids.length <= TOKEN_CONFIGS_MAX && ids.every((id) => id !== null)) return { value: [...new Set(ids)] }
  const form = `it must be configuration ids with commas, like 1,2 (at most ${TOKEN_CONFIGS_MAX})`
  return { problem: `--configs is ${JSON.stringify(text?.slice(0, 120))}: ${form}.` }
}

function readDays(text: string | undefined): Reading<number> {
  const days = text === undefined ? DAYS_DEFAULT : readWhole(text)
  if (days !== null && days >= 1 && days <= DAYS_MAX) return { value: days }
  return { problem: `--days is ${JSON.stringify(text)}: it must be a whole number from 1 to ${DAYS_MAX}.` }
}

function readWhole(text: string): number | null {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? value : null
}
