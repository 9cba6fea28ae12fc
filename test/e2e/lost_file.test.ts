import { Database } from 'bun:sqlite'
import { expect, setDefaultTimeout, test } from 'bun:test'
import { copyFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openFolder } from '../support/folder.ts'
import { get, untilReadyIs } from '../support/http.ts'
import { HubProcess, runToEnd } from '../support/hub_process.ts'
import { Shop } from '../support/shop.ts'
import { until } from '../support/wait.ts'

setDefaultTimeout(60_000)

async function openShop(folder: string): Promise<Shop> {
  return Shop.around(await HubProcess.start({ folder, env: { HUB_GRACE_MS: '60000' } }))
}

/** Everything of the database, whatever its name ends with; not the lock. */
async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  return names.filter((name) => /^hub\.sqlite(-wal|-shm)?$/.test(name)).map((name) => join(folder, name))
}

test('a file that is deleted under the hub is noticed at the next write, and written anew with all that was in it', async () => {
  await using folder = await openFolder()
  await using shop = await openShop(folder.path)
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: ['kept'] })
  for (const path of await filesOf(folder.path)) await rm(path)
  a.say('order-1', 1, { lines: ['kept', 'not taken'] })
  expect((await a.closing()).code).toBe(4000)
  expect(a.seen('ORDER_ACCEPTED').map(({ version }) => version)).toEqual([1])
  await untilReadyIs(shop.hub.http, 200, { withinMs: 15_000 })
  const back = await shop.rejoin(a)
  expect(back.id).toBe(a.id)
  expect(back.init.message.epoch).toBe(a.init.message.epoch)
  await back.write('order-1', 1, { lines: ['kept', 'second'] })
  await shop.hub.restart('SIGKILL')
  const auditor = await shop.join('Auditor')
  expect<unknown>(auditor.init.message.orders).toMatchObject([{ version: 2, snapshot: { lines: ['kept', 'second'] } }])
})

test('another file in its place is not written to; what the hub held is written beside it', async () => {
  await using folder = await openFolder()
  await using shop = await openShop(folder.path)
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: ['kept'] })
  const path = join(folder.path, 'hub.sqlite')
  await rename(path, `${path}.moved`)
  await writeFile(path, 'something else')
  a.say('order-1', 1, { lines: ['kept', 'not taken'] })
  expect((await a.closing()).code).toBe(4000)
  await until(async () => JSON.stringify((await get(`${shop.hub.http}/readyz`)).body).includes('hub.sqlite.rescued'), {
    what: 'it says where the data are',
  })
  expect(await Bun.file(path).text()).toBe('something else')
  using rescued = new Database(`${path}.rescued`, { readonly: true })
  expect(rescued.query('SELECT version, snapshot FROM order_versions').all()).toEqual([
    { version: 1, snapshot: '{"lines":["kept"]}' },
  ])
})

test('a file that was copied back begins a new epoch, and its fences are ahead of all that were given', async () => {
  await using folder = await openFolder()
  await using shop = await openShop(folder.path)
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: ['old'] })
  await shop.hub.kill('SIGTERM')
  const path = join(folder.path, 'hub.sqlite')
  await copyFile(path, `${path}.backup`)
  await shop.hub.start()
  const later = await shop.rejoin(a)
  const { fence } = await later.lease('order-2')
  await later.write('order-1', 1, { lines: ['old', 'new'] })
  await shop.hub.kill('SIGTERM')
  for (const file of await filesOf(folder.path)) await rename(file, `${file}.aside`)
  await copyFile(`${path}.backup`, path)
  await shop.hub.start()
  const back = await shop.rejoin(later)
  expect(back.init.message.mode).toBe('full')
  expect(back.init.message.epoch).not.toBe(a.init.message.epoch)
  expect((await back.lease('order-3')).fence).toBeGreaterThan(fence)
  // It brings what the copy does not know.
  await back.lease('order-1')
  expect(await back.write('order-1', 2, { lines: ['old', 'new'] })).toMatchObject({ version: 3 })
})

test('a file of ours with a table missing is called damaged, without a stack trace', async () => {
  await using folder = await openFolder()
  const hub = await HubProcess.start({ folder: folder.path })
  await hub.kill('SIGTERM')
  const database = new Database(join(folder.path, 'hub.sqlite'))
  database.run('DROP TABLE floors')
  database.close()
  const env = { HUB_DB_PATH: join(folder.path, 'hub.sqlite'), HUB_HTTP_PORT: '0', HUB_HOST: '127.0.0.1' }
  const ended = await runToEnd(env)
  expect(ended.code).toBe(77)
  expect(ended.stderr.trim().split('\n')).toHaveLength(1)
})
