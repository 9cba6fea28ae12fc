import { type ConfigRow, listConfig, type Origin } from '../config.ts'
import { complainOf, loadConfig, type Verb, warnOf } from './cli_verb.ts'
import { EXIT } from './exit_codes.ts'
import { say } from './print.ts'

export const config: Verb = {
  name: 'config',
  summary: 'Print the effective settings and where each came from.',
  usage: 'pos-hub config [--json] [--try] [FLAG...]',
  about: `Prints what serve would use if it were started in this place with the same flags, and where each value came
from. Secrets are masked. It touches nothing. It ends with 0, or with 64 if a setting is wrong.`,
  flags: [{ name: 'json', takes: 'nothing', help: 'Print JSON.' }],
  settings: 'mentioned',
  examples: ['pos-hub config', 'pos-hub config --try', 'pos-hub config --json --config /etc/pos-hub.json'],
  run: async (flags) => {
    const reading = loadConfig(flags)
    warnOf(reading.warnings)
    if (!reading.ok) {
      complainOf(reading.problems, 'config')
      return EXIT.usage
    }
    const rows = listConfig(reading.config, reading.origins)
    say(flags.values.has('json') ? asJson(rows) : asTable(rows))
    return EXIT.ok
  },
}

function asJson(rows: readonly ConfigRow[]): string {
  const entries = rows.map(({ key, value, origin }) => [key, { value, from: origin.from, name: origin.name }])
  return JSON.stringify(Object.fromEntries(entries), null, 2)
}

function asTable(rows: readonly ConfigRow[]): string {
  const lines = [['NAME', 'VALUE', 'FROM'], ...rows.map((row) => [row.environment, row.shown, whereFrom(row.origin)])]
  const width = (column: number) => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  const widths = [width(0), width(1), 0]
  return lines.map((line) => line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')).join('\n')
}

function whereFrom({ from, name }: Origin): string {
  return from === 'default' ? name : `${from} ${name}`
}
