import { describe, expect, test } from 'bun:test'
import { readSource } from './source.ts'
import { BANS, checkName, checkWords } from './words.ts'

function caught(path: string, text: string): readonly string[] {
  return checkWords(readSource(path, text)).map((found) => `${found.line} ${found.rule}`)
}

describe('banned words', () => {
  const breaches: readonly (readonly [path: string, text: string, word: string])[] = [
    ['src/core/a.ts', 'export async function a() {}', 'async'],
    ['src/core/a.ts', 'const a = async () => 1', 'async'],
    ['src/protocol/a.ts', 'const a = await b', 'await'],
    ['src/core/a.ts', 'type A = Promise<number>', 'Promise'],
    ['src/core/a.ts', 'const now = Date.now()', 'Date.now'],
    ['src/core/a.ts', 'const now = Date\n  . /* now */ now()', 'Date.now'],
    ['src/core/a.ts', 'const now = globalThis.Date.now()', 'Date.now'],
    ['src/core/a.ts', 'const today = new Date(time)', 'new Date'],
    ['src/core/a.ts', 'const now = performance.now()', 'performance.now'],
    ['src/core/a.ts', 'const a = Math.random()', 'Math.random'],
    ['src/core/a.ts', 'const a = crypto.randomUUID()', 'crypto'],
    ['src/core/a.ts', 'const a = globalThis.crypto', 'crypto'],
    ['src/protocol/a.ts', 'setTimeout(a, 1)', 'setTimeout'],
    ['src/protocol/a.ts', 'setInterval(a, 1)', 'setTimeout'],
    ['src/core/a.ts', 'queueMicrotask(a)', 'queueMicrotask'],
    ['src/http/a.ts', 'const a = Bun.version', 'Bun.'],
    ['src/http/a.ts', 'const a = [...Bun.argv]', 'Bun.'],
    ['src/http/a.ts', 'const a = globalThis.Bun.version', 'Bun.'],
    ['src/http/a.ts', 'const { version } = Bun', 'Bun.'],
    ['src/http/a.ts', `const a = \`\${Bun.version}\``, 'Bun.'],
    ['src/config.ts', 'const a = process.env', 'process.'],
    ['src/config.ts', 'const a = process?.env', 'process.'],
    ['src/http/page.tsx', 'const a = <b>{process.env}</b>', 'process.'],
    ['src/bun/a.ts', 'const a = b as unknown as C', 'as unknown as'],
    ['test/a.ts', 'const a = b as unknown\n  as C', 'as unknown as'],
    ['test/a.ts', 'console.log(1)', 'console.'],
    ['compile/a.ts', "console['log'](1)", 'console.'],
    ['db/a.ts', 'globalThis.console?.log(1)', 'console.'],
    ['src/bun/a.ts', 'enum A { b }', 'enum'],
    ['src/bun/a.ts', 'const enum A { b }', 'enum'],
    ['src/bun/a.ts', 'export default a', 'a default export'],
    ['src/bun/a.ts', 'export { a as default }', 'a default export'],
    ['src/bun/a.ts', "export { default } from './b.ts'", 'a default export'],
  ]

  test.each(breaches)('are caught: %s, %j', (path, text, word) => {
    const rules = caught(path, text).map((line) => line.replace(/^\d+ /, ''))
    expect(rules).toContain(`"${word}" is banned here`)
  })

  test('are all caught by one of the samples', () => {
    expect([...new Set(breaches.map(([, , word]) => word))].sort()).toEqual(
      [...new Set(BANS.map((ban) => ban.word))].sort(),
    )
  })

  const innocent: readonly (readonly [path: string, text: string])[] = [
    ['src/core/a.ts', '// async, await, Promise, Date.now, new Date, Math.random, crypto, setTimeout, any, console.'],
    ['src/core/a.ts', "const a = 'async await Promise new Date() any as unknown as console.log enum A export default'"],
    ['src/core/a.ts', `const a = \`async \${b} await: any, Promise\``],
    ['src/core/a.ts', 'const a = /async|await|new Date|: any/'],
    ['src/core/a.ts', 'const promised = a.async + a.crypto + awaiting + asyncs + date.now + Math.max(1, 2)'],
    ['src/engine/a.ts', 'const a = await new Promise((done) => setTimeout(done, 1)); Date.now(); new Date()'],
    ['src/bun/a.ts', 'const a = Bun.version + process.env'],
    ['test/a.ts', 'const a = Bun.version + process.env + Date.now()'],
    ['src/http/a.ts', 'const a = order.process.step + bun.price + this.Bun.a'],
    ['src/http/a.ts', 'type A = { process: string; process?: string; console?: string }'],
    ['src/http/page.tsx', '<p>it is any process. console.log, export default</p>'],
    ['src/http/a.ts', 'const a = z.enum(b) + { enum: 1, default: 2 }; switch (a) { default: b }'],
    ['src/http/a.ts', "import { default as a } from 'b'; const c = b as unknown; const d = b as const"],
    ['db/sql.d.ts', "declare module '*.sql' { const text: string; export default text }"],
  ]

  test.each(innocent)('are left alone: %s, %j', (path, text) => expect(caught(path, text)).toEqual([]))

  test('are told with their line and what to do', () => {
    const [found] = checkWords(readSource('src/core/a.ts', '/* one\ntwo */\nconst a = Date.now()'))
    expect(found?.line).toBe(3)
    expect(found?.remedy).toContain('`now`')
  })
})

