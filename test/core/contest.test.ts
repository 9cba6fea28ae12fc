import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import type { Till, Who } from './till.ts'
import { acquire, HEARTBEAT, lock } from './words.ts'

/** A tab of the one v1 device that these tests are about. */
function tab(shop: Play, who: Who = {}): Till {
  return shop.join({ protocol: 1, deviceId: 'tablet', ...who })
}

describe('a v1 device that no live socket has', () => {
  test('[S4] is the same terminal, in its grace and after it', () => {
    const shop = new Play()
    const a = tab(shop)
    const { id } = a
    a.drop()
    shop.advance(9_999)
    expect(a.back().id).toBe(id)
    a.drop()
    shop.advance(100_000_000)
    expect(a.back().id).toBe(id)
  })

  test('[S4] is another terminal in another group, or as another device', () => {
    const shop = new Play()
    const a = tab(shop).drop()
    expect(tab(shop, { group: 'other' }).id).not.toBe(a.id)
    expect(tab(shop, { deviceId: 'other' }).id).not.toBe(a.id)
  })

  test('[S4] is the last active of several ended ones', () => {
    const shop = new Play()
    const [a, b] = [tab(shop), tab(shop)]
    expect(a.id).not.toBe(b.id)
    b.tell(HEARTBEAT)
    shop.advance(1_000)
    a.tell(HEARTBEAT)
    for (const till of [a, b]) till.drop()
    shop.advance(10_000)
    expect(tab(shop).id).toBe(a.id)
  })

  test('[S4] is the one in its grace, that still holds its tables, and not one that ended long ago', () => {
    const shop = new Play()
    const a = tab(shop)
    const b = tab(shop)
    b.drop()
    shop.advance(20_000)
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    a.drop()
    shop.advance(5_000)
    const back = tab(shop)
    expect(back.id).toBe(a.id)
    expect(back.init.tableLocks).toMatchObject([{ tableId: 5, lockedBy: back.id }])
  })

  test('[S4] is the same terminal after a restart of the hub', () => {
    const shop = new Play()
    const a = tab(shop)
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    shop.restart()
    const back = tab(shop)
    expect(back.id).toBe(a.id)
    expect(back.init.tableLocks).toMatchObject([{ tableId: 5, lockedBy: a.id }])
  })

  test('[S4] is the one that holds something, where after a restart nobody has been heard yet', () => {
    const shop = new Play()
    const [a, b] = [tab(shop), tab(shop)]
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    b.tell(HEARTBEAT)
    shop.restart()
    expect(tab(shop).id).toBe(a.id)
  })
})

describe('a v1 device that a live socket has', () => {
  test('[S5] is not let in before the old socket has had its two seconds', () => {
    const shop = new Play()
    const a = tab(shop, { isDead: true })
    const newcomer = tab(shop)
    expect(a.pings).toBe(1)
    shop.advance(1_999)
    expect(newcomer.isIn).toBe(false)
    expect(newcomer.take()).toEqual([])
    shop.advance(1)
    expect(newcomer.isIn).toBe(true)
  })

  test('[S5] a dead radio link: the newcomer takes over, with all that was held, and the old socket is closed', () => {
    const shop = new Play()
    const a = tab(shop, { isDead: true })
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    const newcomer = tab(shop)
    shop.advance(2_000)
    expect(newcomer.id).toBe(a.id)
    expect(a.lastCode).toBe('REPLACED')
    expect(newcomer.init.tableLocks).toMatchObject([{ lockedBy: a.id, expiresAt: shop.wall + 45_000 }])
  })

  test('[S5] a pong: the newcomer is a terminal of its own, and the two deny each other', () => {
    const shop = new Play()
    const a = tab(shop)
    a.ask(acquire('A'), 'LEASE_GRANTED')
    const b = tab(shop)
    expect(b.id).not.toBe(a.id)
    b.take()
    expect(b.ask(acquire('A'), 'LEASE_DENIED').holder).toBe(a.id)
    b.ask(acquire('B'), 'LEASE_GRANTED')
    expect(a.ask(acquire('B'), 'LEASE_DENIED').holder).toBe(b.id)
    shop.advance(2_000)
    expect([a.closings, b.closings]).toEqual([[], []])
  })

  test('[S5] a pong in the last millisecond counts, and so does any frame', () => {
    for (const isPong of [true, false]) {
      const shop = new Play()
      const a = tab(shop, { isDead: true })
      const newcomer = tab(shop)
      shop.advance(1_999)
      if (isPong) a.pong()
      else a.tell(HEARTBEAT)
      expect(newcomer.isIn).toBe(true)
      expect(newcomer.id).not.toBe(a.id)
      shop.advance(2_000)
      expect(a.closings).toEqual([])
    }
  })

  test('[S5] a second AUTH on the old socket shows that it lives, as any frame does', () => {
    const shop = new Play()
    const a = tab(shop, { isDead: true })
    const newcomer = tab(shop)
    a.again()
    shop.advance(2_000)
    expect(a.closings).toEqual([])
    expect(newcomer.id).not.toBe(a.id)
  })

  test('[S5] the old socket closes while the hub waits: the newcomer is that terminal at once', () => {
    const shop = new Play()
    const a = tab(shop, { isDead: true })
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    const newcomer = tab(shop)
    shop.advance(500)
    a.drop()
    expect(newcomer.id).toBe(a.id)
    expect(newcomer.init.tableLocks).toMatchObject([{ lockedBy: a.id }])
  })

  test('[S5] the newcomer goes while the hub waits: nothing happens to the old one', () => {
    const shop = new Play()
    const a = tab(shop, { isDead: true })
    const newcomer = tab(shop)
    shop.advance(1_000)
    newcomer.drop()
    shop.advance(1_000)
    expect(a.closings).toEqual([])
    a.pong()
    expect(newcomer.isIn).toBe(false)
    expect(shop.hub.contests.size).toBe(0)
  })

  test('[S5] the old link is found dead while the hub waits: the newcomer is that terminal', () => {
    const shop = new Play()
    const a = tab(shop, { isDead: true })
    shop.advance(20_000)
    a.ask(lock(5), 'TABLE_LOCK_GRANTED')
    shop.advance(44_000)
    const newcomer = tab(shop)
    shop.advance(2_000)
    expect(a.lastCode).toBe('SILENT')
    expect(newcomer.id).toBe(a.id)
  })
})

