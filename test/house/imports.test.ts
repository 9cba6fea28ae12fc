import { describe, expect, test } from 'bun:test'
import { checkCycles } from './cycles.ts'
import { importsOf, resolveFrom } from './imports.ts'
import { allowance, checkImports, ROOMS, roomOf } from './rooms.ts'
import { readSource } from './source.ts'
import { isCode, listFiles, readCode } from './tree.ts'

function seen(text: string): readonly string[] {
  return importsOf(readSource('src/a.ts', text)).map((one) => `${one.typeOnly ? 'type ' : ''}${one.specifier}`)
}

describe('imports', () => {
  const cases: readonly (readonly [text: string, expected: readonly string[]])[] = [
    ["import 'x'", ['x']],
    ["import a from 'x'", ['x']],
    ["import * as a from 'x'", ['x']],
    ["import a, { b as c } from 'x'", ['x']],
    ["import {\n  from,\n  b,\n} from 'x'", ['x']],
    ["import { 'a b' as c } from 'x'", ['x']],
    ["import type { A } from 'x'", ['type x']],
    ["import type A from 'x'", ['type x']],
    ["import type * as A from 'x'", ['type x']],
    ["import { type A } from 'x'", ['x']],
    ["import type from 'x'", ['x']],
    ["import type, { a } from 'x'", ['x']],
    ["import a from 'x' with { type: 'text' }", ['x']],
    ["export * from 'x'", ['x']],
    ["export * as a from 'x'", ['x']],
    ["export { a, type B } from 'x'", ['x']],
    ["export type { A } from 'x'", ['type x']],
    ["export type * from 'x'", ['type x']],
    ["export { a }\nimport type { B } from 'x'", ['type x']],
    ["export type A = 'from' | 'x'", []],
    ["export const from = 'x'", []],
    ["await import('x')", ['x']],
    ['await import(`x`)', ['x']],
    ['await import(a)', ['undefined']],
    ["type A = import('x').A", ['x']],
    ["import a = require('x')", ['x']],
    ["const a = require('x')", ['x']],
    ["a.require('x'); a.import('x')", []],
    ['import.meta.dir', []],
    ["// import 'x'\nconst a = `import 'y'` + \"import 'z'\"", []],
  ]

  test.each(cases)('are read from %j', (text, expected) => expect(seen(text)).toEqual([...expected]))

  test('are those that Bun finds in this repository', () => {
    for (const source of readCode(listFiles().filter(isCode))) {
      const transpiler = new Bun.Transpiler({ loader: source.path.endsWith('x') ? 'tsx' : 'ts' })
      const ours = importsOf(source).filter((one) => !one.typeOnly)
      const theirs = transpiler.scanImports(source.text.replace(/^#!.*/, '')).map((one) => one.path)
      const missed = theirs.filter((path) => !/jsx-(?:dev-)?runtime$/.test(path))
      expect([source.path, ...missed.filter((path) => !ours.some((one) => one.specifier === path))]).toEqual([
        source.path,
      ])
    }
  })

  test('find their file', () => {
    const files = new Set(['src/core/lease.ts', 'src/core/mod.ts', 'db/0001.sql'])
    expect(resolveFrom('src/bun/a.ts', '../core/lease.ts', files)).toBe('src/core/lease.ts')
    expect(resolveFrom('src/bun/a.ts', '../core/lease', files)).toBe('src/core/lease.ts')
    expect(resolveFrom('src/bun/a.ts', '../core', files)).toBe('src/core/mod.ts')
    expect(resolveFrom('db/migrations.ts', './0001.sql', files)).toBe('db/0001.sql')
    expect(resolveFrom('src/bun/a.ts', './gone.ts', files)).toBe('src/bun/gone.ts')
  })
})

const FILES = new Set(
  [
    'src/config.ts src/protocol/mod.ts src/core/decide.ts src/core/lease.ts src/engine/ports.ts src/engine/view.ts',
    'src/engine/engine.ts src/store/rows.ts src/gateway/gateway.ts src/http/app.ts src/realtime/mod.ts',
    'src/till/till.ts src/bun/main.ts src/signin/token.ts src/upstream/odoo.ts db/schema.ts db/migrations.ts',
    'src/engine/ports_of_call.ts test/support/wire.ts src/demo/odoo.ts',
  ].flatMap((line) => line.split(' ')),
)

/** The breach a line makes in a file, if it makes one. */
function breach(path: string, line: string): string | undefined {
  return checkImports(readSource(path, line), FILES)[0]?.rule
}

describe('the import table', () => {
  const allowed: readonly (readonly [path: string, line: string])[] = [
    ['src/protocol/mod.ts', "import * as z from 'zod'"],
    ['src/protocol/mod.ts', "export * from './codec.ts'"],
    ['src/core/decide.ts', "import { lease } from './lease.ts'"],
    ['src/core/decide.ts', "import { Version } from '../protocol/mod.ts'"],
    ['src/engine/engine.ts', "import { decide } from '../core/decide.ts'"],
    ['src/store/rows.ts', "import { orders } from '../../db/schema.ts'"],
    ['src/store/rows.ts', "import { eq } from 'drizzle-orm'"],
    ['src/store/rows.ts', "import { integer } from 'drizzle-orm/sqlite-core'"],
    ['src/store/rows.ts', "import { evolve } from '../core/decide.ts'"],
    ['src/gateway/gateway.ts', "import type { Command } from '../core/decide.ts'"],
    ['src/upstream/odoo.ts', "import { failed } from '../engine/ports.ts'"],
    ['src/signin/token.ts', "import { verify } from 'hono/jwt'"],
    ['src/signin/token.ts', "import type { SignIn } from '../engine/ports.ts'"],
    ['src/http/app.ts', "import { zValidator } from '@hono/zod-validator'"],
    ['src/http/app.ts', "import { Hono } from 'hono'\nimport { view } from '../engine/view.ts'"],
    ['src/http/page.tsx', 'export const a = <b />'],
    ['src/till/till.ts', "import { connect } from '../realtime/mod.ts'"],
    ['src/config.ts', "import { Role } from './protocol/mod.ts'\nimport { flags } from './config/flags.ts'"],
    ['src/bun/main.ts', "import { Database } from 'bun:sqlite'\nimport { readFile } from 'node:fs'"],
    ['src/bun/main.ts', "const a = await import(name)\nimport { view } from '../engine/view.ts'"],
    ['db/migrations.ts', "import first from './0001.sql' with { type: 'text' }"],
    ['db/schema.ts', "import { integer } from 'drizzle-orm/sqlite-core'"],
    ['db/sql.d.ts', "declare module '*.sql' { const text: string; export default text }"],
    ['test/house.test.ts', "import { readFile } from 'node:fs'\nimport { main } from '../src/bun/main.ts'"],
    ['compile/build.ts', "import { main } from '../src/bun/main.ts'"],
  ]

  test.each(allowed)('lets %s say %j', (path, line) => expect(breach(path, line)).toBeUndefined())

  const forbidden: readonly (readonly [path: string, line: string])[] = [
    ['src/protocol/mod.ts', "import { Hono } from 'hono'"],
    ['src/protocol/mod.ts', "import { decide } from '../core/decide.ts'"],
    ['src/protocol/mod.ts', "import { a } from 'zodiac'"],
    ['src/core/decide.ts', "import * as z from 'zod'"],
    ['src/core/decide.ts', "import type { Clock } from '../engine/ports.ts'"],
    ['src/engine/engine.ts', "import { rows } from '../store/rows.ts'"],
    ['src/store/rows.ts', "import { drizzle } from 'drizzle-orm/bun-sqlite'"],
    ['src/store/rows.ts', "import { view } from '../engine/view.ts'"],
    ['src/store/rows.ts', "import { call } from '../engine/ports_of_call.ts'"],
    ['src/store/rows.ts', "import { all } from '../../db/migrations.ts'"],
    ['src/store/rows.ts', "import { send } from '../gateway/gateway.ts'"],
    ['src/store/page.tsx', 'export const a = <b />'],
    ['src/gateway/gateway.ts', "import { decide } from '../core/decide.ts'"],
    ['src/gateway/gateway.ts', "import { type Command } from '../core/decide.ts'"],
    ['src/gateway/gateway.ts', "export { decide } from '../core/decide.ts'"],
    ['src/upstream/odoo.ts', "const core = import('../core/decide.ts')"],
    ['src/signin/token.ts', "import { clock } from '../engine/ports.ts'"],
    ['src/signin/token.ts', "import { Hono } from 'hono'"],
    ['src/http/app.ts', "import { upgradeWebSocket } from 'hono/bun'"],
    ['src/http/app.ts', "import type { Hub } from '../core/decide.ts'"],
    ['src/realtime/mod.ts', "import { till } from '../till/till.ts'"],
    ['src/till/till.ts', "import type { Clock } from '../engine/ports.ts'"],
    ['src/config.ts', "import { demo } from './demo/odoo.ts'"],
    ['src/demo/odoo.ts', "import { config } from '../config.ts'"],
    ['src/core/decide.ts', "import { main } from '../bun/main.ts'"],
    ['src/gateway/gateway.ts', "import { randomUUID } from 'node:crypto'"],
    ['src/gateway/gateway.ts', "import type { Server } from 'bun'"],
    ['src/gateway/gateway.ts', "import type { Database } from 'bun:sqlite'"],
    ['src/gateway/gateway.ts', 'const a = await import(name)'],
    ['src/bun/main.ts', "import { wire } from '../../test/support/wire.ts'"],
    ['db/schema.ts', "import { drizzle } from 'drizzle-orm/bun-sqlite'"],
    ['db/sql.d.ts', "import type { orders } from './schema.ts'"],
    ['src/cellar/wine.ts', ''],
    ['db/seeds.ts', ''],
  ]

  test.each(forbidden)('stops %s at %j', (path, line) => expect(breach(path, line)).toBeString())

  test('says where, what, and what the room may import', () => {
    const found = checkImports(readSource('src/core/a.ts', "\n\nimport { a } from '../store/rows.ts'"), FILES)
    expect(found).toHaveLength(1)
    expect(found[0]?.line).toBe(3)
    expect(found[0]?.rule).toBe('room "core" may not import "../store/rows.ts" as a value')
    expect(found[0]?.remedy).toContain('It may import protocol')
  })

  test('has a line in words for every room', () => {
    for (const room of Object.keys(ROOMS)) expect(allowance(room)).not.toBe('')
    expect(allowance('gateway')).toBe('engine/ports, core (import type only), protocol')
    expect(roomOf('src/config.ts')).toBe('config')
    expect(roomOf('db/schema.ts')).toBe('db/schema')
    expect(roomOf('test/a.ts')).toBeUndefined()
  })
})

describe('circles', () => {
  function circles(files: { readonly [path: string]: string }): readonly string[] {
    const sources = Object.entries(files).map(([path, text]) => readSource(path, text))
    return checkCycles(sources, new Set(Object.keys(files))).map((found) => `${found.path}:${found.line} ${found.rule}`)
  }

  test('of values are found, however long', () => {
    const found = circles({
      'src/core/a.ts': "\nimport { b } from './b.ts'",
      'src/core/b.ts': "import { c } from './c.ts'",
      'src/core/c.ts': "import { a } from './a.ts'",
      'src/core/d.ts': "import { a } from './a.ts'",
    })
    expect(found).toHaveLength(1)
    expect(found[0]).toStartWith('src/core/a.ts:2 files import each other in a circle: src/core/a.ts -> src/core/b.ts')
  })

  test('of one file with itself are found', () => {
    expect(circles({ 'test/a.ts': "import { a } from './a.ts'" })).toHaveLength(1)
  })

  test('of types within a room are no harm', () => {
    const files = { 'src/core/a.ts': "import { b } from './b.ts'", 'src/core/b.ts': "import type { A } from './a.ts'" }
    expect(circles(files)).toEqual([])
  })

  test('of types between rooms are found, through other files too', () => {
    const found = circles({
      'src/core/a.ts': "import type { B } from '../engine/b.ts'",
      'src/core/b.ts': '',
      'src/engine/a.ts': "import type { B } from '../core/b.ts'",
      'src/engine/b.ts': '',
    })
    expect(found).toHaveLength(1)
    expect(found[0]).toContain('rooms import each other in a circle: core -> engine')
  })

  test('are not seen where two ways lead to one file', () => {
    const found = circles({
      'src/core/a.ts': "import { b } from './b.ts'\nimport { c } from './c.ts'",
      'src/core/b.ts': "import { d } from './d.ts'",
      'src/core/c.ts': "import { d } from './d.ts'",
      'src/core/d.ts': '',
    })
    expect(found).toEqual([])
  })
})
