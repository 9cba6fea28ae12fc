import { describe, expect, test } from 'bun:test'
import type { NewEntry, Outbox } from '../../src/realtime/outbox.ts'
import { OUTBOX_LIMITS } from '../../src/realtime/outbox_entry.ts'
import { createFallbackStorage } from '../../src/realtime/outbox_fallback.ts'
import { StoredOutbox } from '../../src/realtime/outbox_stored.ts'
import { FakeSurroundings, fakeDevice, fakeDisk, openOutbox, settle } from './outbox_room.ts'

function draft(id: string, more: Partial<NewEntry> = {}): NewEntry {
  return { id, kind: 'snapshot', posReference: 'Order 1', payload: { baseVersion: 1 }, ...more }
}

function ids(outbox: Outbox): readonly string[] {
  return outbox.entries().map((entry) => entry.id)
}

describe('an outbox in memory', () => {
  test('says that it is one, and holds entries in the order in which they came', async () => {
    const outbox = await openOutbox()
    expect(outbox.state).toBe('memory')
    const added = await Promise.all(['a', 'b', 'c'].map((id) => outbox.add(draft(id))))
    expect(added).toEqual([true, true, true])
    expect(outbox.entries().map(({ id, n, road, refused }) => [id, n, road, refused])).toEqual([
      ['a', 1, null, null],
      ['b', 2, null, null],
      ['c', 3, null, null],
    ])
  })

  test('keeps what was handed over, whatever becomes of the object', async () => {
    const outbox = await openOutbox()
    const lines = [1]
    const adding = outbox.add(draft('a', { payload: { snapshot: { lines } } }))
    lines.push(2)
    await adding
    expect(outbox.entries()[0]?.payload).toEqual({ snapshot: { lines: [1] } })
  })

  test('takes the same entry once', async () => {
    const outbox = await openOutbox()
    expect(await outbox.add(draft('a'))).toBe(true)
    expect(await outbox.add(draft('a'))).toBe(true)
    expect(ids(outbox)).toEqual(['a'])
  })

  test('keeps a sale on the road on which it was begun, and lets a draft change over', async () => {
    const outbox = await openOutbox()
    await outbox.add(draft('sale', { kind: 'finalize' }))
    await outbox.add(draft('draft'))
    expect(await outbox.begin('sale', 'direct')).toBe(true)
    expect(await outbox.begin('sale', 'direct')).toBe(true)
    expect(await outbox.begin('sale', 'hub')).toBe(false)
    expect(await outbox.begin('draft', 'direct')).toBe(true)
    expect(await outbox.begin('draft', 'hub')).toBe(true)
    expect(outbox.entries().map((entry) => entry.road)).toEqual(['direct', 'hub'])
    expect(await outbox.begin('nobody', 'hub')).toBe(false)
  })

  test('shows what was refused until a person lets it go, and sends it no more', async () => {
    const outbox = await openOutbox()
    await outbox.add(draft('a'))
    await outbox.dismiss('a')
    expect(ids(outbox)).toEqual(['a'])
    await outbox.refuse('a', { code: 'MALFORMED', message: 'x'.repeat(5_000) })
    expect(outbox.entries()[0]?.refused).toEqual({ code: 'MALFORMED', message: 'x'.repeat(2_000) })
    expect(await outbox.begin('a', 'hub')).toBe(false)
    await outbox.dismiss('a')
    expect(ids(outbox)).toEqual([])
  })

  test.each([
    ['entries', { entriesMax: 2, bytesMax: 1_000_000 }],
    ['bytes', { entriesMax: 1_000, bytesMax: 300 }],
  ])(
    'is full at its bound of %s: says so, drops nothing, and has room again when something was sent',
    async (_, limits) => {
      const outbox = await openOutbox(limits)
      expect([await outbox.add(draft('a')), await outbox.add(draft('b'))]).toEqual([true, true])
      expect(outbox.state).toBe('memory')
      expect(await outbox.add(draft('c'))).toBe(false)
      expect(outbox.state).toBe('full')
      expect(ids(outbox)).toEqual(['a', 'b'])
      expect(await outbox.add(draft('a'))).toBe(true)
      await outbox.done('a')
      expect(outbox.state).toBe('memory')
      expect(await outbox.add(draft('c'))).toBe(true)
      expect(ids(outbox)).toEqual(['b', 'c'])
    },
  )

  test('is always the one to send, from the first reading until it is called off', async () => {
    const outbox = await openOutbox()
    const heard: string[] = []
    const leave = outbox.whileMine(
      () => heard.push('run'),
      () => heard.push('stop'),
    )
    await settle()
    expect(heard).toEqual(['run'])
    leave()
    await settle()
    expect(heard).toEqual(['run', 'stop'])
  })

  test('tells each change until nobody listens', async () => {
    const outbox = await openOutbox()
    const seen: number[] = []
    const leave = outbox.onChange(() => seen.push(outbox.entries().length))
    await outbox.add(draft('a'))
    await outbox.add(draft('b'))
    await outbox.done('a')
    leave()
    await outbox.done('b')
    expect(seen).toEqual([1, 2, 1])
  })

  test('takes nothing after it was closed', async () => {
    const surroundings = new FakeSurroundings()
    const outbox = await openOutbox(OUTBOX_LIMITS, surroundings)
    outbox.close()
    expect(await outbox.add(draft('a'))).toBe(false)
    expect(surroundings.planned).toEqual([])
  })
})

