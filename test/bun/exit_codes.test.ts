import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT } from '../../src/bun/exit_codes.ts'

/** Scripts and service units name the numbers: one that is here stays what it is. */
const FOR_EVER = {
  ok: 0,
  no: 1,
  usage: 64,
  address: 69,
  bug: 70,
  dataFolder: 73,
  otherHub: 75,
  newerFile: 76,
  damagedFile: 77,
}

test('no number has changed, and no two are the same', () => {
  expect<object>(EXIT).toEqual(FOR_EVER)
  expect(new Set(Object.values(EXIT)).size).toBe(Object.keys(EXIT).length)
})

test('each with which the hub refuses to start stands in the table of README.md', () => {
  const readme = readFileSync(join(import.meta.dir, '../../README.md'), 'utf8')
  const { ok, no, ...starting } = EXIT
  for (const code of Object.values(starting)) expect(readme).toMatch(new RegExp(`^ *\\| ${code} \\| `, 'm'))
  for (const code of [ok, no]) expect(readme).not.toMatch(new RegExp(`^ *\\| ${code} \\| `, 'm'))
})
