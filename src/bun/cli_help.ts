import { SETTING_KEYS, SETTINGS } from '../config.ts'
import type { Verb, VerbFlag } from './cli_verb.ts'

/** The texts of `--help`. */

const COLUMNS = 100
const HELP_COLUMN = 32

/** What `pos-hub --help` says. */
export function generalHelp(verbs: readonly Verb[]): string {
  return `pos-hub keeps the terminals of a shop in step, and every order safe.

Usage: pos-hub VERB [FLAG...]

${verbs.map(({ name, summary }) => entry(name, summary)).join('\n')}
${entry('help [VERB]', 'Print this, or what pos-hub VERB --help prints.')}

Examples:
  pos-hub serve --try                            a first look, on this machine only
  pos-hub config                                 what serve would use, and why
  pos-hub token --name "Till 1" --role cashier   let a terminal in
  pos-hub odoo check                             what is wrong on the road to Odoo

Until there is a binary, pos-hub is "npm run pos-hub --" or "bun src/bun/main.ts" in the project's folder.`
}

/** What `pos-hub VERB --help` says. */
export function verbHelp(verb: Verb): string {
  const parts = [`Usage: ${verb.usage}`, verb.about]
  const own = [...verb.flags, { name: 'help', takes: 'nothing', help: 'Print this. Also -h.' } as const]
  parts.push(['Flags:', ...own.map(flagEntry)].join('\n'))
  if (verb.settings === 'mentioned') parts.push('The flags of pos-hub serve are taken too (pos-hub serve --help).')
  if (verb.settings === 'all') parts.push(settingsHelp())
  parts.push(['Examples:', ...verb.examples.map((example) => `  ${example}`)].join('\n'))
  return parts.join('\n\n')
}

function flagEntry({ name, placeholder, help }: VerbFlag): string {
  return entry(`--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`, help)
}

function settingsHelp(): string {
  const sections = new Map<string, string[]>()
  for (const key of SETTING_KEYS) {
    const { section } = SETTINGS[key]
    sections.set(section, [...(sections.get(section) ?? [`${section}:`]), settingEntry(key)])
  }
  const note = 'In the JSON file a setting has the name of its flag in camelCase: {"httpPort": 8766, "devAuth": true}.'
  return [...sections.values()]
    .map((lines) => lines.join('\n'))
    .join('\n\n')
    .concat('\n\n', note)
}

function settingEntry(key: (typeof SETTING_KEYS)[number]): string {
  const setting = SETTINGS[key]
  const { env, flag, help, isSecret } = setting
  const { isBoolean, placeholder } = setting.kind
  const fallback = isSecret ? '' : shownDefault(key)
  const name = isBoolean ? `--[no-]${flag}` : `--${flag} ${placeholder}`
  return entry(name, `${help} [${env}${fallback === '' ? '' : `, default ${fallback}`}]`)
}

function shownDefault(key: (typeof SETTING_KEYS)[number]): string {
  const { fallback, kind }: { fallback: unknown; kind: { print(value: unknown): string } } = SETTINGS[key]
  return kind.print(fallback)
}

/** A name on the left, its text wrapped on the right. */
function entry(name: string, text: string): string {
  const lines = wrap(text, COLUMNS - HELP_COLUMN)
  const head = `  ${name}`
  if (head.length > HELP_COLUMN - 2) lines.unshift('')
  return [head.padEnd(HELP_COLUMN) + (lines[0] ?? ''), ...lines.slice(1).map((line) => ' '.repeat(HELP_COLUMN) + line)]
    .map((line) => line.trimEnd())
    .join('\n')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
