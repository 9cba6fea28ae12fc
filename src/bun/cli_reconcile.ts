import { complainAbout, harmless, oneLine, reasonIn } from './cli_orders.ts'
import { complainOf, loadConfig, type Verb, warnOf } from './cli_verb.ts'
import { askHub, type Body } from './desk_client.ts'
import { EXIT } from './exit_codes.ts'
import { complain, say } from './print.ts'

const DAY_MS = 24 * 3_600_000

export const reconcile: Verb = {
  name: 'reconcile',
  summary: 'Compare what the hub and Odoo have, order by order.',
  usage: 'pos-hub reconcile [--since DATE] [--json] [FLAG...]',
  about: `Asks the hub that runs on this machine to compare its paid orders with Odoo's, by reference, and prints every
difference: missing there, missing here, another amount, twice, another order id. It changes nothing. It ends with
0: no difference; with 1: differences, or Odoo cannot be asked; with 64: a flag is wrong; with 69: no hub runs.`,
  flags: [
    {
      name: 'since',
      takes: 'value',
      placeholder: 'DATE',
      help: 'From when on, like 2026-11-22 or 2026-11-22T18:00. Default: the last seven days.',
    },
    { name: 'json', takes: 'nothing', help: 'Print JSON.' },
  ],
  settings: 'mentioned',
  examples: ['pos-hub reconcile', 'pos-hub reconcile --since 2026-11-01'],
  run: async (flags) => {
    const reading = loadConfig(flags)
    warnOf(reading.warnings)
    const text = flags.values.get('since')
    const since = text === undefined ? Date.now() - 7 * DAY_MS : timeOf(text)
    const problems = Number.isNaN(since) ? ['--since must be a date, like 2026-11-22 or 2026-11-22T18:00.'] : []
    if (!reading.ok || problems.length > 0) {
      complainOf([...(reading.ok ? [] : reading.problems), ...problems], 'reconcile')
      return EXIT.usage
    }
    const asked = await askHub(reading.config, `/reconcile?since=${Math.max(0, since)}`)
    if (!asked.ok || asked.status !== 200) return complainAbout(asked, 'reconcile')
    if (asked.body['ok'] !== true) {
      complain(`pos-hub reconcile: ${reasonIn(asked.body)}`)
      return EXIT.no
    }
    return print(asked.body, flags.values.has('json'))
  },
}

/** A day begins at this machine's midnight: `Date.parse` alone would take that of Greenwich, and "5" for a date. */
function timeOf(text: string): number {
  const [, day, hour] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? []
  return day === undefined ? Number.NaN : Date.parse(`${day}${hour ?? 'T00:00'}`)
}

function print(body: Body, isJson: boolean): number {
  const differences = Array.isArray(body['differences']) ? (body['differences'] as Body[]) : []
  if (isJson) say(harmless(JSON.stringify(body, null, 2)))
  else if (differences.length === 0)
    say(`No difference: ${String(body['compared'])} orders of the hub are the same in Odoo.`)
  else
    say(
      [`${differences.length} differences in ${String(body['compared'])} orders:`, ...differences.map(lineOf)].join(
        '\n',
      ),
    )
  return differences.length === 0 ? EXIT.ok : EXIT.no
}

const WORDS: ReadonlyMap<unknown, string> = new Map([
  ['missing_in_odoo', 'is final in the hub, and Odoo does not have it'],
  ['missing_in_hub', 'is in Odoo, and the hub does not know that'],
  ['amount_differs', 'has another amount in Odoo'],
  ['twice_in_odoo', 'is in Odoo more than once'],
  ['other_order_id', 'is another order in Odoo than the hub was told'],
])

function lineOf(difference: Body): string {
  const reference = oneLine(String(difference['posReference']))
  const details = JSON.stringify({ hub: difference['hub'], odoo: difference['odoo'] })
  return `  ${reference}  ${WORDS.get(difference['kind']) ?? String(difference['kind'])}  ${details}`
}
