import { expect, test } from 'bun:test'
import type { AuditEntry } from '../../src/core/outcome.ts'
import { Play } from './play.ts'
import { GROUP } from './stage.ts'
import type { Frame } from './till.ts'
import { acquire, discard, force, forceLock, lock, write } from './words.ts'

function audited(shop: Play): readonly AuditEntry[] {
  return shop.changes.flatMap((change) => (change.kind === 'audited' ? [change.entry] : []))
}

const TAKE_OVERS: readonly {
  readonly what: string
  readonly hold: Frame
  readonly force: (reason?: string) => Frame
  readonly subject: string
}[] = [
  { what: 'lock_forced', hold: lock(5), force: (reason) => forceLock(5, reason), subject: '5' },
  { what: 'lease_forced', hold: acquire('A'), force: (reason) => force('A', reason), subject: 'A' },
]

test.each(TAKE_OVERS)('[A1] a take-over leaves who, from whom, what, when and why: $what', (taken) => {
  const shop = new Play()
  const a = shop.join({ name: 'Till A' })
  const manager = shop.join({ name: 'Maria', role: 'manager', subject: 'token of Maria' })
  a.say(taken.hold)
  shop.advance(1_000)
  manager.say(taken.force('guest waits'))
  const entry = {
    at: shop.wall,
    what: taken.what,
    actor: manager.id,
    actorName: 'Maria',
    actorSubject: 'token of Maria',
    subject: taken.subject,
    loser: a.id,
    loserName: 'Till A',
    reason: 'guest waits',
  }
  expect<unknown>(audited(shop)).toEqual([entry])
  expect<unknown>(shop.store?.audit(GROUP, 10)).toEqual({ ok: true, value: [entry] })
  expect(shop.notes).toEqual([taken.what])
})

test.each(TAKE_OVERS)('[A1] each take-over leaves its own entry, with or without a reason: $what', (taken) => {
  const shop = new Play()
  const managers = [shop.join({ role: 'manager' }), shop.join({ role: 'manager' })]
  for (const [turn, reason] of ['first', undefined, 'third', ''].entries()) managers[turn % 2]?.say(taken.force(reason))
  expect(audited(shop).map(({ reason }) => reason)).toEqual([null, 'third', ''])
  const actors = audited(shop).map(({ actor }) => String(actor))
  expect(actors).toEqual([1, 0, 1].map((at) => String(managers[at]?.id)))
})

test('[A1] an attempt that is denied is no take-over', () => {
  const shop = new Play()
  const [a, b] = [shop.join(), shop.join({ role: 'waiter' })]
  a.say(lock(5))
  a.say(acquire('A'))
  for (const frame of [forceLock(5), force('A')]) b.say(frame)
  expect(audited(shop)).toEqual([])
})

test('[A1] the discard of a refused order is an entry too', () => {
  const shop = new Play()
  const manager = shop.join({ name: 'Maria', role: 'manager' })
  manager.say(acquire('A'))
  manager.say(write('A', 0))
  shop.mark('A', { state: 'refused' })
  manager.say(discard('A', 1, { reason: 'guest left' }))
  expect(audited(shop)).toMatchObject([
    {
      what: 'refused_discarded',
      actor: manager.id,
      actorName: 'Maria',
      subject: 'A',
      loser: null,
      reason: 'guest left',
    },
  ])
})
