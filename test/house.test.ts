import { describe, expect, test } from 'bun:test'
import { checkCycles } from './house/cycles.ts'
import { type Finding, say } from './house/finding.ts'
import { checkAddresses, checkBytes, checkTop, checkVersions } from './house/layout.ts'
import { checkImports } from './house/rooms.ts'
import { checkRules } from './house/rules.ts'
import { checkSizes } from './house/sizes.ts'
import { bytesOf, listFiles, readCode, readText } from './house/tree.ts'
import { checkName, checkWords } from './house/words.ts'

/**
 * The rules of DESIGN.md, held against every file of the repository. What each check catches is shown on made-up
 * files in `test/house`; a red line here names the file, the line, the rule and what to do.
 */

const paths = listFiles()
const files = new Set(paths)
const code = readCode(paths)

function hold(findings: readonly Finding[]): void {
  expect(findings.map(say)).toEqual([])
}

describe('the house', () => {
  test('is seen: the checks below look at its files', () => {
    expect(code.map((source) => source.path)).toContain('src/protocol/mod.ts')
    expect(code.map((source) => source.path)).toContain('test/house.test.ts')
    expect(code.every((source) => source.code.length > 0)).toBe(true)
  })

  test('imports only go the way of the arrows', () => hold(code.flatMap((source) => checkImports(source, files))))

  test('no import leads back to where it came from', () => hold(checkCycles(code, files)))

  test('banned words stand nowhere', () => hold(code.flatMap(checkWords)))

  test('files are named by what they are about', () => hold(code.flatMap((source) => checkName(source.path))))

  test('files and functions are short', () => hold(code.flatMap(checkSizes)))

  test('every rule has a test, and every rule that a test names is written', () => {
    const rooms = code.filter((source) => source.path.startsWith('src/'))
    const tests = code.filter((source) => /^test\/(?!house)/.test(source.path))
    hold(checkRules(rooms, tests))
  })

  test('the top level holds what the design gives', () => hold(checkTop(paths)))

  test('package.json names exact versions', () => hold(checkVersions('package.json', readText('package.json'))))

  test('no file names the address of a package registry', () => {
    const named = ['package.json', 'bun.lock', 'bunfig.toml', '.npmrc'].filter((path) => files.has(path))
    expect(named).toContain('bun.lock')
    hold(named.flatMap((path) => checkAddresses(path, readText(path))))
  })

  test('git holds no large file', () => hold(checkBytes(paths.map((path) => ({ path, bytes: bytesOf(path) })))))
})