describe('several sockets of one v1 device', () => {
  test('[S5] all of them answer: the newcomer is a third terminal', () => {
    const shop = new Play()
    const [a, b] = [tab(shop), tab(shop)]
    const c = tab(shop)
    expect(new Set([a.id, b.id, c.id]).size).toBe(3)
  })

  test('[S5] one answers and one is dead: the newcomer takes the place of the dead one', () => {
    const shop = new Play()
    const [a, b] = [tab(shop), tab(shop)]
    a.answersPings = false
    const newcomer = tab(shop)
    expect(newcomer.isIn).toBe(false)
    shop.advance(2_000)
    expect(newcomer.id).toBe(a.id)
    expect(a.lastCode).toBe('REPLACED')
    expect(b.closings).toEqual([])
  })

  test('[S5] one answers and one closes: the newcomer is the one that closed', () => {
    const shop = new Play()
    const [a, b] = [tab(shop), tab(shop)]
    a.answersPings = false
    const newcomer = tab(shop)
    a.drop()
    expect(newcomer.id).toBe(a.id)
    expect(b.closings).toEqual([])
  })

  test('[S5] all are dead: the newcomer is the one that was active last, and all are closed', () => {
    const shop = new Play()
    const [a, b] = [tab(shop), tab(shop)]
    b.tell(HEARTBEAT)
    shop.advance(100)
    a.tell(HEARTBEAT)
    for (const till of [a, b]) till.answersPings = false
    const newcomer = tab(shop)
    shop.advance(2_000)
    expect(newcomer.id).toBe(a.id)
    expect([a.lastCode, b.lastCode]).toEqual(['REPLACED', 'REPLACED'])
  })
})

describe('two newcomers of one v1 device', () => {
  test('[S5] the old one answers: both are terminals of their own', () => {
    const shop = new Play()
    const a = tab(shop, { isDead: true })
    const [first, second] = [tab(shop), tab(shop)]
    a.pong()
    shop.advance(4_000)
    expect(new Set([a.id, first.id, second.id]).size).toBe(3)
  })

  test('[S5] the old one is dead: one takes over, and the other, which that one denies, is a terminal of its own', () => {
    for (const apartMs of [0, 1_000]) {
      const shop = new Play()
      const a = tab(shop, { isDead: true })
      a.ask(acquire('A'), 'LEASE_GRANTED')
      const first = tab(shop)
      shop.advance(apartMs)
      const second = tab(shop)
      shop.advance(6_000)
      expect(first.id).toBe(a.id)
      expect(second.id).not.toBe(a.id)
      expect([first.closings, second.closings]).toEqual([[], []])
      second.take()
      expect(second.ask(acquire('A'), 'LEASE_DENIED').holder).toBe(first.id)
    }
  })

  test('[S5] the first took over and left again: the second is that terminal, no live socket has its device', () => {
    const shop = new Play()
    const a = tab(shop, { isDead: true })
    const first = tab(shop, { isDead: true })
    shop.advance(1_000)
    const second = tab(shop)
    shop.advance(1_000)
    expect(first.id).toBe(a.id)
    first.drop()
    shop.advance(6_000)
    expect(second.id).toBe(a.id)
  })

  test('[S5] the first took over on a link that is dead too: without its pong the second takes over', () => {
    for (const apartMs of [0, 1_000]) {
      const shop = new Play()
      const a = tab(shop, { isDead: true })
      const first = tab(shop, { isDead: true })
      shop.advance(apartMs)
      const second = tab(shop)
      shop.advance(6_000)
      expect({ apartMs, id: second.id }).toEqual({ apartMs, id: a.id })
      expect(first.lastCode).toBe('REPLACED')
    }
  })

  test('[S5] the old one closes: the second is not another terminal while nothing answered it', () => {
    const shop = new Play()
    const a = tab(shop, { isDead: true })
    const first = tab(shop, { isDead: true })
    const second = tab(shop)
    a.drop()
    expect(first.id).toBe(a.id)
    shop.advance(6_000)
    expect(second.id).toBe(a.id)
  })
})
