import { describe, expect, test } from 'bun:test'
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createSqliteFile } from '../../src/bun/sqlite.ts'
import type { Store } from '../../src/engine/ports.ts'
import { createStore } from '../../src/store/store.ts'
import { granted, tableChanged, terminalKept, versioned } from '../store/changes.ts'
import { commit, find, plain, read } from '../store/reading.ts'
import { openFolder } from '../support/folder.ts'

/** Files that are deleted, replaced, copied and brought back, under a running hub and between two. */

let epochs = 0

function storeIn(folder: string): Store {
  const epoch = () => `epoch-${++epochs}`
  return createStore(createSqliteFile({ path: join(folder, 'hub.sqlite'), epoch }))
}

/** A store on a file of some orders and grants, and the folder to do mischief in. */
async function openStore() {
  const folder = await openFolder()
  const store = storeIn(folder.path)
  read(store)
  commit(store, terminalKept('t-till'), granted('lock', '5', { fence: 7 }), tableChanged(5))
  for (let seq = 2; seq <= 9; seq++) commit(store, versioned(`order-${seq}`, { record: { seq } }))
  return {
    path: join(folder.path, 'hub.sqlite'),
    folder: folder.path,
    store,
    async [Symbol.asyncDispose]() {
      store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

const FILES = ['hub.sqlite', 'hub.sqlite-wal', 'hub.sqlite-shm']

async function removeFiles(folder: string): Promise<void> {
  for (const name of FILES) await rm(join(folder, name), { force: true })
}

/** What a later hub reads, on a path of its own. */
async function readCopy(path: string) {
  await using folder = await openFolder()
  await copyFile(path, join(folder.path, 'hub.sqlite'))
  const store = storeIn(folder.path)
  try {
    return plain(read(store)).groups
  } finally {
    store.close()
  }
}

describe('a file that is deleted under a running hub', () => {
  test('takes nothing more, and is written back whole: the same history', async () => {
    await using opened = await openStore()
    const before = plain(read(opened.store))
    await removeFiles(opened.folder)
    expect(opened.store.commit([tableChanged(5, { seq: 10 })])).toMatchObject({ kind: 'gone' })
    expect(plain(read(opened.store))).toEqual(before)
    commit(opened.store, tableChanged(5, { seq: 10 }))
    opened.store.close()
    const later = storeIn(opened.folder)
    expect(read(later)).toMatchObject({ epoch: before.epoch, fence: 7, groups: [{ seq: 10 }] })
    later.close()
  })

  test('with its whole folder is waited for, and nothing is made in its place', async () => {
    await using opened = await openStore()
    const before = plain(read(opened.store))
    const away = `${opened.folder}-away`
    await rename(opened.folder, away)
    expect(opened.store.commit([tableChanged(5, { seq: 10 })])).toMatchObject({ kind: 'gone' })
    for (let time = 0; time < 2; time++) expect(opened.store.recover()).toMatchObject({ ok: false })
    await rename(away, opened.folder)
    expect(plain(read(opened.store))).toEqual(before)
  })

  test('is whole again after every time that it happens', async () => {
    await using opened = await openStore()
    for (let seq = 10; seq < 13; seq++) {
      await removeFiles(opened.folder)
      read(opened.store)
      commit(opened.store, versioned(`order-${seq}`, { record: { seq } }))
    }
    expect(find(opened.store, 'order-2')).not.toBeNull()
    expect(read(opened.store).groups[0]?.orders).toHaveLength(11)
    expect((await readdir(opened.folder)).filter((name) => /draft|rescued/.test(name))).toEqual([])
  })
})

describe('a file that is replaced under a running hub', () => {
  /** Another hub's file in the place of ours; the result is its bytes. */
  async function replace(opened: { readonly path: string; readonly folder: string }): Promise<Buffer> {
    await using other = await openFolder()
    const store = storeIn(other.path)
    commit(store, versioned('of-another-hub'))
    store.close()
    await removeFiles(opened.folder)
    await copyFile(join(other.path, 'hub.sqlite'), opened.path)
    return readFile(opened.path)
  }

  test('is left alone; what the hub held is beside it', async () => {
    await using opened = await openStore()
    const ours = plain(read(opened.store)).groups
    const theirs = await replace(opened)
    expect(opened.store.commit([tableChanged(5, { seq: 10 })])).toMatchObject({ kind: 'gone' })
    for (let time = 0; time < 2; time++) {
      const recovered = opened.store.recover()
      expect(recovered).toMatchObject({ ok: false, failure: { kind: 'gone' } })
      expect((await readFile(opened.path)).equals(theirs)).toBe(true)
    }
    expect(await readCopy(`${opened.path}.rescued`)).toEqual(ours)
  })

  test('a second time, with what the first time left still there: what the hub holds now is beside it too', async () => {
    await using opened = await openStore()
    await replace(opened)
    opened.store.recover()
    // A person puts the rescued file in place by a copy, starts the hub again, and it happens again weeks later.
    opened.store.close()
    await removeFiles(opened.folder)
    await copyFile(`${opened.path}.rescued`, opened.path)
    const again = storeIn(opened.folder)
    read(again)
    commit(again, versioned('written-since', { record: { seq: 50 } }))
    await replace(opened)
    expect(again.recover()).toMatchObject({ ok: false, failure: { kind: 'gone' } })
    again.close()
    const beside = (await readdir(opened.folder)).filter((name) => name.startsWith('hub.sqlite.rescued'))
    const orders = await Promise.all(beside.map((name) => readCopy(join(opened.folder, name))))
    const names = orders.flat().flatMap((group) => group.orders.map(({ record }) => String(record.posReference)))
    expect(names).toContain('written-since')
  })
})

describe('a file that was', () => {
  test('only read again, or moved with its folder, has the history that it had', async () => {
    await using opened = await openStore()
    const { epoch, fence } = read(opened.store)
    opened.store.close()
    const moved = join(opened.folder, 'moved')
    await mkdir(moved)
    for (const name of await readdir(opened.folder)) {
      if (name !== 'moved') await rename(join(opened.folder, name), join(moved, name))
    }
    const later = storeIn(moved)
    for (let time = 0; time < 2; time++) expect(read(later)).toMatchObject({ epoch, fence })
    later.close()
  })

  test('copied to another place begins a history of its own, once, and its fences lie ahead', async () => {
    await using opened = await openStore()
    await using other = await openFolder()
    const { epoch, fence } = read(opened.store)
    opened.store.close()
    await copyFile(opened.path, join(other.path, 'hub.sqlite'))
    const copy = storeIn(other.path)
    const first = read(copy)
    expect(first.epoch).not.toBe(epoch)
    expect(first.fence).toBeGreaterThan(fence + 1_000_000)
    expect(first.groups[0]?.orders).toHaveLength(8)
    copy.close()
    const later = storeIn(other.path)
    expect(read(later)).toMatchObject({ epoch: first.epoch, fence: first.fence })
    later.close()
  })
})
