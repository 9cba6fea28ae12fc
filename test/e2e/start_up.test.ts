import { Database } from 'bun:sqlite'
import { expect, setDefaultTimeout, test } from 'bun:test'
import { copyFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fingerprint, openFolder } from '../support/folder.ts'
import { type Ended, HubProcess, hubEnvironment, runToEnd } from '../support/hub_process.ts'
import { Shop } from '../support/shop.ts'
import { withTmpfs } from '../support/tmpfs.ts'

setDefaultTimeout(30_000)

/** It says in one line what is wrong, and ends with the code for that. */
function expectRefusal(ended: Ended, code: number, says: RegExp): void {
  const lines = ended.stderr.split('\n').filter((line) => line.trim() !== '')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(says)
  expect(ended.code).toBe(code)
  expect(ended.stdout).not.toContain('"msg":"listening"')
}

/** A data folder with one order, as a hub leaves it that was stopped properly. */
async function leaveOneOrder(folder: string): Promise<void> {
  await using shop = Shop.around(await HubProcess.start({ folder }))
  const a = await shop.join('Till 1')
  await a.lease('order-1')
  await a.write('order-1', 0, { lines: ['one'] })
  await shop.hub.kill('SIGTERM')
}

async function expectOneOrder(folder: string): Promise<void> {
  await using shop = Shop.around(await HubProcess.start({ folder }))
  const { orders } = (await shop.join('Auditor')).init.message
  expect(orders).toMatchObject([{ posReference: 'order-1', version: 1, snapshot: { lines: ['one'] } }])
}

test('a second hub on the same file says so and leaves the first one alone', async () => {
  await using folder = await openFolder()
  {
    await using shop = Shop.around(await HubProcess.start({ folder: folder.path }))
    const a = await shop.join('Till 1')
    await a.lease('order-1')
    await a.write('order-1', 0, { lines: ['one'] })
    const files = ['hub.sqlite', 'hub.sqlite-wal'].map((name) => join(folder.path, name))
    const before = await Promise.all(files.map((file) => readFile(file)))
    for (let time = 0; time < 2; time++) {
      expectRefusal(await runToEnd(hubEnvironment(folder.path)), 75, /hub\.sqlite/)
    }
    expect(await Promise.all(files.map((file) => readFile(file)))).toEqual(before)
    await a.caughtUp()
    expect((await a.lock(5)).tableId).toBe(5)
    await shop.hub.kill('SIGTERM')
  }
  await expectOneOrder(folder.path)
})

test('after kill -9 a new hub starts on the same file: a dead one holds nothing', async () => {
  await using folder = await openFolder()
  await using hub = await HubProcess.start({ folder: folder.path })
  await hub.restart('SIGKILL')
  await hub.restart('SIGKILL')
})

test('a file of a newer hub is left as it is', async () => {
  await using folder = await openFolder()
  await leaveOneOrder(folder.path)
  const path = join(folder.path, 'hub.sqlite')
  const version = changeUserVersion(path, 99_999)
  const before = await fingerprint(folder.path)
  expectRefusal(await runToEnd(hubEnvironment(folder.path)), 76, /newer/)
  expect(await fingerprint(folder.path)).toEqual(before)
  changeUserVersion(path, version)
  await expectOneOrder(folder.path)
})

