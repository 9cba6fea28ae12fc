import { crossProblems, crossWarnings } from './config/checks.ts'
import { type ConfigFile, type FileEntries, readEntries } from './config/file.ts'
import type { Flags } from './config/flags.ts'
import { MASK, quote } from './config/kind.ts'
import type { Origins } from './config/listing.ts'
import { nearestName } from './config/nearest.ts'
import { type Origin, showValue } from './config/origin.ts'
import { type Config, DEMO_FLAG, SETTING_KEYS, SETTINGS, type Setting, TRY_FLAG } from './config/settings.ts'

/**
 * Flags, then the environment, then a file, then defaults, to one `Config`, or to the whole list of what is wrong.
 * What wins is judged; what it overrides is not looked at. Nothing here reads a file or throws.
 */

export type { ConfigFile } from './config/file.ts'
export { type FlagShape, type Flags, readFlags } from './config/flags.ts'
export { isLoopback } from './config/kind_net.ts'
export type { Groups, MinutesOfDay } from './config/kind_shop.ts'
export { type ConfigRow, listConfig, type MaskedValue, maskedView, type Origins } from './config/listing.ts'
export { nearestName } from './config/nearest.ts'
export type { Origin } from './config/origin.ts'
export {
  type Config,
  SETTING_FLAGS,
  SETTING_KEYS,
  SETTINGS,
  type SettingKey,
  TOKEN_SECRET_CHARACTERS_MIN,
} from './config/settings.ts'

export type Environment = { readonly [name: string]: string | undefined }

export type ConfigSources = {
  /** From `readFlags` with `SETTING_FLAGS`; flags that are no settings are left to their verb. */
  readonly flags: Flags
  readonly environment: Environment
  /** What stands at `configPathOf`. */
  readonly file: ConfigFile | null
}

export type ConfigReading =
  | {
      readonly ok: true
      readonly config: Config
      readonly origins: Origins
      readonly warnings: readonly string[]
    }
  /** Each problem is a sentence without secrets: what is wrong, its value, what to do. */
  | { readonly ok: false; readonly problems: readonly string[]; readonly warnings: readonly string[] }

export function readConfig(sources: ConfigSources): ConfigReading {
  const file = readEntries(sources.file)
  const problems = [...sources.flags.problems, ...file.problems]
  const values: { [key: string]: unknown } = {}
  const origins: { [key: string]: Origin } = {}
  for (const key of SETTING_KEYS) {
    const settled = settle(SETTINGS[key], key, { ...sources, entries: file.entries })
    if (settled.ok) {
      values[key] = settled.value
      origins[key] = settled.origin
    } else problems.push(settled.problem)
  }
  problems.push(...crossProblems(values as Partial<Config>))
  if (sources.flags.values.has(DEMO_FLAG.name) && values['odooUrl'] != null) {
    problems.push('--demo brings a stand-in for Odoo, and ODOO_URL is set too: leave one of them out.')
  }
  const warnings = unknownVariables(sources.environment)
  if (problems.length > 0) return { ok: false, problems, warnings }
  const config = values as Config
  return { ok: true, config, origins: origins as Origins, warnings: [...warnings, ...crossWarnings(config)] }
}

/** The path of the JSON file that flags or environment name; null for none, or for one that `readConfig` refuses. */
export function configPathOf(sources: Omit<ConfigSources, 'file'>): string | null {
  const settled = settle(SETTINGS.configPath, 'configPath', { ...sources, file: null, entries: new Map() })
  return settled.ok && typeof settled.value === 'string' ? settled.value : null
}

type Settled =
  | { readonly ok: true; readonly value: unknown; readonly origin: Origin }
  | { readonly ok: false; readonly problem: string }

type Place = Omit<Origin, 'shown'>

function settle(
  setting: Setting<unknown>,
  key: string,
  sources: ConfigSources & Pick<FileEntries, 'entries'>,
): Settled {
  const flagText = sources.flags.values.get(setting.flag)
  if (flagText !== undefined) return judgeText(setting, flagText, { from: 'flag', name: `--${setting.flag}` })
  const text = sources.environment[setting.env]
  if (text !== undefined && text !== '') return judgeText(setting, text, { from: 'environment', name: setting.env })
  if (sources.file !== null && sources.entries.has(key)) {
    const parsed = setting.kind.fromJson(sources.entries.get(key))
    const place: Place = { from: 'file', name: sources.file.path }
    if (parsed.ok) return accept(setting, parsed.value, place)
    return refuse(setting, sources.entries.get(key), `"${key}" in ${sources.file.path}`, parsed.why)
  }
  const { values } = sources.flags
  const isFirstLook = values.has(TRY_FLAG.name) || values.has(DEMO_FLAG.name)
  const isTry = isFirstLook && setting.tryFallback !== setting.fallback
  const value = isTry ? setting.tryFallback : setting.fallback
  return accept(setting, value, { from: 'default', name: isTry ? 'default of --try' : 'default' })
}

function judgeText(setting: Setting<unknown>, text: string, place: Place): Settled {
  const parsed = setting.kind.fromText(text)
  return parsed.ok ? accept(setting, parsed.value, place) : refuse(setting, text, place.name, parsed.why)
}

function accept(setting: Setting<unknown>, value: unknown, place: Place): Settled {
  return { ok: true, value, origin: { ...place, shown: showValue(setting, value) } }
}

function refuse(setting: Setting<unknown>, value: unknown, name: string, why: string): Settled {
  return { ok: false, problem: `${name} is ${setting.isSecret ? MASK : quote(value)}: ${why}.` }
}

const ENVIRONMENT_NAMES: ReadonlySet<string> = new Set(SETTING_KEYS.map((key) => SETTINGS[key].env))

/** Only warned of: they may be meant for another program. Their values are not shown: they may be secrets. */
function unknownVariables(environment: Environment): readonly string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('HUB_') && environment[name] !== '' && !ENVIRONMENT_NAMES.has(name))
    .map((name) => {
      const near = nearestName(name, ENVIRONMENT_NAMES)
      const advice = near === null ? '' : `; did you mean ${near}?`
      return `The environment variable ${name} is not known and has no effect${advice}`
    })
}
