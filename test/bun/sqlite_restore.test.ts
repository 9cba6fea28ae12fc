import { describe, expect, test } from 'bun:test'
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createSqliteFile } from '../../src/bun/sqlite.ts'
import type { Store } from '../../src/engine/ports.ts'
import { createStore } from '../../src/store/store.ts'
import { granted, terminalKept, versioned } from '../store/changes.ts'
import { commit, read } from '../store/reading.ts'
import { openFolder } from '../support/folder.ts'
import { Lines } from '../support/lines.ts'
import { createRandom } from '../support/random.ts'

/** PROTOCOL: `epoch` changes with a restore, and a fence never repeats, across restarts and restores. */

let epochs = 0

function storeIn(folder: string, timing: { readonly stampMs?: number } = {}): Store {
  const epoch = () => `epoch-${++epochs}`
  return createStore(createSqliteFile({ path: join(folder, 'hub.sqlite'), epoch, ...timing }))
}

/** The first day: fence 7, seq 2. */
function morningOf(store: Store): void {
  commit(
    store,
    terminalKept('t-till'),
    granted('lock', '5', { fence: 7 }),
    versioned('order-1', { record: { seq: 2 } }),
  )
}

/** What comes after the backup: fence 8, seq 10. */
function eveningOf(store: Store): void {
  commit(store, granted('lock', '6', { fence: 8 }), versioned('order-10', { record: { seq: 10 } }))
}

type Place = { readonly path: string; readonly backup: string }

async function restore({ path, backup }: Place): Promise<void> {
  for (const end of ['', '-wal', '-shm']) await rm(`${path}${end}`, { force: true })
  for (const end of ['', '-wal']) await copyFile(`${backup}${end}`, `${path}${end}`).catch(() => undefined)
}

type Way = readonly [how: string, bring: (place: Place) => Promise<unknown>]

const WAYS: readonly Way[] = [
  ['over the one that is there', ({ backup, path }) => copyFile(backup, path)],
  ['in the place of the one that is deleted', restore],
  ['byte for byte', async ({ backup, path }) => writeFile(path, await readFile(backup))],
]

async function openPlace() {
  const folder = await openFolder()
  const away = await openFolder()
  return {
    folder: folder.path,
    path: join(folder.path, 'hub.sqlite'),
    backup: join(away.path, 'backup'),
    async [Symbol.asyncDispose]() {
      await folder[Symbol.asyncDispose]()
      await away[Symbol.asyncDispose]()
    },
  }
}

/** The hub of the next day begins a history of its own on what came from the backup, and no fence comes again. */
function expectNewHistory(folder: string, epoch: string): void {
  const store = storeIn(folder)
  const stored = read(store)
  store.close()
  expect(stored.groups).toMatchObject([{ seq: 2 }])
  expect(String(stored.epoch)).not.toBe(epoch)
  expect(stored.fence).toBeGreaterThanOrEqual(8)
}

describe('a backup that is brought back', () => {
  test.each(WAYS)('%s, was taken while no hub ran', async (_, bring) => {
    await using place = await openPlace()
    const morning = storeIn(place.folder)
    morningOf(morning)
    morning.close()
    await copyFile(place.path, place.backup)
    const evening = storeIn(place.folder)
    const { epoch } = read(evening)
    eveningOf(evening)
    evening.close()
    await bring(place)
    expectNewHistory(place.folder, epoch)
  })

  test('was taken while no hub ran, and the hub of that day died', async () => {
    await using place = await openPlace()
    const morning = storeIn(place.folder)
    morningOf(morning)
    morning.close()
    await copyFile(place.path, place.backup)
    const evening = storeIn(place.folder)
    const { epoch } = read(evening)
    eveningOf(evening)
    await restore(place)
    expectNewHistory(place.folder, epoch)
    evening.close()
  })

  test('was taken while the hub ran, and it ended in order', async () => {
    await using place = await openPlace()
    const store = storeIn(place.folder)
    morningOf(store)
    const { epoch } = read(store)
    for (const end of ['', '-wal']) await copyFile(`${place.path}${end}`, `${place.backup}${end}`)
    eveningOf(store)
    store.close()
    await restore(place)
    expectNewHistory(place.folder, epoch)
  })

  // The usual case: a nightly copy, and a disk that fails at noon.
  test('was taken some minutes before the hub died without an end', async () => {
    await using place = await openPlace()
    const store = storeIn(place.folder, { stampMs: 0 })
    morningOf(store)
    const { epoch } = read(store)
    for (const end of ['', '-wal']) await copyFile(`${place.path}${end}`, `${place.backup}${end}`)
    eveningOf(store)
    await restore(place)
    expectNewHistory(place.folder, epoch)
    store.close()
  })
})

describe('no backup', () => {
  // A new epoch makes every terminal of the shop fetch everything: a crash must not do that.
  test('but a hub that is killed while it starts and stops, again and again, is the same history', async () => {
    await using place = await openPlace()
    const store = storeIn(place.folder)
    morningOf(store)
    const { epoch } = read(store)
    store.close()
    const random = createRandom(5)
    for (let time = 0; time < 12; time++) {
      await killRestarting(place.folder, 1 + random.below(4), random.below(25))
      const next = storeIn(place.folder)
      expect([time, String(read(next).epoch)]).toEqual([time, epoch])
      next.close()
    }
  }, 15_000)
})

const SQLITE = resolve(import.meta.dir, '../../src/bun/sqlite.ts')

/** A process that opens and closes the file without end, killed after so many times and then so many turns of ours. */
async function killRestarting(folder: string, times: number, turns: number): Promise<void> {
  const script = `
    import { createSqliteFile } from ${JSON.stringify(SQLITE)}
    for (let time = 1; ; time++) {
      const epoch = () => crypto.randomUUID()
      const file = createSqliteFile({ path: ${JSON.stringify(join(folder, 'hub.sqlite'))}, epoch })
      file.reopen()
      file.close()
      process.stdout.write(time + '\\n')
    }`
  const child = Bun.spawn([process.execPath, '-e', script], { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
  const lines = new Lines(child.stdout)
  const reached = (line: string) => (Number(line) >= times ? true : undefined)
  await lines.find(reached, { withinMs: 5_000, what: `${times} starts` })
  const late = performance.now() + turns
  while (performance.now() < late) await Promise.resolve()
  child.kill('SIGKILL')
  await child.exited
}
