import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { APPLICATION_ID, SCHEMA_VERSION } from '../../db/migrations.ts'
import { claimFile } from '../../src/bun/data_file.ts'
import { EXIT, type ExitCode } from '../../src/bun/exit_codes.ts'
import { createSqliteFile } from '../../src/bun/sqlite.ts'
import { StartProblem } from '../../src/bun/start_problem.ts'
import { createStore } from '../../src/store/store.ts'
import { tableChanged } from '../store/changes.ts'
import { commit, read } from '../store/reading.ts'
import { fingerprint, openFolder } from '../support/folder.ts'
import { Lines } from '../support/lines.ts'

const MODULE = resolve(import.meta.dir, '../../src/bun/data_file.ts')

/** Why the file is not to be had; undefined when it was, and then it was let go of again. */
function problemOf(path: string): StartProblem | undefined {
  try {
    claimFile(path).release()
    return undefined
  } catch (error) {
    if (error instanceof StartProblem) return error
    throw error
  }
}

/** A file as a hub leaves it, with these numbers in its header. */
async function writeHubFile(path: string, numbers: { applicationId?: number; version?: number } = {}): Promise<void> {
  const store = createStore(createSqliteFile({ path, epoch: () => 'epoch-1' }))
  read(store)
  commit(store, tableChanged(1))
  store.close()
  for (const name of ['-wal', '-shm']) await rm(`${path}${name}`, { force: true })
  const bytes = await readFile(path)
  bytes.writeInt32BE(numbers.version ?? SCHEMA_VERSION, 60)
  bytes.writeInt32BE(numbers.applicationId ?? APPLICATION_ID, 68)
  await writeFile(path, bytes)
}

async function writeForeign(path: string, mode: 'WAL' | 'DELETE'): Promise<void> {
  using database = new Database(path, { create: true, readwrite: true })
  database.run(`PRAGMA journal_mode = ${mode}`)
  database.run('CREATE TABLE aunts (name TEXT)')
  database.run("INSERT INTO aunts VALUES ('Clara')")
}

async function cut(path: string, length: number): Promise<void> {
  await writeHubFile(path)
  await writeFile(path, (await readFile(path)).subarray(0, length))
}

type Case = readonly [what: string, code: ExitCode, make: (path: string) => Promise<unknown>]

const NOT_OURS: readonly Case[] = [
  ['a file of the next hub', EXIT.newerFile, (path) => writeHubFile(path, { version: SCHEMA_VERSION + 1 })],
  ['a file of a hub of the far future', EXIT.newerFile, (path) => writeHubFile(path, { version: 2 ** 31 - 1 })],
  ['a database of another program', EXIT.damagedFile, (path) => writeForeign(path, 'DELETE')],
  ['a database of another program in WAL mode', EXIT.damagedFile, (path) => writeForeign(path, 'WAL')],
  [
    'a database with a number of its own',
    EXIT.damagedFile,
    (path) => writeHubFile(path, { applicationId: 0x47504b47 }),
  ],
  ['a letter', EXIT.damagedFile, (path) => writeFile(path, 'this is a letter to my aunt\n'.repeat(100))],
  ['a note', EXIT.damagedFile, (path) => writeFile(path, 'milk')],
  ['noise', EXIT.damagedFile, (path) => writeFile(path, Buffer.alloc(8192, 0xa5))],
  ['noughts', EXIT.damagedFile, (path) => writeFile(path, Buffer.alloc(8192))],
  ['one byte of a hub file', EXIT.damagedFile, (path) => cut(path, 1)],
  ['the first bytes of a hub file', EXIT.damagedFile, (path) => cut(path, 16)],
  ['a hub file that ends before its number', EXIT.damagedFile, (path) => cut(path, 68)],
  ['a folder in place of the file', EXIT.dataFolder, (path) => mkdir(path)],
]

describe('a file that is not to be touched', () => {
  test.each(NOT_OURS)('%s ends with %p, and nothing in the folder changes', async (_, code, make) => {
    await using folder = await openFolder()
    const path = join(folder.path, 'hub.sqlite')
    await make(path)
    const isFile = (await stat(path)).isFile()
    const before = isFile ? await fingerprint(folder.path) : await readdir(folder.path)
    for (let time = 0; time < 2; time++) {
      const problem = problemOf(path)
      expect(problem?.exitCode).toBe(code)
      expect(problem?.message).toContain(path)
      expect(problem?.message).not.toContain('\n')
      expect(isFile ? await fingerprint(folder.path) : await readdir(folder.path)).toEqual(before)
    }
  })

  test('a folder that is a file, or below one, ends with 73 and leaves that file alone', async () => {
    await using folder = await openFolder()
    const letter = join(folder.path, 'letter')
    await writeFile(letter, 'dear aunt')
    const before = await fingerprint(folder.path)
    for (const path of [join(letter, 'hub.sqlite'), join(letter, 'deeper', 'hub.sqlite'), '/proc/hub.sqlite']) {
      expect(problemOf(path)?.exitCode).toBe(EXIT.dataFolder)
    }
    expect(await fingerprint(folder.path)).toEqual(before)
  })
})

