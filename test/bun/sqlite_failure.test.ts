import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { failureOf } from '../../src/bun/sqlite_failure.ts'
import type { StoreFailure } from '../../src/engine/ports.ts'
import { openFolder } from '../support/folder.ts'

/** Each failure is one that SQLite itself has made: the names of its codes are not ours to invent. */
type Trouble = readonly [what: string, kind: StoreFailure['kind'] | null, make: (folder: string) => unknown]

function open(path: string): Database {
  return new Database(path, { create: true, readwrite: true, strict: true })
}

async function damage(path: string, how: (bytes: Buffer) => Buffer): Promise<void> {
  using database = open(path)
  database.run('CREATE TABLE t (x TEXT)')
  database.run('INSERT INTO t VALUES (hex(randomblob(20000)))')
  await writeFile(path, how(Buffer.from(database.serialize())))
}

const TROUBLES: readonly Trouble[] = [
  [
    'no room for another page',
    'full',
    (folder) => {
      using database = open(join(folder, 'a'))
      database.run('CREATE TABLE t (x TEXT)')
      database.run('PRAGMA max_page_count = 4')
      database.run('INSERT INTO t VALUES (hex(zeroblob(100000)))')
    },
  ],
  [
    'a connection that may only read',
    'readonly',
    (folder) => {
      using database = open(join(folder, 'a'))
      database.run('PRAGMA query_only = ON')
      database.run('CREATE TABLE t (x TEXT)')
    },
  ],
  ['a folder that is not there', 'gone', (folder) => open(join(folder, 'nowhere', 'a'))],
  [
    'a folder in place of the file',
    'gone',
    async (folder) => {
      await mkdir(join(folder, 'a'))
      open(join(folder, 'a')).run('CREATE TABLE t (x TEXT)')
    },
  ],
  [
    'another connection that writes',
    'busy',
    (folder) => {
      using first = open(join(folder, 'a'))
      using second = open(join(folder, 'a'))
      first.run('BEGIN EXCLUSIVE')
      second.run('CREATE TABLE t (x TEXT)')
    },
  ],
  [
    'a letter in place of the file',
    'damaged',
    async (folder) => {
      await writeFile(join(folder, 'a'), 'this is a letter to my aunt\n'.repeat(100))
      open(join(folder, 'a')).run('CREATE TABLE t (x TEXT)')
    },
  ],
  [
    'a file that lost its second half',
    'damaged',
    async (folder) => {
      await damage(join(folder, 'a'), (bytes) => bytes.subarray(0, 8192))
      open(join(folder, 'a')).query('SELECT * FROM t').all()
    },
  ],
  [
    'a page full of noise',
    'damaged',
    async (folder) => {
      await damage(join(folder, 'a'), (bytes) => bytes.fill(0xa5, 4096, 8192))
      open(join(folder, 'a')).query('SELECT * FROM t').all()
    },
  ],
  [
    'a row that is there already',
    null,
    (folder) => {
      using database = open(join(folder, 'a'))
      database.run('CREATE TABLE t (x INTEGER PRIMARY KEY)')
      for (let time = 0; time < 2; time++) database.run('INSERT INTO t VALUES (1)')
    },
  ],
  ['a statement that is none', null, (folder) => open(join(folder, 'a')).run('SELEKT 1')],
  ['a broken assertion', null, () => Promise.reject(new Error('this cannot be'))],
]

async function caught(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing went wrong')
}

test.each(TROUBLES)('%s is of kind %p', async (_, kind, make) => {
  await using folder = await openFolder()
  const path = join(folder.path, 'a')
  const failure = failureOf(await caught(() => make(folder.path)), path)
  expect(failure?.kind ?? null).toBe(kind)
  if (failure === null) return
  // For people: a sentence, and which file it is about.
  expect(failure.text).toContain(path)
  expect(failure.text).toMatch(/^[A-Z].+\. \(.+: SQLITE_\w+\)$/)
})
