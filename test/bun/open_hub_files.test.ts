import { describe, expect, test } from 'bun:test'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { claimFile } from '../../src/bun/data_file.ts'
import { EXIT } from '../../src/bun/exit_codes.ts'
import { openHub } from '../../src/bun/open_hub.ts'
import { createSqliteFile } from '../../src/bun/sqlite.ts'
import { StartProblem } from '../../src/bun/start_problem.ts'
import { readConfig, readFlags, SETTING_FLAGS } from '../../src/config.ts'
import { createStore } from '../../src/store/store.ts'
import { FakeLog } from '../engine/house.ts'
import { versioned } from '../store/changes.ts'
import { commit, find, read } from '../store/reading.ts'
import { fingerprint, openFolder } from '../support/folder.ts'
import { TOKEN_SECRET } from '../support/tokens.ts'

/** Files on which a hub does not start, from the inside of the house: what it leaves behind. */

type Environment = { readonly [name: string]: string }

async function start(
  folder: string,
  more: Environment = { HUB_TOKEN_SECRET: TOKEN_SECRET },
): Promise<StartProblem | null> {
  const environment = { HUB_HTTP_PORT: '0', HUB_HOST: '127.0.0.1', HUB_DB_PATH: join(folder, 'hub.sqlite'), ...more }
  const reading = readConfig({ flags: readFlags([], SETTING_FLAGS), environment, file: null })
  if (!reading.ok) throw new Error(reading.problems.join('\n'))
  try {
    await (await openHub(reading.config, { log: new FakeLog() })).close()
    return null
  } catch (error) {
    if (error instanceof StartProblem) return error
    throw error
  }
}

/** A file of some pages, as a hub leaves it. */
async function leaveOrders(folder: string): Promise<string> {
  const path = join(folder, 'hub.sqlite')
  const store = createStore(createSqliteFile({ path, epoch: () => 'epoch-1' }))
  read(store)
  const snapshot = `{"text":"${'x'.repeat(3_000)}"}`
  for (let seq = 1; seq <= 20; seq++) commit(store, versioned(`order-${seq}`, { record: { seq }, snapshot }))
  store.close()
  for (const name of ['-wal', '-shm']) await rm(`${path}${name}`, { force: true })
  return path
}

describe('a file that is damaged', () => {
  test.each([
    ['ends in its header', (bytes: Buffer) => bytes.subarray(0, 60)],
    ['ends after its header', (bytes: Buffer) => bytes.subarray(0, 100)],
    ['ends in its first page', (bytes: Buffer) => bytes.subarray(0, 3_000)],
    ['ends after its first page', (bytes: Buffer) => bytes.subarray(0, 4_096)],
    ['ends in its middle', (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2) + 77)],
    ['lacks its last page', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4_096)],
    ['is noise behind its header', (bytes: Buffer) => Buffer.from(bytes).fill(0xa5, 100)],
    ['is noughts behind its header', (bytes: Buffer) => Buffer.from(bytes).fill(0, 100)],
  ])('because it %s ends with 77, and its bytes are as they were', async (_, damage) => {
    await using folder = await openFolder()
    const path = await leaveOrders(folder.path)
    const good = await readFile(path)
    const bad = damage(good)
    await writeFile(path, bad)
    for (let time = 0; time < 2; time++) {
      const problem = await start(folder.path)
      expect(problem?.exitCode).toBe(EXIT.damagedFile)
      expect(problem?.message).toContain(path)
      expect((await readFile(path)).equals(bad)).toBe(true)
    }
    // Nothing was left open or claimed: put right, the file is a hub's again.
    await writeFile(path, good)
    claimFile(path).release()
    expect(await start(folder.path)).toBeNull()
    expect(find(createStore(createSqliteFile({ path, epoch: () => '' })), 'order-20')).not.toBeNull()
  })
})

/** A port that nobody had a moment ago. */
async function freePort(): Promise<{ readonly port: number }> {
  using listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } })
  return { port: listener.port }
}

describe('a start that fails', () => {
  test('late leaves port, file and lock free', async () => {
    await using folder = await openFolder()
    const path = await leaveOrders(folder.path)
    const before = await readFile(path)
    await mkdir(join(folder.path, 'hub.secret'))
    const { port } = await freePort()
    const environment = { HUB_HTTP_PORT: `${port}` }
    for (let time = 0; time < 2; time++) {
      expect(await start(folder.path, environment)).toMatchObject({ exitCode: EXIT.dataFolder })
    }
    claimFile(path).release()
    expect((await readFile(path)).equals(before)).toBe(true)
    await rm(join(folder.path, 'hub.secret'), { recursive: true })
    expect(await start(folder.path, {})).toBeNull()
  })

  test('because a newer hub has written the file makes nothing in the folder, not even a secret', async () => {
    await using folder = await openFolder()
    const path = await leaveOrders(folder.path)
    const bytes = await readFile(path)
    bytes.writeInt32BE(99, 60)
    await writeFile(path, bytes)
    const before = await fingerprint(folder.path)
    expect(await start(folder.path, {})).toMatchObject({ exitCode: EXIT.newerFile })
    expect(await fingerprint(folder.path)).toEqual(before)
  })

  test('because the folder is a file touches nothing', async () => {
    await using folder = await openFolder()
    await writeFile(join(folder.path, 'letter'), 'dear aunt')
    expect(await start(join(folder.path, 'letter'), {})).toMatchObject({ exitCode: EXIT.dataFolder })
    expect(await readdir(folder.path)).toEqual(['letter'])
    expect(await readFile(join(folder.path, 'letter'), 'utf8')).toBe('dear aunt')
  })
})
