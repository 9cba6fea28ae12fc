import { GROUP_FLAG } from './cli_orders.ts'
import type { Verb } from './cli_verb.ts'
import { makeWish } from './cli_wish.ts'

/** As the hub takes it. */
const NOTE_CHARS_MAX = 1_000

export const resolve: Verb = {
  name: 'resolve',
  summary: 'Say that a person has dealt with an order, with a note.',
  usage: 'pos-hub resolve REFERENCE --note TEXT [--order-id N | --second-payment] [--group GROUP] [FLAG...]',
  about: `For a refused or parked order: it was entered in Odoo by hand; it is final then, and nothing more of it goes to
Odoo. With --second-payment: the other payments for this order were given back or entered. The note and your name
are written into the audit. It ends with 0; with 1: there is no such order, or it does not wait for a person; with
64: a flag is wrong; with 69: no hub runs.`,
  flags: [
    { name: 'note', takes: 'value', placeholder: 'TEXT', help: 'What was done, for whoever asks later. Needed.' },
    {
      name: 'order-id',
      takes: 'value',
      placeholder: 'N',
      help: "Odoo's id of the order that was entered; terminals are told 0 without it.",
    },
    { name: 'second-payment', takes: 'nothing', help: 'It is about the second payments of the order.' },
    GROUP_FLAG,
  ],
  wordsMax: 1,
  settings: 'mentioned',
  examples: [
    'pos-hub resolve "Order 00001-009-0001" --note "entered by Ana" --order-id 4711',
    'pos-hub resolve "Order 00001-009-0001" --second-payment --note "card payment given back"',
  ],
  run: (flags) => {
    const note = flags.values.get('note')?.trim() ?? ''
    const idText = flags.values.get('order-id')
    const orderId = idText === undefined ? 0 : idOf(idText)
    const isSecond = flags.values.has('second-payment')
    const problems = []
    if (note === '') problems.push('Say what was done: --note TEXT.')
    if (note.length > NOTE_CHARS_MAX) problems.push(`--note must be at most ${NOTE_CHARS_MAX} characters long.`)
    if (orderId === null) problems.push('--order-id must be a whole number.')
    if (isSecond && idText !== undefined) problems.push('--order-id and --second-payment do not go together.')
    const wish = isSecond ? { kind: 'payments_settled', note } : { kind: 'entered', note, orderId }
    const done = isSecond ? 'The second payments are off the list.' : 'It is final, and off the list.'
    return makeWish('resolve', flags, { wish, problems, done })
  },
}

/** Null: it is none. `Number` alone would take 0x10, 1e3 and -0. */
function idOf(text: string): number | null {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : null
}
