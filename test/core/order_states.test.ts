import { describe, expect, test } from 'bun:test'
import { Opaque, type OrderState } from '../../src/protocol/mod.ts'
import { Play } from './play.ts'
import { type Frame, type Till, typesOf } from './till.ts'
import { acquire, beat, discard, pay, release, write } from './words.ts'

/**
 * Every kind of message about an order, in each of its six states, from v1 and v2 (PROTOCOL.md, Versions and Finalize).
 * The sender holds the lease wherever that state can be leased.
 */
const STATES = ['open', 'finalizing', 'refused', 'parked', 'final', 'discarded'] as const
type Row = { readonly [S in OrderState]: string }

const CONTENT = { lines: [1], total: 5 }

type Message = { readonly name: string; readonly frame: Frame; readonly v1: Row | null; readonly v2: Row }

const PAID_V1 = { finalizing: 'CONFLICT', parked: 'CONFLICT', final: 'ORDER_FINALIZED' }
const PAID_V2 = { finalizing: 'ERROR ORDER_FINAL', parked: 'ERROR ORDER_FINAL', final: 'ERROR ORDER_FINAL' }
const PAID_LEASE = { finalizing: 'LEASE_DENIED', parked: 'LEASE_DENIED', final: 'LEASE_DENIED' }
const PAID_SILENT = { finalizing: '', parked: '', final: '' }

function of(others: string, paid: Omit<Row, 'open' | 'refused' | 'discarded'>): Row {
  return { open: others, refused: others, discarded: others, ...paid }
}

const MESSAGES: readonly Message[] = [
  { name: 'a snapshot', frame: write('A', 1, CONTENT), v1: of('', PAID_V1), v2: of('ORDER_ACCEPTED', PAID_V2) },
  {
    name: 'a snapshot from an older version',
    frame: write('A', 0, CONTENT),
    v1: of('CONFLICT', PAID_V1),
    v2: of('CONFLICT', PAID_V2),
  },
  {
    name: 'a release with a snapshot',
    frame: release('A', { finalSnapshot: CONTENT, msgId: 'release' }),
    v1: of('', PAID_V1),
    v2: of('ORDER_ACCEPTED', PAID_V2),
  },
  { name: 'a release', frame: release('A'), v1: of('', PAID_SILENT), v2: of('', PAID_SILENT) },
  { name: 'a heartbeat', frame: beat('A'), v1: of('', PAID_LEASE), v2: of('', PAID_LEASE) },
  {
    name: 'a wish for the lease',
    frame: acquire('A', 1),
    v1: of('LEASE_GRANTED', PAID_LEASE),
    v2: of('LEASE_GRANTED', PAID_LEASE),
  },
  {
    name: 'the same payment',
    frame: pay('A', CONTENT),
    v1: of('', { finalizing: '', parked: 'CONFLICT', final: 'ORDER_FINALIZED' }),
    v2: of('ORDER_FINALIZE_QUEUED', {
      finalizing: 'ORDER_FINALIZE_QUEUED',
      parked: 'ERROR ORDER_FINAL',
      final: 'ORDER_FINALIZED',
    }),
  },
  {
    name: 'a payment of other content',
    frame: pay('A', { total: 6 }),
    v1: of('', { finalizing: '', parked: 'CONFLICT', final: 'ORDER_FINALIZED' }),
    v2: of('ORDER_FINALIZE_QUEUED', {
      finalizing: 'ORDER_FINALIZE_QUEUED differs',
      parked: 'ERROR ORDER_FINAL',
      final: 'ORDER_FINALIZED differs',
    }),
  },
  {
    name: 'a payment from an older version',
    frame: pay('A', CONTENT, { baseVersion: 0 }),
    v1: of('', { finalizing: '', parked: 'CONFLICT', final: 'ORDER_FINALIZED' }),
    v2: of('CONFLICT', {
      finalizing: 'ORDER_FINALIZE_QUEUED',
      parked: 'ERROR ORDER_FINAL',
      final: 'ORDER_FINALIZED',
    }),
  },
  {
    name: 'a discard',
    frame: discard('A', 1),
    v1: null,
    v2: { open: 'ORDER_DISCARDED', refused: 'ERROR MANAGER_REQUIRED', discarded: 'ORDER_DISCARDED', ...PAID_V2 },
  },
  {
    name: 'a discard from an older version',
    frame: discard('A', 0),
    v1: null,
    v2: of('CONFLICT', PAID_V2),
  },
]