describe('a file that is to be had', () => {
  test('its folder is made, for nobody else, and the file is left to be made', async () => {
    await using folder = await openFolder()
    const data = join(folder.path, 'a', 'b')
    expect(problemOf(join(data, 'hub.sqlite'))).toBeUndefined()
    expect((await stat(data)).mode & 0o777).toBe(0o700)
    expect(await readdir(data)).toEqual(['hub.sqlite.lock'])
  })

  test.each([
    ['an empty file', (path: string) => writeFile(path, '')],
    ['a file of this hub', (path: string) => writeHubFile(path)],
    ['a file of an older hub', (path: string) => writeHubFile(path, { version: SCHEMA_VERSION - 1 })],
  ])('%s is claimed, and its bytes are as they were', async (_, make) => {
    await using folder = await openFolder()
    const path = join(folder.path, 'hub.sqlite')
    await make(path)
    const before = await fingerprint(folder.path)
    expect(problemOf(path)).toBeUndefined()
    expect(await fingerprint(folder.path)).toMatchObject(before)
  })
})

describe('one hub a file', () => {
  test('a second claim in one process ends with 75, again and again, until the first one lets go', async () => {
    await using folder = await openFolder()
    const path = join(folder.path, 'hub.sqlite')
    await writeHubFile(path)
    const first = claimFile(path)
    const before = await fingerprint(folder.path)
    for (let time = 0; time < 3; time++) {
      const problem = problemOf(path)
      expect(problem?.exitCode).toBe(EXIT.otherHub)
      expect(problem?.message).toContain(path)
    }
    expect(await fingerprint(folder.path)).toEqual(before)
    first.release()
    expect(problemOf(path)).toBeUndefined()
  })

  test('a file that the first hub has only just made is its own too', async () => {
    await using folder = await openFolder()
    const path = join(folder.path, 'hub.sqlite')
    const first = claimFile(path)
    expect(problemOf(path)?.exitCode).toBe(EXIT.otherHub)
    await writeHubFile(path)
    expect(problemOf(path)?.exitCode).toBe(EXIT.otherHub)
    first.release()
  })

  test('two files in one folder are two', async () => {
    await using folder = await openFolder()
    const first = claimFile(join(folder.path, 'a.sqlite'))
    expect(problemOf(join(folder.path, 'b.sqlite'))).toBeUndefined()
    first.release()
  })

  test('the same file under another name is the same file', async () => {
    await using folder = await openFolder()
    const [data, path] = [join(folder.path, 'data'), join(folder.path, 'data', 'hub.sqlite')]
    await mkdir(data)
    await writeHubFile(path)
    await symlink(data, join(folder.path, 'link'))
    await symlink(path, join(folder.path, 'link.sqlite'))
    const first = claimFile(path)
    for (const other of [
      join(folder.path, 'link', 'hub.sqlite'),
      join(folder.path, 'link.sqlite'),
      relative('.', path),
      `${data}/../data/./hub.sqlite`,
    ]) {
      expect([other, problemOf(other)?.exitCode]).toEqual([other, EXIT.otherHub])
    }
    first.release()
  })

  test('a link whose file is not there yet is the same file when it is', async () => {
    await using folder = await openFolder()
    const [link, path] = [join(folder.path, 'link.sqlite'), join(folder.path, 'hub.sqlite')]
    await symlink(path, link)
    const first = claimFile(link)
    await writeHubFile(path)
    expect(problemOf(link)?.exitCode).toBe(EXIT.otherHub)
    expect(problemOf(path)?.exitCode).toBe(EXIT.otherHub)
    first.release()
  })
})

/** A process that claims the file and holds it until it is killed; or says why it does not get it, and ends. */
async function claimElsewhere(path: string) {
  const script = `
    import { claimFile } from ${JSON.stringify(MODULE)}
    try {
      globalThis.claim = claimFile(${JSON.stringify(path)})
      process.stdout.write('held\\n')
      setInterval(() => undefined, 60_000)
    } catch (error) {
      process.stdout.write('refused with ' + error.exitCode + '\\n')
    }`
  const child = Bun.spawn([process.execPath, '-e', script], { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
  const said = await new Lines(child.stdout).find((line) => line, { withinMs: 4_000, what: 'another process to claim' })
  return { child, said }
}

describe('another process', () => {
  test('keeps a second hub away, and lets go by dying, however it dies', async () => {
    await using folder = await openFolder()
    const path = join(folder.path, 'hub.sqlite')
    await writeHubFile(path)
    const { child, said } = await claimElsewhere(path)
    expect(said).toBe('held')
    const before = await fingerprint(folder.path)
    expect(problemOf(path)?.exitCode).toBe(EXIT.otherHub)
    expect(await fingerprint(folder.path)).toEqual(before)
    child.kill('SIGKILL')
    await child.exited
    expect(problemOf(path)).toBeUndefined()
    expect((await fingerprint(folder.path))['hub.sqlite']).toBe(before['hub.sqlite'])
  })

  test('is kept away by a claim of this one, until it lets go', async () => {
    await using folder = await openFolder()
    const path = join(folder.path, 'hub.sqlite')
    const first = claimFile(path)
    expect((await claimElsewhere(path)).said).toBe(`refused with ${EXIT.otherHub}`)
    first.release()
    const { child, said } = await claimElsewhere(path)
    expect(said).toBe('held')
    child.kill('SIGKILL')
    await child.exited
  })
})

test('a lock file that was left, or copied with the data, holds nothing', async () => {
  await using folder = await openFolder()
  await using copy = await openFolder()
  const path = join(folder.path, 'hub.sqlite')
  await writeHubFile(path)
  expect(problemOf(path)).toBeUndefined()
  expect(await readdir(folder.path)).toContain('hub.sqlite.lock')
  for (const name of await readdir(folder.path)) await rename(join(folder.path, name), join(copy.path, name))
  expect(problemOf(join(copy.path, 'hub.sqlite'))).toBeUndefined()
})
