import { GROUP_FLAG } from './cli_orders.ts'
import type { Verb } from './cli_verb.ts'
import { makeWish } from './cli_wish.ts'

export const retry: Verb = {
  name: 'retry',
  summary: 'Send an order to Odoo again, now.',
  usage: 'pos-hub retry REFERENCE [--group GROUP] [FLAG...]',
  about: `Asks the hub that runs on this machine to send a refused, parked or waiting order to Odoo again, as it is stored
now. It is written into the audit. It ends with 0; with 1: there is no such order, or nothing to try again; with 64:
a flag is wrong; with 69: no hub runs.`,
  flags: [GROUP_FLAG],
  wordsMax: 1,
  settings: 'mentioned',
  examples: ['pos-hub retry "Order 00001-009-0001"'],
  run: (flags) =>
    makeWish('retry', flags, {
      wish: { kind: 'retry' },
      problems: [],
      done: 'It goes to Odoo now; pos-hub orders --parked shows whether it went through.',
    }),
}
