import { describe, expect, test } from 'bun:test'
import { Play } from './play.ts'
import { first, type Till, typesOf } from './till.ts'
import { acquire, beat, beatLock, discard, lock, pay, release, write } from './words.ts'

const PAID = { lines: [1], paid: 100 }

/** `a` holds order A at version 1 on table 5, whose lock it has; `b` looks on, the third is v1. */
function open(): { shop: Play; a: Till; b: Till; old: Till } {
  const shop = new Play()
  const [a, b] = [shop.join({ name: 'Till A' }), shop.join({ name: 'Till B' })]
  const old = shop.join({ name: 'Old', protocol: 1 })
  a.ask(acquire('A'), 'LEASE_GRANTED')
  a.ask(write('A', 0, { lines: [1], tableId: 5 }), 'ORDER_ACCEPTED')
  a.ask(lock(5), 'TABLE_LOCK_GRANTED')
  for (const till of [a, b, old]) till.take()
  return { shop, a, b, old }
}

describe('who may pay', () => {
  test('[F1] nobody holds the order: no lease is needed, and none is asked for an order never seen', () => {
    const { shop, a, b } = open()
    a.tell(release('A'))
    b.take()
    b.ask(pay('A', PAID), 'ORDER_FINALIZE_QUEUED')
    b.ask(pay('new', PAID), 'ORDER_FINALIZE_QUEUED')
    expect(shop.order('new').record).toMatchObject({ state: 'finalizing', version: 1 })
  })

  test('[F1] a v2 sender is refused while another live terminal holds it; nothing is stored; it is told when it may', () => {
    const { shop, a, b } = open()
    const refused = b.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZE_ERROR')
    expect(refused).toMatchObject({ retryable: false, code: 'LEASE_HELD', version: 1, msgId: 'p' })
    expect(refused.error).toContain('Till A')
    expect(shop.order('A').record).toMatchObject({ state: 'open', version: 1, seq: 1 })
    expect(a.take()).toEqual([])
    a.tell(release('A'))
    expect(b.taken('LEASE_AVAILABLE')).toHaveLength(1)
    b.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
  })

  test('[F1] a base version is held against the stored one only if a v2 sender names it', () => {
    const { shop, a, old } = open()
    expect(a.ask(pay('A', PAID, { baseVersion: 0, msgId: 'p' }), 'CONFLICT')).toMatchObject({
      hubVersion: 1,
      msgId: 'p',
    })
    expect(a.ask(pay('A', PAID, { baseVersion: 2 }), 'CONFLICT').hubVersion).toBe(1)
    expect(shop.order('A').record.state).toBe('open')
    old.tell(pay('A', PAID, { baseVersion: 0 }))
    expect(shop.order('A').record).toMatchObject({ state: 'finalizing', version: 2 })
    a.ask(pay('B', PAID, { baseVersion: 0 }), 'ORDER_FINALIZE_QUEUED')
  })

  test('[F2] from v1 it is taken from the holder, who hears who paid', () => {
    const { a, old } = open()
    old.tell(pay('A', PAID))
    const heard = a.take()
    expect(typesOf(heard).sort()).toEqual(['LEASE_REVOKED', 'ORDER_UPDATED'])
    expect(first(heard, 'LEASE_REVOKED')).toMatchObject({ posReference: 'A', reason: 'Order paid by Old' })
    expect(a.ask(write('A', 2), 'ERROR').code).toBe('ORDER_FINAL')
  })

  test('[F2] the snapshot beside that word, if any, is the paid one: a screen never goes back', () => {
    const { a, old } = open()
    old.tell(pay('A', PAID))
    const revoked = first(a.take(), 'LEASE_REVOKED')
    expect<unknown>(revoked.snapshot ?? PAID).toEqual(PAID)
  })

  test('[F2] while the holder is in its grace it is taken from v2 too; back again the holder has no lease', () => {
    const { a, b } = open()
    a.drop()
    b.ask(pay('A', PAID), 'ORDER_FINALIZE_QUEUED')
    a.back()
    expect(a.init.leases).toEqual([])
    expect(a.init.orders).toMatchObject([{ posReference: 'A', state: 'finalizing', version: 2 }])
    expect(a.init.tableLocks).toMatchObject([{ tableId: 5, lockedBy: a.id }])
  })
})

