import { quote } from './kind.ts'
import { nearestName } from './nearest.ts'
import { SETTING_KEYS } from './settings.ts'

/** What the porch found at the path of the file: its JSON value, or why there is none. */
export type ConfigFile =
  | { readonly path: string; readonly content: unknown }
  | { readonly path: string; readonly error: string }

export type FileEntries = { readonly entries: ReadonlyMap<string, unknown>; readonly problems: readonly string[] }

const KEYS: ReadonlySet<string> = new Set(SETTING_KEYS.filter((key) => key !== 'configPath'))

/** The settings in the file, and everything in it that is not one. */
export function readEntries(file: ConfigFile | null): FileEntries {
  if (file === null) return { entries: new Map(), problems: [] }
  if ('error' in file) return nothing(`The configuration file ${file.path} cannot be used: ${file.error}.`)
  const { content, path } = file
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return nothing(`The configuration file ${path} must hold a JSON object, like {"httpPort": 8766}.`)
  }
  const all = Object.entries(content)
  return {
    entries: new Map(all.filter(([key]) => KEYS.has(key))),
    problems: all.filter(([key]) => !KEYS.has(key)).map(([key]) => unknownKey(path, key)),
  }
}

function nothing(problem: string): FileEntries {
  return { entries: new Map(), problems: [problem] }
}

function unknownKey(path: string, key: string): string {
  if (key === 'configPath') return `"configPath" in ${path}: a configuration file cannot name another; take it out.`
  const near = nearestName(key, KEYS)
  const advice = near === null ? `the keys are ${[...KEYS].join(', ')}.` : `did you mean "${near}"?`
  return `There is no setting ${quote(key)} (in ${path}); ${advice}`
}
