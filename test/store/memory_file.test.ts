import { describe, expect, test } from 'bun:test'
import type { StoreFailure } from '../../src/engine/ports.ts'
import { createMemoryFile } from '../../src/store/memory_file.ts'
import { createStore } from '../../src/store/store.ts'
import { messageOf, reference, SHOP, tableChanged, terminalKept, versioned } from './changes.ts'
import { commit, plain, read } from './reading.ts'

/** What tables in memory have beside the contract: a disk that refuses, when a test says so. */

const FULL: StoreFailure = { kind: 'full', text: 'The disk is full.' }

function openRefusing() {
  const disk: { failure: StoreFailure | null; asked: number } = { failure: null, asked: 0 }
  const file = createMemoryFile('epoch-1', () => {
    disk.asked++
    return disk.failure
  })
  return { disk, file, store: createStore(file) }
}

describe('a disk in memory that refuses', () => {
  test('refuses a commit, of which then nothing has happened', () => {
    const { disk, store } = openRefusing()
    commit(store, terminalKept('t-a'), versioned('order-1', { message: messageOf('m-1') }))
    const before = plain(read(store))
    disk.failure = FULL
    const changes = [tableChanged(1, { seq: 2 }), versioned('order-1', { record: { version: 2, seq: 3 } })]
    expect(store.commit(changes)).toEqual(FULL)
    disk.failure = null
    expect(plain(read(store))).toEqual(before)
    expect(store.commit(changes)).toBeNull()
    expect(read(store).groups).toMatchObject([{ seq: 3 }])
  })

  test('refuses to be opened anew', () => {
    const { disk, store } = openRefusing()
    disk.failure = FULL
    expect(store.recover()).toEqual({ ok: false, failure: FULL })
    disk.failure = null
    expect(store.recover()).toMatchObject({ ok: true })
  })

  test('refuses a read', () => {
    const { disk, store } = openRefusing()
    commit(store, versioned('order-1'))
    disk.failure = FULL
    expect(store.findOrder(SHOP, reference('order-1'))).toEqual({ ok: false, failure: FULL })
    disk.failure = null
    expect(store.findOrder(SHOP, reference('order-1'))).toMatchObject({ ok: true, order: { record: { version: 1 } } })
  })

  test('is asked once a commit', () => {
    const { disk, store } = openRefusing()
    const before = disk.asked
    commit(store, terminalKept('t-a'), tableChanged(1), tableChanged(2, { seq: 2 }))
    expect(disk.asked).toBe(before + 1)
  })

  test('a mistake of ours is no failure of the disk', () => {
    const { file, store } = openRefusing()
    commit(store, versioned('order-1'))
    expect(() => store.commit([versioned('order-1')])).toThrow('a row is there already')
    expect(file.failureOf(new Error('a bug'))).toBeNull()
  })

  test('what is read cannot be changed by its reader', () => {
    const { file, store } = openRefusing()
    commit(store, terminalKept('t-a'))
    const before = plain(read(store))
    for (const row of file.statements().terminals.all({})) Object.assign(row, { name: 'another' })
    expect(plain(read(store))).toEqual(before)
  })
})
