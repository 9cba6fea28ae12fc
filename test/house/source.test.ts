import { describe, expect, test } from 'bun:test'
import { endLine, literal, tokenize } from './source.ts'
import { isCode, listFiles, readCode } from './tree.ts'

/** What is left of a text when only tokens of these kinds stay. */
function kept(text: string, kinds: string, jsx = false): string {
  return tokenize(text, jsx)
    .filter((token) => kinds.split(' ').includes(token.kind))
    .map((token) => token.text)
    .join(' ')
}

describe('the tokenizer', () => {
  const cases: readonly (readonly [what: string, text: string, code: string])[] = [
    ['a comment to the end of the line', 'a // any "b\nc', 'a c'],
    ['a comment over lines', 'a /* any\n * "b */ c', 'a c'],
    ['a comment that never closes', 'a /* b', 'a'],
    ['a line that names the interpreter', '#!/usr/bin/env bun\na', 'a'],
    ['two slashes in a string', "a('https://x') // b", 'a ( )'],
    ['quotes in quotes', `a('"', "'", '\\'', "\\\\") b`, 'a ( , , , ) b'],
    ['a string that never closes', "a 'b\nc", 'a c'],
    ['a string over two lines', "a 'b\\\nc' d", 'a d'],
    ['a template', `a \`any \${b + \`in \${c} in\`} any\` d`, 'a b + c d'],
    ['braces in a template', `a \`\${{ b: 1 }.b}}\` c`, 'a { b : 1 } . b c'],
    ['an escaped dollar in a template', `a \`\\\${any}\` c`, 'a c'],
    ['a dollar in a template', 'a `$any $` c', 'a c'],
    ['a regular expression', 'a = /any[/"]\\/"/gu.test(b)', 'a = . test ( b )'],
    ['a regular expression after a keyword', "return /'/", 'return'],
    ['a regular expression after a condition', "if (a) /'/.test(b)", 'if ( a ) . test ( b )'],
    ['a division', "a / b / 'c' / (d) / 2", 'a / b / / ( d ) / 2'],
    ['a division after a call', "f(a) / 2 + ' / any'", 'f ( a ) / 2 +'],
    ['a division after an index', "a[0] / 2 + ' / any'", 'a [ 0 ] / 2 +'],
    ['a member called as a keyword', "a.return / 2 + ' / any'", 'a . return / 2 +'],
    ['a comment after a division', 'a / /* any */ b', 'a / b'],
    ['marks of several characters', 'a => [...b, c++]', 'a => [ ... b , c ++ ]'],
    ['numbers', '0x1f 1_000 1.5e3 2n', '0x1f 1_000 1.5e3 2n'],
    ['letters of any script', 'größe $ _a ñ1', 'größe $ _a ñ1'],
    ['nothing', '', ''],
  ]

  test.each(cases)('knows %s', (_what, text, code) => {
    expect(kept(text, 'word number punct')).toBe(code)
  })

  const elements: readonly (readonly [what: string, text: string, code: string])[] = [
    ['the text between tags', "a = <b>it's any</b>\nc", 'a = c'],
    ['an element without children', 'a = (<b c="any" />) / d', 'a = ( ) / d'],
    ['code in an attribute', 'a = <b c={d > e} any>text</b>', 'a = { d > e }'],
    ['code between tags', "a = <b>don't {c ? <d>'</d> : `'`} '</b>", 'a = { c ? : }'],
    ['a fragment', "a = <>it's</>", 'a ='],
    ['a comment in a child', 'a = <b>{/* any */}</b>', 'a = { }'],
    ['a comparison', "a < b && c > 'any'", 'a < b && c >'.replace('&&', '& &')],
    ['a generic arrow', "const f = <T,>(a: T) => 'any'", 'const f = < T , > ( a : T ) =>'],
    ['a generic arrow with a bound', "const f = <T extends U>(a: T) => 'x'", 'const f = < T extends U > ( a : T ) =>'],
    ['a generic type', "type F = <T>(a: T) => 'any'", 'type F = < T > ( a : T ) =>'],
  ]

  test.each(elements)('knows JSX: %s', (_what, text, code) => {
    expect(kept(text, 'word number punct', true)).toBe(code)
  })

  test('tells where a token begins and ends', () => {
    const [first, second, third] = tokenize('a\n/* b\n */ `c\nd`', false)
    expect(first).toEqual({ kind: 'word', text: 'a', start: 0, line: 1 })
    expect(second?.line).toBe(2)
    expect(third?.line).toBe(3)
    expect(third === undefined ? 0 : endLine(third)).toBe(4)
  })

  test('tells what a plain string says', () => {
    const said = tokenize(`'a' "b" \`c\` \`d\${e}f\` g`, false).map(literal)
    expect(said).toEqual(['a', 'b', 'c', undefined, undefined, undefined, undefined])
  })

  test('ends on broken source', () => {
    for (const text of ['`${', '`${a', '<a', '<a b={', '<a>{', '"', '/', '}}}', '({[', '\\']) {
      expect(kept(text, 'word number punct string template text regex', true).length).toBeGreaterThan(0)
    }
  })
})

/**
 * Bun's own parser is the judge: a file without what we hold for comments must be the same program, and Bun must find
 * no string where we see none.
 */
describe('the tokenizer on this repository', () => {
  const sources = readCode(listFiles().filter((path) => isCode(path) && !path.endsWith('.d.ts')))

  test('takes nothing for a comment that is code', () => {
    for (const source of sources) {
      const transpiler = new Bun.Transpiler({ loader: source.path.endsWith('x') ? 'tsx' : 'ts' })
      const comments = source.tokens.filter((token) => token.kind === 'comment')
      const bare = comments.reduceRight(
        (text, token) =>
          text.slice(0, token.start) + token.text.replace(/[^\n]/g, ' ') + text.slice(token.start + token.text.length),
        source.text,
      )
      expect([source.path, transpiler.transformSync(bare)]).toEqual([
        source.path,
        transpiler.transformSync(source.text),
      ])
    }
  })

  test('leaves no comment and no bracket over', () => {
    for (const source of sources) {
      const code = source.code.filter((token) => token.kind === 'punct').map((token) => token.text)
      const count = (mark: string) => code.filter((text) => text === mark).length
      expect([source.path, count('('), count('['), count('{')]).toEqual([
        source.path,
        count(')'),
        count(']'),
        count('}'),
      ])
    }
  })
})
