import { readFileSync, statSync } from 'node:fs'
import { type ConfigFile, type ConfigReading, configPathOf, type FlagShape, type Flags, readConfig } from '../config.ts'
import { codeOf, reasonOf } from './os_error.ts'
import { complain } from './print.ts'

/** A flag of one verb, beside the settings. */
export type VerbFlag = FlagShape & { readonly placeholder?: string; readonly help: string }

export type Verb = {
  readonly name: string
  /** Half a line, for the list of verbs. */
  readonly summary: string
  readonly usage: string
  /** What it does, and with what it ends. */
  readonly about: string
  readonly flags: readonly VerbFlag[]
  /** How many words it takes without a flag, like the reference of an order. */
  readonly wordsMax?: number
  /** Whether it takes the flags of the settings: `all` are shown in its help, `some` are only mentioned. */
  readonly settings: 'all' | 'mentioned' | 'none'
  readonly examples: readonly string[]
  /** The result is the exit code. */
  readonly run: (flags: Flags) => Promise<number>
}

/** The configuration from the real world. */
export function loadConfig(flags: Flags): ConfigReading {
  const environment = process.env
  const path = configPathOf({ flags, environment })
  return readConfig({ flags, environment, file: path === null ? null : readConfigFile(path) })
}

/** All problems at once, each on a line. */
export function complainOf(problems: readonly string[], verb: string): void {
  const count = problems.length === 1 ? 'one thing is' : `${problems.length} things are`
  const list = problems.map((problem) => `  - ${problem}`).join('\n')
  complain(`pos-hub ${verb}: ${count} wrong; nothing was done.\n${list}\nSee pos-hub ${verb} --help.`)
}

export function warnOf(warnings: readonly string[]): void {
  for (const warning of warnings) complain(`pos-hub: warning: ${warning}`)
}

const FILE_BYTES_MAX = 1024 * 1024

function readConfigFile(path: string): ConfigFile {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return { path, error: 'it is not a file' }
    if (stat.size > FILE_BYTES_MAX) return { path, error: `it is larger than ${FILE_BYTES_MAX} bytes` }
    // Notepad puts a byte order mark before UTF-8, and JSON.parse does not take it.
    return { path, content: JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')) }
  } catch (error) {
    return { path, error: plainReason(error) }
  }
}

function plainReason(error: unknown): string {
  if (error instanceof SyntaxError) {
    // The parser quotes what it stumbled over, which may be a secret without its quotes.
    const where = error.message.replace(/^JSON Parse error: /, '').replace(/"[\s\S]*"/, 'text')
    return `it is not JSON (${where})`
  }
  return codeOf(error) === 'ENOENT' ? 'there is no such file' : reasonOf(error)
}
