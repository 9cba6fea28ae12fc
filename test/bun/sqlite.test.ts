import { Database } from 'bun:sqlite'
import { describe, expect, spyOn, test } from 'bun:test'
import { copyFile, readdir, readFile, readlink, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { APPLICATION_ID, SCHEMA_VERSION } from '../../db/migrations.ts'
import { createSqliteFile } from '../../src/bun/sqlite.ts'
import { MESSAGES_PER_ORDER_MAX, TICKET_MESSAGES_MAX, VERSIONS_PER_ORDER_MAX } from '../../src/core/limits.ts'
import type { Store } from '../../src/engine/ports.ts'
import { createStore } from '../../src/store/store.ts'
import {
  messageOf,
  tableChanged,
  terminalKept,
  ticketGiven,
  ticketMessage,
  timeSeen,
  versioned,
} from '../store/changes.ts'
import { commit, plain, read } from '../store/reading.ts'
import { openFolder } from '../support/folder.ts'

/** What the real file has beside the contract of the store: SQLite's own settings, its failures and its files. */

const FILES = ['hub.sqlite', 'hub.sqlite-wal', 'hub.sqlite-shm']

function storeIn(folder: string): Store {
  return createStore(createSqliteFile({ path: join(folder, 'hub.sqlite'), epoch: () => 'epoch-1' }))
}

/** The store's own connection to its file: settings of a connection cannot be seen from another one. */
function connectionOf(store: Store): Database {
  const run = spyOn(Database.prototype, 'run')
  try {
    read(store)
    const connection = run.mock.contexts.at(-1)
    if (!(connection instanceof Database)) throw new Error('the store has opened no connection')
    return connection
  } finally {
    run.mockRestore()
  }
}

function pragma(connection: Database, name: string): unknown {
  return connection.query(`PRAGMA ${name}`).values()[0]?.[0]
}

describe('the settings of the file', () => {
  test.each([
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['busy_timeout', 2_000],
    ['foreign_keys', 1],
    ['trusted_schema', 0],
    ['temp_store', 2],
    ['journal_size_limit', 64 * 1024 * 1024],
    ['application_id', APPLICATION_ID],
    ['user_version', SCHEMA_VERSION],
  ])('%s is %p, also when it was opened anew', async (name, value) => {
    await using folder = await openFolder()
    const store = storeIn(folder.path)
    for (let time = 0; time < 2; time++) expect(pragma(connectionOf(store), name)).toBe(value)
    store.close()
  })

  // A hub that dies at its very first moment must find the file to be its own at the next start.
  test('the header says whose file it is from the first moment on', async () => {
    await using folder = await openFolder()
    const path = join(folder.path, 'hub.sqlite')
    const file = createSqliteFile({ path, epoch: () => 'epoch-1' })
    file.statements()
    const header = await readFile(path)
    expect([header.readInt32BE(60), header.readInt32BE(68)]).toEqual([SCHEMA_VERSION, APPLICATION_ID])
    file.close()
  })

  test('nothing of the proof that the disk takes a write stays', async () => {
    await using folder = await openFolder()
    const store = storeIn(folder.path)
    read(store)
    expect(connectionOf(store).query('SELECT key FROM meta').values()).not.toContainEqual(['probe'])
    store.close()
  })

  test('nothing is opened before it is asked for, and a closed one can be asked again', async () => {
    await using folder = await openFolder()
    const opened = spyOn(Database.prototype, 'run')
    const store = storeIn(folder.path)
    store.close()
    expect(opened.mock.calls).toEqual([])
    opened.mockRestore()
    commit(store, tableChanged(1))
    store.close()
    store.close()
    expect(read(store).groups).toMatchObject([{ seq: 1 }])
    store.close()
  })
})

/** The files below a folder that this process has open, each as often as it has. */
async function openFiles(folder: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd')
  const targets = await Promise.all(descriptors.map((one) => readlink(`/proc/self/fd/${one}`).catch(() => '')))
  return targets
    .filter((target) => target.startsWith(folder))
    .map((target) => basename(target))
    .toSorted()
}

describe('a file that is closed', () => {
  test('is not open any more, and its log is gone', async () => {
    await using folder = await openFolder()
    const store = storeIn(folder.path)
    commit(store, versioned('order-1'))
    expect(await openFiles(folder.path)).toContain('hub.sqlite-wal')
    store.close()
    expect(await openFiles(folder.path)).toEqual([])
    expect(await readdir(folder.path)).not.toContain('hub.sqlite-wal')
  })

  test('and opened anew, again and again, is open once', async () => {
    await using folder = await openFolder()
    const store = storeIn(folder.path)
    for (let time = 0; time < 5; time++) read(store)
    expect((await openFiles(folder.path)).filter((name) => name === 'hub.sqlite')).toHaveLength(1)
    store.close()
  })
})

/** A file with a little of everything, and a store that has it open. */
async function openBusyStore() {
  const folder = await openFolder()
  const store = storeIn(folder.path)
  read(store)
  for (let seq = 1; seq <= 20; seq++) {
    const record = { version: seq, seq }
    commit(store, versioned('order-1', { record, message: messageOf(`m-${seq}`, record) }), timeSeen(seq))
  }
  const dispose = async () => {
    store.close()
    await folder[Symbol.asyncDispose]()
  }
  return { folder: folder.path, store, [Symbol.asyncDispose]: dispose }
}

function groupsOf(store: Store) {
  return plain(read(store)).groups
}

describe('what is on the disk', () => {
  test('all that was committed is in a copy that is taken of the files in use', async () => {
    await using from = await openBusyStore()
    await using to = await openFolder()
    for (const name of FILES.slice(0, 2)) await copyFile(join(from.folder, name), join(to.path, name))
    const copy = storeIn(to.path)
    expect(groupsOf(copy)).toEqual(groupsOf(from.store))
    expect(connectionOf(copy).query('PRAGMA integrity_check').values()).toEqual([['ok']])
    copy.close()
  })

  test('most of it is in the write-ahead log until the file is closed, and then in the file alone', async () => {
    await using from = await openBusyStore()
    await using to = await openFolder()
    const path = join(to.path, 'hub.sqlite')
    await copyFile(join(from.folder, 'hub.sqlite'), path)
    const early = storeIn(to.path)
    // Without the log the copy lacks the orders: so the copy above did prove something.
    expect(read(early).groups).toEqual([])
    early.close()
    const whole = groupsOf(from.store)
    from.store.close()
    await copyFile(join(from.folder, 'hub.sqlite'), path)
    const late = storeIn(to.path)
    expect(groupsOf(late)).toEqual(whole)
    late.close()
  })

  test.each([
    ['order_messages', MESSAGES_PER_ORDER_MAX],
    ['order_versions', VERSIONS_PER_ORDER_MAX],
    ['ticket_messages', TICKET_MESSAGES_MAX],
  ])('rows of %s that are forgotten do not pile up', async (table, countMax) => {
    await using folder = await openFolder()
    const store = storeIn(folder.path)
    const connection = connectionOf(store)
    commit(store, terminalKept('t-a'))
    for (let turn = 0; turn < 20; turn++) {
      const changes = Array.from({ length: 100 }, (_, at) => {
        const seq = turn * 100 + at + 1
        const record = { version: 2 * seq - 1, seq }
        const message = messageOf(`m-${seq}`, record)
        const old = seq - 256
        const forgets = old > 0 ? { forgets: `m-${old}` } : {}
        const forgotten = old > 0 ? { forgets: ticketMessage(`t-${old}`, old) } : {}
        const version = versioned('order-1', { record, message, previous: 2 * seq - 3, ...forgets })
        return [ticketGiven(seq, { msgId: `t-${seq}`, ...forgotten }), version]
      })
      commit(store, ...changes.flat())
    }
    const rows = Number(connection.query(`SELECT count(*) FROM ${table}`).values()[0]?.[0])
    expect(rows).toBeGreaterThanOrEqual(countMax)
    expect(rows).toBeLessThanOrEqual(countMax + 64)
    store.close()
  })
})

describe('a disk that refuses', () => {
  test('a full one is a failure of kind full, nothing of the commit has happened, and it goes on later', async () => {
    await using opened = await openBusyStore()
    const { store } = opened
    const before = plain(read(store))
    const connection = connectionOf(store)
    connection.run(`PRAGMA max_page_count = ${Number(pragma(connection, 'page_count')) + 4}`)
    const large = versioned('order-2', { record: { seq: 22 }, snapshot: `"${'x'.repeat(100_000)}"` })
    const failure = store.commit([tableChanged(1, { seq: 21 }), large])
    expect(failure).toMatchObject({ kind: 'full' })
    expect(failure?.text).toContain(join(opened.folder, 'hub.sqlite'))
    // The proof of `recover` is on a new connection, which has that limit no more: there is room again.
    expect(plain(read(store))).toEqual(before)
    commit(store, tableChanged(1, { seq: 21 }), large)
    expect(read(store).groups).toMatchObject([{ seq: 22 }])
  })

  test('one that is read-only is a failure of kind readonly', async () => {
    await using opened = await openBusyStore()
    const before = plain(read(opened.store))
    connectionOf(opened.store).run('PRAGMA query_only = ON')
    expect(opened.store.commit([tableChanged(1, { seq: 21 })])).toMatchObject({ kind: 'readonly' })
    expect(plain(read(opened.store))).toEqual(before)
  })

  test('a folder that is gone is a failure of kind gone, and all is there when it is back', async () => {
    await using opened = await openBusyStore()
    const before = plain(read(opened.store))
    await rename(opened.folder, `${opened.folder}-away`)
    expect(opened.store.recover()).toMatchObject({ ok: false, failure: { kind: 'gone' } })
    await rename(`${opened.folder}-away`, opened.folder)
    expect(plain(read(opened.store))).toEqual(before)
  })
})
