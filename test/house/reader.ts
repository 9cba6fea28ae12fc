/** The hand of the tokenizer: where it stands in a text, what it has taken, and how it takes the next token. */

/** `template` is one piece of a template literal between two `${}`; `text` is what JSX shows and its tags. */
export type Kind = 'word' | 'number' | 'punct' | 'string' | 'template' | 'regex' | 'comment' | 'text'

export type Token = { readonly kind: Kind; readonly text: string; readonly start: number; readonly line: number }

export type Reader = {
  readonly text: string
  readonly jsx: boolean
  readonly tokens: Token[]
  at: number
  line: number
  /** The newest token that is no comment. */
  last: Token | undefined
  /** Whether `last` follows a dot, so that a keyword there is only a name. */
  afterDot: boolean
  /** For every open round bracket, whether it belongs to `if (`, `while (` and the like. */
  readonly control: boolean[]
  closedControl: boolean
}

const SPACE = /\s+/y
const CONTROL: ReadonlySet<string> = new Set(['if', 'while', 'for', 'with'])

export function createReader(text: string, jsx: boolean): Reader {
  return {
    text,
    jsx,
    tokens: [],
    at: 0,
    line: 1,
    last: undefined,
    afterDot: false,
    control: [],
    closedControl: false,
  }
}

export function skipSpace(reader: Reader): void {
  SPACE.lastIndex = reader.at
  const space = SPACE.exec(reader.text)?.[0]
  if (space !== undefined) move(reader, space)
}

/** Takes one token if it stands here; `pattern` must be sticky. */
export function take(reader: Reader, pattern: RegExp, kind: Kind): boolean {
  pattern.lastIndex = reader.at
  const text = pattern.exec(reader.text)?.[0]
  if (text === undefined || text === '') return false
  const token = { kind, text, start: reader.at, line: reader.line }
  reader.tokens.push(token)
  if (kind !== 'comment') follow(reader, token)
  move(reader, text)
  return true
}

function follow(reader: Reader, token: Token): void {
  if (token.text === '(') reader.control.push(CONTROL.has(reader.last?.text ?? '') && !reader.afterDot)
  if (token.text === ')') reader.closedControl = reader.control.pop() ?? false
  reader.afterDot = reader.last?.text === '.'
  reader.last = token
}

function move(reader: Reader, text: string): void {
  reader.at += text.length
  reader.line += text.split('\n').length - 1
}
