import { readElement, startsElement } from './jsx.ts'
import { createReader, type Reader, skipSpace, type Token, take } from './reader.ts'

/**
 * Cuts TypeScript into tokens, so that the house test judges code and not the words of a comment or a string. It
 * knows comments, strings, templates with code in them, regular expressions and JSX; it does not parse.
 */

export type Source = {
  /** From the top of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  /** Everything but blanks. */
  readonly tokens: readonly Token[]
  /** The tokens without comments. */
  readonly code: readonly Token[]
}

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|^#![^\n]*/y
const STRING = /'(?:\\[\s\S]|[^'\\\n])*'?|"(?:\\[\s\S]|[^"\\\n])*"?/y
const CHUNK = /[`}](?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{|$)/y
const REGEX = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y
const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy
const NUMBER = /\d[\w.]*/y
const PUNCT = /\.{3}|=>|\+\+|--|[\s\S]/y

const BEFORE_VALUE: ReadonlySet<string> = new Set(
  'return typeof case in of delete void throw new instanceof do else yield await extends default'.split(' '),
)
const ENDS_VALUE: ReadonlySet<string> = new Set([']', '}', '++', '--'])

export function readSource(path: string, text: string): Source {
  const tokens = tokenize(text, path.endsWith('x'))
  return { path, text, tokens, code: tokens.filter((token) => token.kind !== 'comment') }
}

/** Never throws and always ends: broken source gives tokens that mean nothing, and the type check tells of it. */
export function tokenize(text: string, jsx: boolean): readonly Token[] {
  const reader = createReader(text, jsx)
  while (reader.at < text.length) {
    readCode(reader)
    if (reader.at < text.length) take(reader, PUNCT, 'punct')
  }
  return reader.tokens
}

/** Reads up to a `}` that was not opened here, or to the end. */
function readCode(reader: Reader): void {
  let depth = 0
  for (;;) {
    skipSpace(reader)
    const next = reader.text[reader.at]
    if (next === undefined || (next === '}' && depth === 0)) return
    if (next === '{') depth++
    if (next === '}') depth--
    readToken(reader)
  }
}

function readToken(reader: Reader): void {
  if (take(reader, COMMENT, 'comment') || take(reader, STRING, 'string')) return
  const next = reader.text[reader.at]
  if (next === '`') readTemplate(reader)
  else if (next === '<' && reader.jsx && !afterValue(reader) && startsElement(reader)) readElement(reader, readCode)
  else if (next === '/' && !afterValue(reader) && take(reader, REGEX, 'regex')) return
  else if (!take(reader, WORD, 'word') && !take(reader, NUMBER, 'number')) take(reader, PUNCT, 'punct')
}

function readTemplate(reader: Reader): void {
  while (take(reader, CHUNK, 'template') && reader.last?.text.endsWith('${')) readCode(reader)
}

/** Whether a value has just ended: then `/` divides and `<` compares. */
function afterValue(reader: Reader): boolean {
  const last = reader.last
  if (last === undefined) return false
  if (last.kind === 'word') return reader.afterDot || !BEFORE_VALUE.has(last.text)
  if (last.kind === 'template') return !last.text.endsWith('${')
  if (last.kind !== 'punct') return true
  return last.text === ')' ? !reader.closedControl : ENDS_VALUE.has(last.text)
}

/** The line on which a token ends. */
export function endLine(token: Token): number {
  return token.line + token.text.split('\n').length - 1
}

/** What a string, or a template without code, says as it is written; undefined for any other token. */
export function literal(token: Token | undefined): string | undefined {
  if (token === undefined) return undefined
  const whole = token.kind === 'string' || (token.kind === 'template' && /^`[\s\S]*`$/.test(token.text))
  return whole ? token.text.slice(1, -1) : undefined
}
