import { expect, test } from 'bun:test'
import { TOKENS_KNOWN_MAX } from '../../src/core/limits.ts'
import type { KnownToken } from '../../src/core/state.ts'
import { remembered } from '../../src/core/stored.ts'
import { Play } from './play.ts'
import { WALL } from './stage.ts'

function said(shop: Play, digest: string, more: Partial<KnownToken> | null = {}): void {
  const who = { subject: 'anna', name: 'Till 1', role: 'waiter', configIds: [7] } as const
  const token = more === null ? null : { digest, ...who, checkedAt: WALL, ...more }
  shop.do({ kind: 'token_checked', digest, token })
}

function known(shop: Play): string[] {
  return [...shop.hub.signIns.keys()]
}

test('[K1] a "yes" is remembered by the digest, with who it is for, also after a restart', () => {
  const shop = new Play()
  said(shop, 'a', { name: 'Till 2', configIds: [7, 8], checkedAt: WALL + 5 })
  const before = remembered(shop.hub)
  shop.restart()
  expect(remembered(shop.hub)).toEqual(before)
  const token = { digest: 'a', subject: 'anna', name: 'Till 2', role: 'waiter', configIds: [7, 8], checkedAt: WALL + 5 }
  expect(shop.hub.signIns.get('a')).toEqual(token as KnownToken)
})

test('[K1] a later "yes" takes the place of an earlier one', () => {
  const shop = new Play()
  said(shop, 'a')
  said(shop, 'b', { checkedAt: WALL + 1 })
  said(shop, 'a', { role: 'manager', checkedAt: WALL + 2 })
  expect([shop.hub.signIns.get('a')?.role, known(shop)]).toEqual(['manager', ['b', 'a']])
  shop.restart()
  expect([shop.hub.signIns.get('a')?.role, known(shop)]).toEqual(['manager', ['b', 'a']])
})

test('[K1] a "no" forgets it, on the disk too, and writes nothing where nothing was known', () => {
  const shop = new Play()
  said(shop, 'a')
  said(shop, 'a', null)
  const { length } = shop.changes
  said(shop, 'a', null)
  said(shop, 'stranger', null)
  expect([known(shop), shop.changes.length]).toEqual([[], length])
  shop.restart()
  expect(known(shop)).toEqual([])
})

test('[K1] one more than the bound forgets the oldest check, in memory and on the disk', () => {
  const shop = new Play()
  for (let n = 0; n < TOKENS_KNOWN_MAX; n++) said(shop, `t${n}`, { checkedAt: WALL + n })
  // One that is known needs no room: it is the newest now, and nobody is forgotten for it.
  said(shop, 't5', { checkedAt: WALL + TOKENS_KNOWN_MAX })
  expect([shop.hub.signIns.size, known(shop)[0]]).toEqual([TOKENS_KNOWN_MAX, 't0'])
  said(shop, 'one more', { checkedAt: WALL + TOKENS_KNOWN_MAX + 1 })
  for (const isRestarted of [false, true]) {
    if (isRestarted) shop.restart()
    expect([shop.hub.signIns.size, shop.hub.signIns.has('t0')]).toEqual([TOKENS_KNOWN_MAX, false])
    expect([known(shop)[0], known(shop).slice(-2)]).toEqual(['t1', ['t5', 'one more']])
  }
})