describe('what is written down', () => {
  test('[F3] the next version, in one change, in state finalizing; all others see it', () => {
    const { shop, a, b, old } = open()
    const before = shop.changes.length
    const queued = a.ask(pay('A', PAID, { msgId: 'p', settled: { orderId: 88 } }), 'ORDER_FINALIZE_QUEUED')
    expect(queued).toMatchObject({ posReference: 'A', version: 2, msgId: 'p', seq: 2, reason: expect.any(String) })
    for (const other of [b, old]) {
      expect(other.taken('ORDER_UPDATED')).toMatchObject([
        { version: 2, snapshot: PAID, sourceTerminal: a.id, seq: 2, state: 'finalizing' },
      ])
    }
    const versioned = shop.changes.slice(before).filter(({ kind }) => kind === 'order_versioned')
    expect(versioned).toMatchObject([{ entry: { version: 2, kind: 'finalize' }, record: { state: 'finalizing' } }])
    const finalize = { configId: 7, msgId: 'p', since: shop.wall, settledOrderId: 88, refusal: null }
    expect(shop.order('A').record.finalize).toMatchObject(finalize)
    expect([...shop.group.outbox.keys()].map(String)).toEqual(['A'])
  })

  test('[F3] the story says what the payer had seen, where it said so', () => {
    const { shop, a } = open()
    a.ask(pay('A', PAID, { baseVersion: 1 }), 'ORDER_FINALIZE_QUEUED')
    a.ask(pay('B', PAID), 'ORDER_FINALIZE_QUEUED')
    shop.join({ protocol: 1 }).tell(pay('C', PAID, { baseVersion: 5 }))
    const entries = shop.changes.flatMap((change) => (change.kind === 'order_versioned' ? [change.entry] : []))
    expect(entries.slice(-3).map(({ baseVersion }) => baseVersion)).toEqual([1, null, null])
  })

  test('[F3] the lease ends, whoever waits is told, and the lock of the table stays', () => {
    const { a, b } = open()
    b.ask(write('A', 1), 'LEASE_DENIED')
    a.ask(pay('A', PAID), 'ORDER_FINALIZE_QUEUED')
    expect(b.taken('LEASE_AVAILABLE')).toHaveLength(1)
    a.take()
    a.ask(beat('A'), 'LEASE_DENIED')
    a.tell(beatLock(5))
    b.ask(lock(5), 'TABLE_LOCK_DENIED')
  })

  test('[F3] is there after a restart, and cannot be written', () => {
    const { shop, a } = open()
    a.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
    shop.restart()
    a.back()
    expect(a.init.orders).toMatchObject([{ posReference: 'A', version: 2, state: 'finalizing', snapshot: PAID }])
    expect([...shop.group.outbox.keys()].map(String)).toEqual(['A'])
    a.take()
    a.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
    expect(a.ask(write('A', 2), 'ERROR').code).toBe('ORDER_FINAL')
  })
})

