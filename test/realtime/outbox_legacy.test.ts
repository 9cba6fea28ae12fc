import { describe, expect, test } from 'bun:test'
import { LEGACY_KEY, readLegacy, takeOver } from '../../src/realtime/outbox_legacy.ts'
import { fakeDisk, fakeLocal } from './outbox_room.ts'

const AT = 1_795_000_000_000

function read(...list: readonly unknown[]) {
  return readLegacy(JSON.stringify(list), AT).map(({ entry }) => entry)
}

describe('an entry of the old kind', () => {
  const snapshot = { lines: [{ id: 1 }] }
  const cases: readonly (readonly [string, object, object])[] = [
    [
      'a snapshot',
      { posReference: 'A', type: 'ORDER_SNAPSHOT', version: 4, snapshot },
      { kind: 'snapshot', payload: { baseVersion: 4, snapshot } },
    ],
    [
      'a snapshot without version or kind',
      { pos_reference: 'A', payload: snapshot },
      { kind: 'snapshot', payload: { baseVersion: 0, snapshot } },
    ],
    [
      'a snapshot inside of a payload that is text',
      { pos_reference: 'A', kind: 'update', payload: JSON.stringify({ snapshot, version: 2 }) },
      { kind: 'snapshot', payload: { baseVersion: 2, snapshot } },
    ],
    [
      'a sale',
      { posReference: 'A', type: 'orderFinalize', config_id: 7, version: 3, snapshot },
      { kind: 'finalize', payload: { snapshot, configId: 7, baseVersion: 3 } },
    ],
    [
      'a sale whose reference and configuration stand in the order',
      { type: 'pay', order: { pos_reference: 'A', config_id: 7 } },
      { kind: 'finalize', payload: { snapshot: { pos_reference: 'A', config_id: 7 }, configId: 7 } },
    ],
    ['a discard', { posReference: 'A', type: 'discard', version: 3 }, { kind: 'discard', payload: { baseVersion: 3 } }],
  ]

  test.each(cases)('is read: %s', (_, old, entry) => {
    expect(read(old)).toMatchObject([{ posReference: 'A', road: null, refused: null, at: AT, ...entry }])
  })

  test.each([
    ['of an unknown kind', { posReference: 'A', type: 'DRAWER_OPENED', snapshot }],
    ['without a reference', { type: 'snapshot', snapshot }],
    ['a sale without an order', { posReference: 'A', type: 'finalize' }],
    ['no object', 17],
    ['null', null],
  ])('that cannot be sent stays visible with its text: %s', (_, old) => {
    const [entry] = read(old)
    expect(entry?.refused?.code).toBe('OLD_ENTRY_UNREADABLE')
    expect(entry?.payload).toEqual({ text: JSON.stringify(old) })
  })

  test('keeps its own id, once; else has one that is the same each time', () => {
    const list = [{ msgId: 'm', posReference: 'A', snapshot }, { msgId: 'm', posReference: 'A', snapshot }, 1, 1]
    const ids = read(...list).map(({ id }) => id)
    expect(new Set(ids).size).toBe(4)
    expect(ids[0]).toBe('m')
    expect(read(...list).map(({ id }) => id)).toEqual(ids)
  })

  test.each(['{"a":1}', 'no json', '""'])('a text that is no list stays visible whole: %j', (text) => {
    expect(readLegacy(text, AT).map(({ entry }) => entry.payload)).toEqual([{ text }])
  })
})

describe('taking over', () => {
  const text = JSON.stringify([{ posReference: 'A', snapshot: {} }, 1])
  const count = async (disk: ReturnType<typeof fakeDisk>) => {
    const loaded = await disk.load()
    return loaded.kind === 'loaded' ? loaded.entries.length : loaded.kind
  }

  test('moves all of it, and then removes it', async () => {
    const disk = fakeDisk()
    const local = fakeLocal(text, LEGACY_KEY)
    expect(await takeOver({ storage: disk, local, at: AT })).toEqual({ tookOver: true, isFull: false })
    expect([await count(disk), local.text()]).toEqual([2, null])
  })

  test('removes nothing where there is no room or no disk', async () => {
    const local = fakeLocal(text, LEGACY_KEY)
    const full = Object.assign(fakeDisk(), { isFull: true })
    expect(await takeOver({ storage: full, local, at: AT })).toEqual({ tookOver: false, isFull: true })
    const gone = Object.assign(fakeDisk(), { isGone: true })
    expect(await takeOver({ storage: gone, local, at: AT })).toMatchObject({ tookOver: false })
    expect(local.text()).toBe(text)
  })

  test('takes a text once, even if it could not be removed and was sent since', async () => {
    const disk = fakeDisk()
    const local = { getItem: () => text, removeItem: () => undefined }
    await takeOver({ storage: disk, local, at: AT })
    const loaded = await disk.load()
    for (const { id } of loaded.kind === 'loaded' ? loaded.entries : []) await disk.change(id, { kind: 'done' })
    expect(await takeOver({ storage: disk, local, at: AT })).toEqual({ tookOver: false, isFull: false })
    expect(await count(disk)).toBe(0)
  })

  test('takes the same text again after it was gone: that is another one', async () => {
    const disk = fakeDisk()
    for (const left of [text, null, text]) {
      await takeOver({ storage: disk, local: fakeLocal(left, LEGACY_KEY), at: AT })
      const loaded = await disk.load()
      const entries = loaded.kind === 'loaded' ? loaded.entries : []
      expect(entries.length).toBe(left === null ? 0 : 2)
      for (const { id } of entries) await disk.change(id, { kind: 'done' })
    }
  })
})
