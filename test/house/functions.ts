import type { Token } from './reader.ts'
import { endLine } from './source.ts'

export type FunctionSpan = {
  readonly line: number
  readonly lines: number
  /** The name that its call stands under where it is an argument: `test` for `test('...', () => {})`. */
  readonly argumentOf: string | undefined
}

/** Brackets of a token list: the partner of each, and for each token the bracket it stands in. */
type Brackets = { readonly partner: readonly number[]; readonly parent: readonly number[] }

const CLOSES: { readonly [close: string]: string } = { ')': '(', ']': '[', '}': '{' }
const CONTROL: ReadonlySet<string> = new Set(['if', 'for', 'while', 'switch', 'catch', 'with'])
const BEFORE_TYPE: ReadonlySet<string> = new Set(
  'keyof typeof readonly unique infer asserts is extends new abstract'.split(' '),
)

/** Every function of a file: declarations, methods, accessors and arrows, with a body or an expression. */
export function functionsOf(code: readonly Token[]): readonly FunctionSpan[] {
  const brackets = pairUp(code)
  const starts = new Map<number, number>()
  const spans: FunctionSpan[] = []
  const add = (start: number, end: number) => spans.push(spanOf(code, brackets, { start, end }))
  for (const [at, token] of code.entries()) {
    if (token.kind !== 'punct') continue
    if (token.text === ')') {
      const open = brackets.partner[at] ?? at
      const body = bodyAfter(code, brackets, at)
      if (code[body]?.text === '=>') starts.set(body, open)
      else if (code[body]?.text === '{') add(open, brackets.partner[body] ?? body)
    } else if (token.text === '=>') {
      add(starts.get(at) ?? at - 1, arrowEnd(code, brackets, at + 1))
    }
  }
  return spans
}

function pairUp(code: readonly Token[]): Brackets {
  const partner: number[] = []
  const parent: number[] = []
  const open: number[] = []
  for (const [at, token] of code.entries()) {
    const opener = token.kind === 'punct' ? CLOSES[token.text] : undefined
    if (opener !== undefined && code[open.at(-1) ?? -1]?.text === opener) {
      const start = open.pop() ?? at
      partner[start] = at
      partner[at] = start
    }
    parent[at] = open.at(-1) ?? -1
    if (token.kind === 'punct' && '([{'.includes(token.text)) open.push(at)
  }
  return { partner, parent }
}

/** The `{` or `=>` that follows the parameters which close at `close`; -1 where they are no parameters. */
function bodyAfter(code: readonly Token[], brackets: Brackets, close: number): number {
  const open = brackets.partner[close]
  if (open === undefined || isControl(code, open)) return -1
  const next = code[close + 1]?.text
  if (next === '{' || next === '=>') return close + 1
  return next === ':' ? typeEnd(code, brackets, close + 2) : -1
}

function isControl(code: readonly Token[], open: number): boolean {
  const before = code[open - 1]?.text ?? ''
  const beforeThat = code[open - 2]?.text
  if (beforeThat === 'extends') return true
  return beforeThat !== '.' && (CONTROL.has(before) || (before === 'await' && beforeThat === 'for'))
}

/** The first token after a type: the `{` of a body, the `=>` of an arrow, or whatever says that it was no type. */
function typeEnd(code: readonly Token[], brackets: Brackets, start: number): number {
  let complete = false
  for (let at = start; at < code.length; at++) {
    const token = code[at]
    if (token === undefined) break
    const { kind, text } = token
    if (kind === 'word' && (text === 'is' || text === 'extends') && complete) complete = false
    else if (kind === 'word' && BEFORE_TYPE.has(text) && !complete) continue
    else if (kind !== 'punct') {
      if (complete) return at
      complete = true
    } else if (text === '<') at = angleEnd(code, at)
    else if (text === '[' || (!complete && (text === '{' || text === '('))) {
      at = brackets.partner[at] ?? at
      complete = true
    } else if ('|&.?:-'.includes(text)) complete = false
    else return at
  }
  return -1
}

function angleEnd(code: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < code.length; at++) {
    if (code[at]?.text === '<') depth++
    if (code[at]?.text === '>') depth--
    if (depth === 0) return at
  }
  return open
}

function arrowEnd(code: readonly Token[], brackets: Brackets, start: number): number {
  if (code[start]?.text === '{') return brackets.partner[start] ?? start
  for (let at = start; at < code.length; at++) {
    const token = code[at]
    if (token?.kind === 'punct' && /^[,;)\]}]$/.test(token.text)) return at - 1
    if (token?.kind === 'punct' && brackets.partner[at] !== undefined) at = brackets.partner[at] ?? at
    if (endsStatement(code[at], code[at + 1])) return at
  }
  return code.length - 1
}

const CARRIES_ON = /^(?:[.?:|&<>=+*%^([-]|=>|as|satisfies|instanceof|in|extends|is)$/

/** Whether a line break between two tokens ends the statement: this project writes no semicolons. */
function endsStatement(token: Token | undefined, next: Token | undefined): boolean {
  if (token === undefined || next === undefined || next.line === endLine(token)) return false
  const closed = token.kind === 'punct' ? CLOSES[token.text] !== undefined : true
  return closed && next.kind !== 'template' && !CARRIES_ON.test(next.text)
}

type Range = { readonly start: number; readonly end: number }

function spanOf(code: readonly Token[], brackets: Brackets, range: Range): FunctionSpan {
  const first = code[range.start]
  const last = code[range.end] ?? first
  if (first === undefined || last === undefined) return { line: 1, lines: 0, argumentOf: undefined }
  return {
    line: first.line,
    lines: endLine(last) - first.line + 1,
    argumentOf: calleeOf(code, brackets, range.start),
  }
}

/** `test` for the third bracket of `test.each([1])('...', () => {})`. */
function calleeOf(code: readonly Token[], brackets: Brackets, start: number): string | undefined {
  let open = brackets.parent[start] ?? -1
  let before = start - 1
  while (code[before]?.kind === 'word' || code[before]?.text === '*') before--
  if (code[open]?.text !== '(' || (code[before]?.text !== ',' && before !== open)) return undefined
  while (code[open - 1]?.text === ')') open = brackets.partner[open - 1] ?? 0
  let name = open - 1
  while (code[name - 1]?.text === '.') name -= 2
  return code[name]?.kind === 'word' ? code[name]?.text : undefined
}
