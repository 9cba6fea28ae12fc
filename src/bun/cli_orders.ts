import type { Config } from '../config.ts'
import { complainOf, loadConfig, type Verb, type VerbFlag, warnOf } from './cli_verb.ts'
import { askHub, type Body } from './desk_client.ts'
import { EXIT } from './exit_codes.ts'
import { complain, say } from './print.ts'

export const GROUP_FLAG: VerbFlag = {
  name: 'group',
  takes: 'value',
  placeholder: 'GROUP',
  help: 'The group of the order, where several have the same reference.',
}

export const orders: Verb = {
  name: 'orders',
  summary: 'List orders, those that need a person, or show one whole.',
  usage: 'pos-hub orders [REFERENCE] [--parked] [--json] [--group GROUP] [FLAG...]',
  about: `Asks the hub that runs on this machine. Without a reference it lists active orders; with --parked those that
need a person, oldest first: refused or parked ones, those that wait for a session in Odoo, payments that were
taken twice, and what is old; each with what can be done. With a reference it prints the order whole as JSON, with
its versions: that is also the way to export it. It ends with 0; with 1: there is no such order; with 64: a flag
is wrong; with 69: no hub runs.`,
  flags: [
    { name: 'parked', takes: 'nothing', help: 'Only those that need a person.' },
    { name: 'json', takes: 'nothing', help: 'Print JSON.' },
    GROUP_FLAG,
  ],
  wordsMax: 1,
  settings: 'mentioned',
  examples: ['pos-hub orders --parked', 'pos-hub orders "Order 00001-009-0001"', 'pos-hub orders --parked --json'],
  run: async (flags) => {
    const reading = loadConfig(flags)
    warnOf(reading.warnings)
    if (!reading.ok) {
      complainOf(reading.problems, 'orders')
      return EXIT.usage
    }
    const [reference] = flags.words
    if (reference !== undefined) return showOne(reading.config, reference, flags.values.get('group'))
    const isParked = flags.values.has('parked')
    const asked = await askHub(reading.config, isParked ? '/attention' : '/orders')
    if (!asked.ok || asked.status !== 200) return complainAbout(asked, 'orders')
    if (flags.values.has('json')) say(harmless(JSON.stringify(asked.body['orders'], null, 2)))
    else say(tableOf(rowsOf(asked.body), isParked))
    return EXIT.ok
  },
}

async function showOne(config: Config, reference: string, group: string | undefined): Promise<number> {
  const asked = await askHub(config, orderPath(reference, group))
  if (!asked.ok || asked.status !== 200) return complainAbout(asked, 'orders')
  // As it came: printing it anew would round large numbers.
  say(harmless(asked.text))
  return EXIT.ok
}

export function orderPath(reference: string, group: string | undefined): string {
  const query = new URLSearchParams({ reference, ...(group !== undefined && { group }) })
  return `/order?${query}`
}

export function complainAbout(asked: Awaited<ReturnType<typeof askHub>>, verb: string): number {
  if (!asked.ok) {
    complain(`pos-hub ${verb}: ${asked.problem}`)
    return EXIT.address
  }
  complain(`pos-hub ${verb}: ${reasonIn(asked.body)}`)
  return EXIT.no
}

/** Why the hub did not do it, on one line. */
export function reasonIn(body: Body): string {
  return typeof body['text'] === 'string' ? oneLine(body['text']) : 'the hub refused it.'
}

/** JSON with the control characters that JSON lets through: they stand in texts only, and a terminal must not obey. */
export function harmless(json: string): string {
  return json.replace(/[\u007f-\u009f]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function rowsOf(body: Body): readonly Body[] {
  const found = body['orders']
  return Array.isArray(found) ? (found as Body[]) : []
}

function tableOf(rows: readonly Body[], isParked: boolean): string {
  if (rows.length === 0) return isParked ? 'No order needs a person.' : 'No order is active.'
  const head = isParked
    ? ['REFERENCE', 'WHY', 'SINCE', 'AMOUNT', 'WHAT CAN BE DONE', 'REASON']
    : ['REFERENCE', 'STATE', 'CHANGED', 'AMOUNT', 'TABLE', 'VERSION']
  const lines = rows.map((row) => (isParked ? parkedLine(row) : orderLine(row)).map(oneLine))
  const widths = head.map((cell, at) => Math.max(cell.length, ...lines.map((line) => line[at]?.length ?? 0)))
  return [head, ...lines]
    .map((line) => line.map((cell, at) => (at === line.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '))
    .join('\n')
}

function orderLine(row: Body): string[] {
  return [
    textOf(row['posReference']),
    textOf(row['state']),
    timeOf(row['at']),
    amountOf(row['amount']),
    textOf(row['tableId']),
    textOf(row['version']),
  ]
}

function parkedLine(row: Body): string[] {
  const actions = Array.isArray(row['actions']) ? row['actions'].join(', ') : ''
  return [
    textOf(row['posReference']),
    textOf(row['cause']),
    timeOf(row['since']),
    amountOf(row['amount']),
    actions,
    textOf(row['text']),
  ]
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '-' : String(value)
}

function amountOf(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(2) : '-'
}

function timeOf(value: unknown): string {
  return typeof value === 'number' ? new Date(value).toISOString().replace(/\.\d+Z$/, 'Z') : '-'
}

/** Odoo's reasons have several lines, and a reference may hold anything: a terminal must not obey it. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu, ' ').trim()
}