/** Brings order A, at version 1, into a state. */
function bring(shop: Play, state: OrderState): void {
  const other = shop.join({ protocol: 2 })
  other.ask(acquire('A'), 'LEASE_GRANTED')
  if (state === 'open' || state === 'discarded') {
    other.ask(write('A', 0, CONTENT), 'ORDER_ACCEPTED')
    other.tell(state === 'open' ? release('A') : release('B'))
    if (state === 'discarded') other.say(discard('A', 1))
    return
  }
  other.ask(pay('A', CONTENT), 'ORDER_FINALIZE_QUEUED')
  if (state === 'final') {
    const result = { orderId: 77, lineIdMap: new Opaque('{"a":1}'), fiscal: new Opaque('{"ncf":"B01"}') }
    return shop.mark('A', { state, result })
  }
  shop.mark('A', { state })
}

/** The types that were heard, with what tells one of them from another. */
function told(till: Till, frame: Frame): string {
  const heard = till.say(frame)
  const [message] = heard
  const types = typesOf(heard).join(' ')
  if (message?.type === 'ERROR') return `${types} ${message.code}`
  // A v1 terminal may be sent the field, and does not know it.
  const isDifferent = till.who.protocol === 2 && message !== undefined && 'differs' in message && message.differs
  return isDifferent ? `${types} differs` : types
}

for (const { name, frame, v1, v2 } of MESSAGES) {
  for (const protocol of [1, 2] as const) {
    const expected = protocol === 1 ? v1 : v2
    if (expected === null) continue
    describe(`${name} from v${protocol}`, () => {
      test.each([...STATES])('[V2][F5] meets an order that is %s', (state) => {
        const shop = new Play()
        bring(shop, state)
        const till = shop.join({ protocol })
        till.say(acquire('A', 1))
        till.take()
        expect(told(till, frame)).toBe(expected[state])
      })
    })
  }
}

test('[V2] what was paid keeps its version, content and state, whoever writes, releases or discards', () => {
  for (const state of ['finalizing', 'parked', 'final'] as const) {
    const shop = new Play()
    bring(shop, state)
    const before = { ...shop.order('A').record }
    const tills = [shop.join(), shop.join({ protocol: 1 }), shop.join({ role: 'manager' })]
    for (const till of tills) {
      till.say(acquire('A', 1))
      till.say(write('A', 1, { total: 0 }))
      till.say(release('A', { finalSnapshot: { total: 0 } }))
      if (till.who.protocol === 2) till.say(discard('A', 1, { reason: 'no' }))
    }
    expect(shop.order('A').record).toEqual(before)
    expect(shop.order('A').snapshot.json).toBe(JSON.stringify(CONTENT))
  }
})

test('[V2] the words about a paid order: ORDER_FINAL names the msgId, CONFLICT shows what is stored', () => {
  const shop = new Play()
  bring(shop, 'finalizing')
  const [a, old] = [shop.join(), shop.join({ protocol: 1 })]
  for (const till of [a, old]) till.take()
  expect(a.ask(write('A', 1, {}, { msgId: 'late' }), 'ERROR')).toMatchObject({
    code: 'ORDER_FINAL',
    next: 'never',
    msgId: 'late',
    posReference: 'A',
  })
  expect(old.ask(write('A', 1), 'CONFLICT')).toMatchObject({ hubVersion: 1, hubSnapshot: CONTENT })
})

test('[V2][F5] a final order answers v1 with everything that Odoo said', () => {
  const shop = new Play()
  bring(shop, 'final')
  const old = shop.join({ protocol: 1 })
  old.take()
  const answer = { posReference: 'A', orderId: 77, lineIdMap: { a: 1 }, fiscal: { ncf: 'B01' }, version: 1 }
  for (const frame of [write('A', 1), pay('A', CONTENT)]) {
    expect(old.ask(frame, 'ORDER_FINALIZED')).toMatchObject(answer)
  }
})
