import type { Flags } from '../config.ts'
import { complainAbout, orderPath, reasonIn } from './cli_orders.ts'
import { complainOf, loadConfig, warnOf } from './cli_verb.ts'
import { askHub, personOf } from './desk_client.ts'
import { EXIT } from './exit_codes.ts'
import { complain, say } from './print.ts'

export type Wish = { readonly kind: string; readonly [field: string]: unknown }

/** Brings a wish about one order to the running hub, and says what became of it. */
export async function makeWish(
  verb: string,
  flags: Flags,
  { wish, problems, done }: { readonly wish: Wish; readonly problems: readonly string[]; readonly done: string },
): Promise<number> {
  const reading = loadConfig(flags)
  warnOf(reading.warnings)
  const [reference = ''] = flags.words
  const missing = reference === '' ? ['Say which order: its reference, in quotes if it has blanks.'] : []
  const wrong = [...(reading.ok ? [] : reading.problems), ...missing, ...problems]
  if (!reading.ok || wrong.length > 0) {
    complainOf(wrong, verb)
    return EXIT.usage
  }
  const body = JSON.stringify({ person: personOf(), ...wish })
  const headers = { 'Content-Type': 'application/json' }
  const path = orderPath(reference, flags.values.get('group'))
  const asked = await askHub(reading.config, path, { method: 'POST', headers, body })
  if (!asked.ok || asked.status !== 200) return complainAbout(asked, verb)
  if (asked.body['ok'] !== true) {
    complain(`pos-hub ${verb}: ${reasonIn(asked.body)}`)
    return EXIT.no
  }
  say(done)
  return EXIT.ok
}
