import type { Verb } from './cli_verb.ts'
import { complainOf, loadConfig, warnOf } from './cli_verb.ts'
import { EXIT } from './exit_codes.ts'

export const serve: Verb = {
  name: 'serve',
  summary: 'Run the hub until it is told to stop.',
  usage: 'pos-hub serve [--try | --demo] [FLAG...]',
  about: `Runs the hub: terminals and people reach it at one port. Each setting is taken from its flag, else from the
environment, else from the JSON file that HUB_CONFIG names, else it has its default. SIGTERM and SIGINT end
it in order. It ends with 0, or with 64: a setting is wrong; 69: the port is in use or the address is not
available; 70: a bug; 73: the data folder cannot be written; 75: another hub runs on this file; 76: a newer
hub has written it; 77: it is damaged or not a hub's.`,
  flags: [
    {
      name: 'try',
      takes: 'nothing',
      help: 'For a first look: other defaults (this machine only, no sign-in, data in ./data, log as text).',
    },
    {
      name: 'demo',
      takes: 'nothing',
      help: 'The same, with a stand-in for Odoo on the next port: a sale goes all the way.',
    },
  ],
  settings: 'all',
  examples: [
    'pos-hub serve --demo',
    'HUB_DB_PATH=/var/lib/pos-hub/hub.sqlite pos-hub serve',
    'pos-hub serve --config /etc/pos-hub.json --log-level debug',
  ],
  run: async (flags) => {
    const reading = loadConfig(flags)
    if (!reading.ok) {
      warnOf(reading.warnings)
      complainOf(reading.problems, 'serve')
      return EXIT.usage
    }
    // Late: no other verb needs the house, and they start faster without it.
    const { runServe } = await import('./serve.ts')
    return runServe(reading.config, { warnings: reading.warnings, isDemo: flags.values.has('demo') })
  },
}