/** The result is the version before. */
function changeUserVersion(path: string, version: number): number {
  const database = new Database(path)
  const row = database.query<{ user_version: number }, []>('PRAGMA user_version').get()
  database.run(`PRAGMA user_version = ${version}`)
  database.run('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  return row?.user_version ?? 0
}

test('a file that is none of a hub is left as it is', async () => {
  await using folder = await openFolder()
  const path = join(folder.path, 'hub.sqlite')
  const contents: (() => Promise<unknown>)[] = [
    () => writeFile(path, 'this is a letter to my aunt\n'.repeat(1_000)),
    () => writeFile(path, Buffer.alloc(100_000, 0xa5)),
    async () => {
      await writeFile(path, '')
      const database = new Database(path)
      database.run('CREATE TABLE aunts (name TEXT)')
      database.run("INSERT INTO aunts VALUES ('Clara')")
      database.close()
    },
  ]
  for (const write of contents) {
    await write()
    const before = await fingerprint(folder.path)
    expectRefusal(await runToEnd(hubEnvironment(folder.path)), 77, /hub\.sqlite/)
    expect(await fingerprint(folder.path)).toEqual(before)
  }
})

test('a damaged file is left as it is', async () => {
  await using folder = await openFolder()
  await leaveOneOrder(folder.path)
  const path = join(folder.path, 'hub.sqlite')
  await copyFile(path, `${path}.good`)
  await truncate(path, Math.floor((await stat(path)).size / 8_192) * 4_096)
  const before = await fingerprint(folder.path)
  expectRefusal(await runToEnd(hubEnvironment(folder.path)), 77, /hub\.sqlite/)
  expect(await fingerprint(folder.path)).toEqual(before)
  await copyFile(`${path}.good`, path)
  await expectOneOrder(folder.path)
})

test('a folder that cannot be written is said to be so', async () => {
  await using folder = await openFolder()
  await writeFile(join(folder.path, 'file'), 'not a folder')
  const before = await fingerprint(folder.path)
  for (const path of [join(folder.path, 'file', 'hub.sqlite'), '/dev/null/hub.sqlite', '/proc/hub.sqlite']) {
    const env = { ...hubEnvironment(folder.path), HUB_DB_PATH: path }
    expectRefusal(await runToEnd(env), 73, /\/(file|null|proc)/)
  }
  expect(await fingerprint(folder.path)).toEqual(before)
  const wrap = withTmpfs(folder.path, 'ro,size=1m')
  expectRefusal(await runToEnd(hubEnvironment(folder.path), { wrap }), 73, /pos-hub-e2e/)
})

test('a port that is in use is said to be so, and the data are left as they are', async () => {
  await using folder = await openFolder()
  await using empty = await openFolder()
  await leaveOneOrder(folder.path)
  const before = await fingerprint(folder.path)
  using listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
  const port = { HUB_HTTP_PORT: `${listener.port}` }
  const says = new RegExp(`\\b${listener.port}\\b`)
  expectRefusal(await runToEnd(hubEnvironment(folder.path, port)), 69, says)
  expect(await fingerprint(folder.path)).toEqual(before)
  expectRefusal(await runToEnd(hubEnvironment(empty.path, port)), 69, says)
  expect(await fingerprint(empty.path)).toEqual({})
  await expectOneOrder(folder.path)
})

test('a port that another hub has is said to be so', async () => {
  await using empty = await openFolder()
  await using shop = await Shop.open()
  const a = await shop.join('Till 1')
  const port = `${shop.hub.port}`
  expectRefusal(await runToEnd(hubEnvironment(empty.path, { HUB_HTTP_PORT: port })), 69, new RegExp(`\\b${port}\\b`))
  expect(await fingerprint(empty.path)).toEqual({})
  await a.caughtUp()
})

test('settings that are wrong are all said at once, and nothing is made', async () => {
  await using empty = await openFolder()
  const env = hubEnvironment(empty.path, { HUB_HTTP_PORT: 'banana', HUB_GRACE_MS: '-5' })
  const ended = await runToEnd(env, { flags: ['--nonsense'] })
  expect(ended.code).toBe(64)
  for (const name of ['HUB_HTTP_PORT', 'HUB_GRACE_MS', 'nonsense']) expect(ended.stderr).toContain(name)
  const heartbeat = hubEnvironment(empty.path, { HUB_HEARTBEAT_MS: '1000', HUB_LEASE_TTL_MS: '900' })
  expect((await runToEnd(heartbeat)).code).toBe(64)
  const open = hubEnvironment(empty.path, { HUB_DEV_AUTH: 'true', HUB_HOST: '0.0.0.0' })
  expect((await runToEnd(open)).code).toBe(64)
  expect(await fingerprint(empty.path)).toEqual({})
})
