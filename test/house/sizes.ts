import { type Finding, finding } from './finding.ts'
import { functionsOf } from './functions.ts'
import type { Source } from './source.ts'

export const FILE_LINES_MAX = 300
export const FUNCTION_LINES_MAX = 50

/** A test reads from top to bottom: what is handed to these may be as long as its file. */
const OF_TESTS: ReadonlySet<string> = new Set('describe test it beforeAll beforeEach afterAll afterEach'.split(' '))

/** Holds the sizes: `FILE_LINES_MAX` a file, `FUNCTION_LINES_MAX` a function. */
export function checkSizes(source: Source): readonly Finding[] {
  const lines = linesOf(source.text)
  const long = functionsOf(source.code).filter((one) => one.lines > FUNCTION_LINES_MAX && !isTest(source, one))
  const tooLong = long.map((one) =>
    finding(source.path, one.line, {
      rule: `a function of ${one.lines} lines; at most ${FUNCTION_LINES_MAX}`,
      remedy: 'Give each thing it does a function of its own, named by a verb',
    }),
  )
  if (lines <= FILE_LINES_MAX) return tooLong
  const rule = `a file of ${lines} lines; at most ${FILE_LINES_MAX}`
  return [finding(source.path, lines, { rule, remedy: 'Put a wall where its two subjects meet' }), ...tooLong]
}

function isTest(source: Source, one: { readonly argumentOf: string | undefined }): boolean {
  return source.path.startsWith('test/') && OF_TESTS.has(one.argumentOf ?? '')
}

function linesOf(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}