describe('what the sender hears', () => {
  test('[F4] v2 hears at once that it is written down, and nothing more while Odoo is silent', () => {
    const { shop, a } = open()
    a.ask(pay('A', PAID), 'ORDER_FINALIZE_QUEUED')
    shop.advance(60_000)
    expect(a.taken('ORDER_FINALIZE_ERROR')).toEqual([])
  })

  test('[F4] v1 hears after exactly 10 s that the hub goes on trying, once', () => {
    const { shop, a, b, old } = open()
    old.tell(pay('A', PAID))
    shop.advance(9_999)
    expect(old.take()).toEqual([])
    shop.advance(1)
    const error = { posReference: 'A', retryable: true, code: 'ODOO_AWAY', version: 2 }
    expect(old.take()).toMatchObject([{ type: 'ORDER_FINALIZE_ERROR', ...error }])
    shop.advance(60_000)
    expect(old.taken('ORDER_FINALIZE_ERROR')).toEqual([])
    for (const other of [a, b]) expect(other.taken('ORDER_FINALIZE_ERROR')).toEqual([])
  })

  test('[F4] each v1 terminal that pays has its own ten seconds', () => {
    const { shop, old } = open()
    const other = shop.join({ protocol: 1 })
    old.tell(pay('A', PAID))
    shop.advance(4_000)
    other.take()
    other.tell(pay('A', PAID))
    shop.advance(6_000)
    expect([old.taken('ORDER_FINALIZE_ERROR').length, other.taken('ORDER_FINALIZE_ERROR').length]).toEqual([1, 0])
    shop.advance(4_000)
    expect([old.taken('ORDER_FINALIZE_ERROR').length, other.taken('ORDER_FINALIZE_ERROR').length]).toEqual([0, 1])
  })

  test('[F4] a stalled hub gives v1 its ten seconds of a hub that runs', () => {
    const { shop, old } = open()
    old.tell(pay('A', PAID))
    shop.advance(5_000)
    shop.stall(60_000)
    shop.advance(4_999)
    expect(old.take()).toEqual([])
    shop.advance(1)
    expect(old.taken('ORDER_FINALIZE_ERROR')).toHaveLength(1)
  })
})

describe('a payment and the states before it', () => {
  test('[F7] a finalize wins over a discard', () => {
    for (const protocol of [1, 2] as const) {
      const { shop, a } = open()
      const payer = shop.join({ protocol })
      a.say(discard('A', 1))
      payer.take()
      const heard = payer.say(pay('A', PAID))
      expect(typesOf(heard)).toEqual(protocol === 1 ? [] : ['ORDER_FINALIZE_QUEUED'])
      expect(shop.order('A').record).toMatchObject({ state: 'finalizing', version: 2 })
      expect(a.take().at(-1)).toMatchObject({ type: 'ORDER_UPDATED', version: 2, state: 'finalizing' })
    }
  })

  test('[F7] on a refused order one with a new msgId, or none, is a new attempt', () => {
    for (const protocol of [1, 2] as const) {
      const { shop, a } = open()
      a.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
      const { finalize } = shop.order('A').record
      const refusal = { code: 'ODOO_REFUSED', text: 'No such product', theirs: null } as const
      shop.mark('A', { state: 'refused', finalize: finalize && { ...finalize, refusal } })
      const payer = shop.join({ protocol })
      payer.take()
      payer.say(pay('A', PAID))
      expect(shop.order('A').record).toMatchObject({ state: 'finalizing', version: 3, finalize: { refusal: null } })
    }
  })

  test('[F7] on a refused order the msgId that was refused gets the refusal again', () => {
    const { shop, a } = open()
    a.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZE_QUEUED')
    const { finalize } = shop.order('A').record
    const refusal = { code: 'ODOO_REFUSED', text: 'No such product', theirs: null } as const
    shop.mark('A', { state: 'refused', finalize: finalize && { ...finalize, refusal } })
    const error = a.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZE_ERROR')
    expect(error).toMatchObject({ error: 'No such product', retryable: false, code: 'ODOO_REFUSED', msgId: 'p' })
    a.say(acquire('A', 2))
    a.ask(write('A', 2, { lines: [] }), 'ORDER_ACCEPTED')
    const after = a.ask(pay('A', PAID, { msgId: 'p' }), 'ORDER_FINALIZE_ERROR')
    expect(after).toMatchObject({ error: 'No such product', code: 'ODOO_REFUSED', version: 3 })
    expect(shop.order('A').record.state).toBe('refused')
  })
})
