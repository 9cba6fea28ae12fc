import { nearestName, readFlags, SETTING_FLAGS } from '../config.ts'
import { config } from './cli_config.ts'
import { generalHelp, verbHelp } from './cli_help.ts'
import { odoo } from './cli_odoo.ts'
import { orders } from './cli_orders.ts'
import { reconcile } from './cli_reconcile.ts'
import { resolve } from './cli_resolve.ts'
import { retry } from './cli_retry.ts'
import { serve } from './cli_serve.ts'
import { token } from './cli_token.ts'
import type { Verb } from './cli_verb.ts'
import { version } from './cli_version.ts'
import { EXIT } from './exit_codes.ts'
import { complain, say } from './print.ts'

const VERBS: readonly Verb[] = [serve, config, token, orders, retry, resolve, reconcile, odoo, version]

const HELP_WORDS: readonly string[] = ['help', '--help', '-h']

/** The words behind `pos-hub` to an exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  const [word, ...rest] = argv
  if (word === undefined) {
    complain(generalHelp(VERBS))
    return EXIT.usage
  }
  if (HELP_WORDS.includes(word)) return help(rest)
  const verb = verbNamed(word === '--version' ? 'version' : word)
  if (verb === undefined) return unknownVerb(word)
  if (rest.some((one) => one === '--help' || one === '-h')) {
    say(verbHelp(verb))
    return EXIT.ok
  }
  const settings = verb.settings === 'none' ? [] : SETTING_FLAGS
  const own = verb.flags.filter((flag) => !settings.some((setting) => setting.name === flag.name))
  return verb.run(readFlags(rest, [...settings, ...own], { wordsMax: verb.wordsMax ?? 0 }))
}

function help([word]: readonly string[]): number {
  const verb = word === undefined || HELP_WORDS.includes(word) ? null : verbNamed(word)
  if (verb === undefined) return unknownVerb(word ?? '')
  say(verb === null ? generalHelp(VERBS) : verbHelp(verb))
  return EXIT.ok
}

function verbNamed(word: string): Verb | undefined {
  return VERBS.find(({ name }) => name === word)
}

function unknownVerb(word: string): number {
  if (word.startsWith('-')) {
    complain('pos-hub: the first word must be a verb, like pos-hub serve; flags come behind it. See pos-hub --help.')
    return EXIT.usage
  }
  const near = nearestName(word, [...VERBS.map(({ name }) => name), 'help'])
  const advice = near === null ? '.' : `; did you mean ${near}?`
  complain(`pos-hub: there is no verb ${JSON.stringify(word)}${advice} See pos-hub --help.`)
  return EXIT.usage
}
