import { MASK } from './kind.ts'
import type { Origin } from './origin.ts'
import { type Config, SETTING_KEYS, SETTINGS, type Setting, type SettingKey } from './settings.ts'

export type Origins = { readonly [K in SettingKey]: Origin }

/** One line of `pos-hub config`. */
export type ConfigRow = {
  readonly key: SettingKey
  readonly environment: string
  /** With its dashes. */
  readonly flag: string
  /** For people's eyes; secrets are masked. */
  readonly shown: string
  /** For `--json`: numbers, truths and lists as such; secrets are masked, what is not set is null. */
  readonly value: MaskedValue
  readonly origin: Origin
}

export type MaskedValue = string | number | boolean | readonly string[] | null

/** All settings in the order of the help, without secrets. */
export function listConfig(config: Config, origins: Origins): readonly ConfigRow[] {
  return SETTING_KEYS.map((key) => {
    const { env, flag } = SETTINGS[key]
    const value = maskedValue(SETTINGS[key], config[key])
    return { key, environment: env, flag: `--${flag}`, shown: origins[key].shown, value, origin: origins[key] }
  })
}

/** The configuration as it may be logged: without secrets. */
export function maskedView(config: Config): { readonly [key: string]: MaskedValue } {
  return Object.fromEntries(SETTING_KEYS.map((key) => [key, maskedValue(SETTINGS[key], config[key])]))
}

function maskedValue({ isSecret, kind }: Setting<unknown>, value: unknown): MaskedValue {
  if (value === null) return null
  if (isSecret) return MASK
  if (Array.isArray(value)) return value.map(String)
  if (typeof value === 'boolean') return value
  const text = kind.print(value)
  // A number that people write otherwise (the start of the day) stays the text that they write.
  if (typeof value === 'number' && text === String(value)) return value
  return text === '' ? null : text
}
