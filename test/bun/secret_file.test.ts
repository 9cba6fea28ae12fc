import { afterAll, describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSecretFile } from '../../src/bun/secret_file.ts'

const base = mkdtempSync(join(tmpdir(), 'pos-hub-secret-file-'))
afterAll(() => rmSync(base, { recursive: true }))

const BYTES_MAX = 4_096

let files = 0

function newPath(): string {
  files++
  return join(base, `secret-${files}`)
}

function fileOf(content: string | Uint8Array, mode = 0o600): string {
  const path = newPath()
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

function problemOf(path: string): string {
  const read = readSecretFile(path)
  if (read.ok) throw new Error('it was read')
  expect(read.problem).toContain(path)
  expect(read.problem).not.toInclude('hunter2')
  return read.problem
}

describe('a secret', () => {
  test.each([
    ['as an editor leaves it', 'hunter2\n', 'hunter2'],
    ['with the line ends of Windows', 'hunter2\r\n', 'hunter2'],
    ['without a line end', 'hunter2', 'hunter2'],
    ['with blanks around it', ' \n\thunter2 \n\n', 'hunter2'],
    ['with blanks within', 'my pass phrase\n', 'my pass phrase'],
    ['with what UTF-8 puts before it on Windows', '\uFEFFhunter2', 'hunter2'],
    ['in other letters', 'contraseña€', 'contraseña€'],
    ['as long as it may be', 'x'.repeat(BYTES_MAX), 'x'.repeat(BYTES_MAX)],
  ])('%s', (_, content, text) => {
    expect(readSecretFile(fileOf(content))).toEqual({ ok: true, text })
  })

  test.each(['600', '400', '700'])('of mode %s', (mode) => {
    expect(readSecretFile(fileOf('hunter2', Number.parseInt(mode, 8)))).toEqual({ ok: true, text: 'hunter2' })
  })

  test('behind a link: the mode of the file counts', () => {
    const path = newPath()
    symlinkSync(fileOf('hunter2'), path)
    expect(readSecretFile(path)).toEqual({ ok: true, text: 'hunter2' })
    const open = newPath()
    symlinkSync(fileOf('hunter2', 0o644), open)
    expect(problemOf(open)).toContain('chmod 600')
  })
})

describe('is refused', () => {
  test.each(['644', '640', '660', '604', '601', '610'])('in mode %s, and the sentence says what to do', (mode) => {
    const sentence = `holds a secret that other users can read (mode ${mode}): chmod 600 it.`
    expect(problemOf(fileOf('hunter2', Number.parseInt(mode, 8)))).toEndWith(sentence)
  })

  test.each([
    ['empty', '', 'is empty.'],
    ['nothing but blanks', ' \r\n\n', 'is empty.'],
    ['too long', `hunter2${'x'.repeat(BYTES_MAX - 6)}`, 'is longer than 4096 bytes.'],
    ['of two lines', 'admin\nhunter2\n', 'more than one line'],
    ['with a zero', 'hunter2\0', 'control characters'],
    ['not UTF-8', new Uint8Array([0xff, 0xfe, 0x68, 0x00]), 'is not text in UTF-8.'],
  ])('%s', (_, content, sentence) => {
    expect(problemOf(fileOf(content))).toContain(sentence)
  })

  test('where there is none', () => {
    expect(problemOf(newPath())).toEndWith('cannot be read: there is no such file.')
    expect(problemOf(join(fileOf('hunter2'), 'below'))).toEndWith('cannot be read: a part of its path is not a folder.')
  })

  test('a folder', () => {
    const path = newPath()
    mkdirSync(path, { mode: 0o700 })
    expect(problemOf(path)).toEndWith('is not a file.')
  })

  test('a pipe into which nobody writes: without waiting for one', () => {
    const path = newPath()
    expect(Bun.spawnSync(['mkfifo', '-m', '600', path]).exitCode).toBe(0)
    expect(problemOf(path)).toEndWith('is not a file.')
  })

  test('links that go round', () => {
    const [one, other] = [newPath(), newPath()]
    symlinkSync(one, other)
    symlinkSync(other, one)
    expect(problemOf(one)).toContain('too many symbolic links')
  })
})
