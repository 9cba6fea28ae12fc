import { posix } from 'node:path'
import type { Token } from './reader.ts'
import { literal, type Source } from './source.ts'

export type Import = {
  /** As it is written, or undefined where it is computed. */
  readonly specifier: string | undefined
  /** `import type` and `export type ... from`: gone at run time. `import('x')` counts as a value wherever it stands. */
  readonly typeOnly: boolean
  readonly line: number
}

/** Everything a file imports or exports from elsewhere, dynamic imports and `require` too. */
export function importsOf(source: Source): readonly Import[] {
  const found: Import[] = []
  const code = source.code
  for (const [at, token] of code.entries()) {
    if (token.kind !== 'word' || code[at - 1]?.text === '.') continue
    const one = token.text === 'import' || token.text === 'export' ? readDeclaration(code, at) : readRequire(code, at)
    if (one !== undefined) found.push(one)
  }
  return found
}

function readDeclaration(code: readonly Token[], at: number): Import | undefined {
  const keyword = code[at]
  const next = code[at + 1]
  if (keyword === undefined || next === undefined || next.text === '.') return undefined
  if (next.text === '(' && keyword.text === 'import') return called(code, at)
  if (literal(next) !== undefined) {
    return keyword.text === 'import' ? { specifier: literal(next), typeOnly: false, line: next.line } : undefined
  }
  const typeOnly = next.text === 'type' && !isNameOfDefault(code, at + 1)
  const first = typeOnly ? at + 2 : at + 1
  const from = keyword.text === 'import' ? importFrom(code, first) : exportFrom(code, first)
  const specifier = from === undefined ? undefined : literal(code[from + 1])
  return specifier === undefined ? undefined : { specifier, typeOnly, line: keyword.line }
}

/** `import type from 'x'` and `import type, { a } from 'x'` import a value that is called `type`. */
function isNameOfDefault(code: readonly Token[], at: number): boolean {
  const next = code[at + 1]
  return next?.text === ',' || (next?.text === 'from' && literal(code[at + 2]) !== undefined)
}

/** The index of the `from` that ends an import clause. */
function importFrom(code: readonly Token[], start: number): number | undefined {
  let inBraces = false
  for (let at = start; at < code.length; at++) {
    const token = code[at]
    if (token?.text === '{') inBraces = true
    else if (token?.text === '}') inBraces = false
    else if (inBraces) continue
    else if (token?.text === 'from' && literal(code[at + 1]) !== undefined) return at
    else if (token?.kind !== 'word' && token?.text !== '*' && token?.text !== ',') return undefined
  }
  return undefined
}

/** The index of the `from` after `{ ... }`, `*` or `* as name`; an export without one is no import. */
function exportFrom(code: readonly Token[], start: number): number | undefined {
  let at: number
  if (code[start]?.text === '*') at = code[start + 1]?.text === 'as' ? start + 3 : start + 1
  else if (code[start]?.text === '{') at = code.findIndex((token, place) => place > start && token.text === '}') + 1
  else return undefined
  return code[at]?.text === 'from' ? at : undefined
}

function readRequire(code: readonly Token[], at: number): Import | undefined {
  return code[at]?.text === 'require' && code[at + 1]?.text === '(' ? called(code, at) : undefined
}

function called(code: readonly Token[], at: number): Import {
  return { specifier: literal(code[at + 2]), typeOnly: false, line: code[at]?.line ?? 1 }
}

const ENDINGS = ['', '.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs', '/mod.ts', '/index.ts'] as const

/** The file that a relative specifier means, from the top of the repository; of no file, the path itself. */
export function resolveFrom(path: string, specifier: string, files: ReadonlySet<string>): string {
  const plain = posix.join(posix.dirname(path), specifier)
  const ending = ENDINGS.find((candidate) => files.has(plain + candidate))
  return plain + (ending ?? '')
}
