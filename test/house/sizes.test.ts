import { describe, expect, test } from 'bun:test'
import { functionsOf } from './functions.ts'
import { checkSizes, FILE_LINES_MAX, FUNCTION_LINES_MAX } from './sizes.ts'
import { readSource } from './source.ts'

/** The spans of the functions of a text, as first line, lines, and what they are handed to. */
function spans(text: string): readonly string[] {
  return functionsOf(readSource('src/a.tsx', text).code)
    .map((one) => `${one.line}+${one.lines}${one.argumentOf === undefined ? '' : ` ${one.argumentOf}`}`)
    .sort()
}

describe('functions', () => {
  const cases: readonly (readonly [text: string, expected: readonly string[]])[] = [
    ['function a() {\n}', ['1+2']],
    ['export async function a<T>(b: T): Promise<T> {\n\n}', ['1+3']],
    ['function a(b: number): { c: number } {\n}', ['1+2']],
    ['function a(b: number): b is { c: 1 } {\n}', ['1+2']],
    ['function a(b: number): asserts b {\n}', ['1+2']],
    ['function a(): Map<string, { b: number }>[] | undefined {\n}', ['1+2']],
    ['function a(): A extends B ? C : D {\n}', ['1+2']],
    ["function a(): 'b' | `c` | -1 {\n}", ['1+2']],
    ['function* a(\n  b: number,\n) {\n}', ['1+4']],
    ['const a = () => {\n}', ['1+2']],
    ['const a = async (b: number): Promise<void> => {\n}', ['1+2']],
    ['const a = (\n  b: number,\n): number => {\n}', ['1+4']],
    ['const a = b => {\n}', ['1+2']],
    ['const a = (b: number) =>\n  b +\n  1\nconst c = 2', ['1+3']],
    ['const a = (b: number) =>\n  b\n    .c()\n    .d()\nconst e = 1', ['1+4']],
    ['const a = [(b) => b, 2]\n', ['1+1']],
    ['const a = () => (\n  <b>\n    text\n  </b>\n)\nconst c = 1', ['1+5']],
    ['class A {\n  b() {\n  }\n  get c(): number {\n    return 1\n  }\n  #d = () => {\n  }\n}', ['2+2', '4+3', '7+2']],
    ['class A {\n  constructor(readonly b: number) {\n  }\n  async [c]() {\n  }\n}', ['2+2', '4+2']],
    ['const a = {\n  b() {\n  },\n  c: function () {\n  },\n}', ['2+2', '4+2']],
    ['const a = b ? c(d) : { e: 1 }', []],
    ['if (a) {\n} else if (b) {\n}', []],
    ['for (const a of b) {\n}\nwhile (c) {\n}\nswitch (d) {\n}\ntry {\n} catch (e) {\n}', []],
    ['for await (const a of b) {\n}', []],
    ['class A extends b(C) {\n  d = 1\n}', []],
    ['interface A {\n  b(c: number): void\n  d(): { e: number }\n}', []],
    ["test('a', () => {\n})", ['1+2 test']],
    ["test.each([1])('a', async (b) => {\n})", ['1+2 test']],
    ["describe('a', function () {\n  const b = () => {\n  }\n})", ['1+4 describe', '2+2']],
    ['beforeEach(() => {\n})', ['1+2 beforeEach']],
    ['a.test({ b: () => 1 })', ['1+1']],
  ]

  test.each(cases)('are measured in %j', (text, expected) => expect(spans(text)).toEqual([...expected]))
})

describe('sizes', () => {
  function caught(path: string, text: string): readonly string[] {
    return checkSizes(readSource(path, text)).map((found) => `${found.line} ${found.rule}`)
  }
  const body = (lines: number) => `\n${'  a()\n'.repeat(lines - 2)}`

  test('stop a function of 51 lines and let one of 50 be', () => {
    expect(caught('src/core/a.ts', `function a() {${body(FUNCTION_LINES_MAX)}}`)).toEqual([])
    expect(caught('src/core/a.ts', `\nfunction a() {${body(FUNCTION_LINES_MAX + 1)}}`)).toEqual([
      '2 a function of 51 lines; at most 50',
    ])
    expect(caught('test/a.ts', `const a = () => {${body(FUNCTION_LINES_MAX + 1)}}`)).toHaveLength(1)
  })

  test('let what a test is made of be long, in test only', () => {
    const text = `describe('a', () => {${body(FUNCTION_LINES_MAX + 1)}})`
    expect(caught('test/a.test.ts', text)).toEqual([])
    expect(caught('src/core/a.ts', text)).toHaveLength(1)
  })

  test('stop a file of 301 lines and let one of 300 be', () => {
    expect(caught('test/a.ts', 'a()\n'.repeat(FILE_LINES_MAX))).toEqual([])
    expect(caught('test/a.ts', 'a()\n'.repeat(FILE_LINES_MAX).trimEnd())).toEqual([])
    expect(caught('test/a.ts', 'a()\n'.repeat(FILE_LINES_MAX + 1))).toEqual(['301 a file of 301 lines; at most 300'])
    expect(caught('db/a.ts', '// a\n'.repeat(FILE_LINES_MAX + 1))).toHaveLength(1)
  })
})
