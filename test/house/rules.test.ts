import { describe, expect, test } from 'bun:test'
import { checkRules, rulesOf, titlesOf } from './rules.ts'
import { readSource } from './source.ts'

const HEAD = `import { a } from './b.ts'
import type { C } from './c.ts'

/**
 * What the room promises. L9 is named in the text.
 *
 * L1  A free lease is granted.
 * L2  A held lease is denied,
 *     and L3 is not meant here.
 */

/** Says more. */
export function lease() {}

/**
 * L4  Too late: this is not the head.
 */
`

function rules(text: string): readonly string[] {
  return rulesOf(readSource('src/core/lease.ts', text)).map((rule) => `${rule.line} ${rule.id}`)
}

describe('rules', () => {
  test('are read from the comment at the head', () => expect(rules(HEAD)).toEqual(['7 L1', '8 L2']))

  test('are read with one blank, a dot, line comments, and above the imports too', () => {
    expect(rules("/*\nO1 a\nO2. b\n*/\n// O3: c\nimport { type d } from 'e'\ntype F = 1\n// O4 g")).toEqual([
      '2 O1',
      '3 O2',
      '5 O3',
    ])
  })

  test('are no promises of the whole house, versions or bare numbers', () => {
    expect(rules('/**\n * P1 nothing is lost\n * v2 only\n * L7\n */\nconst a = 1')).toEqual([])
  })
})

describe('titles', () => {
  function titles(text: string): readonly string[] {
    return titlesOf(readSource('test/core/lease.test.ts', text)).map((title) => `${title.line} ${title.id}`)
  }

  test('are read from tests and from rows of tables', () => {
    expect(titles("test('[L1] a', b)\ntest.each([\n  ['[L2] [L3] c', 1],\n])('%s', d)\ndescribe(`[O1]`, e)")).toEqual([
      '1 L1',
      '3 L2',
      '3 L3',
      '5 O1',
    ])
  })

  test('are not seen in comments, code and the middle of a text', () => {
    expect(titles("// [L1] a\nconst b = c[L2]; const d = 'see [L3]'")).toEqual([])
  })
})

describe('rules and titles', () => {
  function caught(tests: string, ...rooms: readonly string[]): readonly string[] {
    const sources = rooms.map((text, at) => readSource(`src/core/${'abc'[at]}.ts`, text))
    const found = checkRules(sources, [readSource('test/core/a.test.ts', tests)])
    return found.map((one) => `${one.path}:${one.line} ${one.rule}`)
  }

  test('match', () => {
    expect(caught("test('[L1] a', b); test('[L2] a', b); test('[L1] c', b); test('[P4] d', b)", HEAD)).toEqual([])
  })

  test('fail on a rule without a test', () => {
    expect(caught("test('[L1] a', b)", HEAD)).toEqual(['src/core/a.ts:8 rule L2 has no test'])
  })

  test('fail on a title without a rule', () => {
    expect(caught("test('[L1] a', b)\ntest('[L2] a', b)\ntest('[L4] a', b)", HEAD)).toEqual([
      'test/core/a.test.ts:3 the title names rule L4, which no file of src opens with',
    ])
  })

  test('fail on a rule that is written twice', () => {
    expect(caught("test('[O1] a', b)", '// O1 a', '\n// O1 b')).toEqual([
      'src/core/a.ts:1 rule O1 is also written at src/core/b.ts:2',
    ])
  })
})
