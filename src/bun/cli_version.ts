import manifest from '../../package.json' with { type: 'json' }
import { complainOf, type Verb } from './cli_verb.ts'
import { EXIT } from './exit_codes.ts'
import { say } from './print.ts'

/** As in package.json. */
export const HUB_NAME: string = manifest.name
export const HUB_VERSION: string = manifest.version

export const version: Verb = {
  name: 'version',
  summary: 'Print name and version.',
  usage: 'pos-hub version [--json]',
  about: 'Prints the name and version of the hub.',
  flags: [{ name: 'json', takes: 'nothing', help: 'Print JSON.' }],
  settings: 'none',
  examples: ['pos-hub version', 'pos-hub version --json'],
  run: async (flags) => {
    if (flags.problems.length > 0) {
      complainOf(flags.problems, 'version')
      return EXIT.usage
    }
    const asJson = flags.values.has('json')
    say(asJson ? JSON.stringify({ name: HUB_NAME, version: HUB_VERSION }) : `${HUB_NAME} ${HUB_VERSION}`)
    return EXIT.ok
  },
}