describe('an outbox on a disk that comes and goes', () => {
  async function open() {
    const disk = fakeDisk()
    const surroundings = new FakeSurroundings()
    const device = fakeDevice({ indexedDB: Object.create(null) })
    const storage = createFallbackStorage({ disk, limits: OUTBOX_LIMITS })
    const outbox = new StoredOutbox({ name: 'outbox', storage, surroundings, device })
    await outbox.open({ isFull: false, tookOver: false })
    return { disk, surroundings, outbox }
  }
  const onDisk = async (disk: ReturnType<typeof fakeDisk>) => {
    const loaded = await disk.load()
    return loaded.kind === 'loaded'
      ? loaded.entries.map(({ id, road, refused }) => [id, road, refused?.code])
      : loaded.kind
  }

  test('goes on with all it knew, says so, and brings everything back', async () => {
    const { disk, surroundings, outbox } = await open()
    for (const id of ['a', 'b', 'c']) await outbox.add(draft(id))
    disk.isGone = true
    expect(await outbox.add(draft('d'))).toBe(true)
    expect(outbox.state).toBe('memory')
    expect(ids(outbox)).toEqual(['a', 'b', 'c', 'd'])
    await outbox.done('a')
    await outbox.begin('b', 'direct')
    await outbox.refuse('d', { code: 'MALFORMED', message: 'no' })
    surroundings.advance(30_000)
    await settle()
    expect(outbox.state).toBe('memory')
    disk.isGone = false
    surroundings.advance(30_000)
    await settle()
    expect(outbox.state).toBe('durable')
    const rows = [
      ['b', 'direct', undefined],
      ['c', null, undefined],
      ['d', null, 'MALFORMED'],
    ]
    expect(await onDisk(disk)).toEqual(rows)
    expect(outbox.entries().map(({ id, road, refused }) => [id, road, refused?.code])).toEqual(rows)
  })

  test('does not bring back what another tab has sent meanwhile', async () => {
    const { disk, surroundings, outbox } = await open()
    await outbox.add(draft('a'))
    disk.isGone = true
    await outbox.add(draft('b'))
    disk.isGone = false
    await disk.change('a', { kind: 'done' })
    surroundings.show()
    await settle()
    expect(await onDisk(disk)).toEqual([['b', null, undefined]])
    expect(ids(outbox)).toEqual(['b'])
  })

  test('a disk without room keeps nothing from being sent: roads hold, refusals show, and what is done leaves', async () => {
    const { disk, outbox, surroundings } = await open()
    for (const id of ['a', 'b', 'c']) await outbox.add(draft(id, { kind: 'finalize' }))
    disk.isFull = true
    expect(await outbox.begin('a', 'hub')).toBe(true)
    expect(await outbox.begin('a', 'direct')).toBe(false)
    await outbox.refuse('b', { code: 'MALFORMED', message: 'no' })
    await outbox.done('c')
    surroundings.show()
    await settle()
    expect(outbox.entries().map(({ id, road, refused }) => [id, road, refused?.code])).toEqual([
      ['a', 'hub', undefined],
      ['b', null, 'MALFORMED'],
    ])
    disk.isFull = false
    await outbox.dismiss('b')
    expect(ids(outbox)).toEqual(['a'])
    expect(await outbox.begin('a', 'direct')).toBe(false)
    expect(await outbox.begin('a', 'hub')).toBe(true)
  })

  test('while the disk is away it is the turn of every page; then that of one again', async () => {
    const { disk, outbox, surroundings } = await open()
    await disk.swapLease({ expected: null, next: { token: 'another tab', beat: 1 } })
    const heard: string[] = []
    outbox.whileMine(
      () => heard.push('run'),
      () => heard.push('stop'),
    )
    await settle()
    expect(heard).toEqual([])
    disk.isGone = true
    await outbox.add(draft('a'))
    await settle()
    expect(heard).toEqual(['run'])
    disk.isGone = false
    surroundings.show()
    await settle()
    expect(heard).toEqual(['run', 'stop'])
  })
})