describe('the type that says nothing', () => {
  const breaches = [
    'let a: any',
    'let a: any[]',
    'let a = b as any',
    'let a: Map<string, any>',
    'type A = string | any',
    'type A = any',
    'type A = B extends any ? C : any',
    'function a(b: any): any {}',
    'type A = { b: any; c?: any }',
    'const a = z.any()',
    'const a = <any>b',
    'let a: typeof b | (any)',
  ]

  test.each(breaches)('is caught in %j', (text) => {
    expect(caught('test/a.ts', text)).toContain('1 "any" is banned as a type')
  })

  const innocent = [
    'const a = Promise.any([b])',
    'const a = { any: 1 }',
    'type A = { any?: string; readonly b: string }',
    'const a = company.any',
    'any(a)',
    '// any',
    "const a = 'any' + many + anything",
  ]

  test.each(innocent)('is not seen in %j', (text) => expect(caught('test/a.ts', text)).toEqual([]))
})

describe('reminders', () => {
  test('are caught in comments and names', () => {
    expect(caught('src/bun/a.ts', '/**\n * a\n * TODO: b\n */\nconst c = 1')).toEqual([
      '3 "TODO" is banned, in comments too',
    ])
    expect(caught('src/bun/a.ts', '// a TODO')).toHaveLength(1)
    expect(caught('src/bun/a.ts', 'const TODO = 1')).toHaveLength(1)
  })

  test('are left alone in strings and longer words', () => {
    expect(caught('src/bun/a.ts', "const a = 'TODO' // TODOS")).toEqual([])
  })
})

describe('names of files', () => {
  const forbidden = 'index utils util helpers helper manager managers service services types type'
    .split(' ')
    .map((name) => `src/core/${name}.ts`)

  test.each([...forbidden, 'src/http/index.tsx', 'test/types.test.ts'])('stop %s', (path) => {
    expect(checkName(path)[0]?.rule).toContain('may not be called')
  })

  test.each(['src/core/orderLease.ts', 'src/core/Order.ts', 'test/order-lease.test.ts', 'src/core/1.ts'])(
    'stop %s',
    (path) => expect(checkName(path)[0]?.rule).toContain('is not how files are named'),
  )

  test.each(['src/core/lease.ts', 'src/core/order_lease.ts', 'db/sql.d.ts', 'src/store/index_of_orders.ts'])(
    'let %s be',
    (path) => expect(checkName(path)).toEqual([]),
  )
})
