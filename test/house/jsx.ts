import { type Reader, skipSpace, take } from './reader.ts'

/** The JSX half of the tokenizer: tags and what stands between them are `text`; what stands in `{}` is code again. */

const OPEN_TAG = /<[\w$.:-]*/y
const CLOSE_TAG = /<\/[^>]*>?/y
const TAG_END = /\/?>/y
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y
const QUOTED = /"[^"]*"?|'[^']*'?/y
const ATTRIBUTE = /[^\s{}>"'/]+|\//y
const CHILD_TEXT = /[^<{]+/y
const BRACE = /[{}]/y

/** Reads code up to a `}` that was not opened there. */
type ReadCode = (reader: Reader) => void

/**
 * Whether a `<` where a value is due opens an element. In a `.tsx` file a generic arrow function is written `<T,>` or
 * `<T extends`, a generic type `<T>(`.
 */
export function startsElement(reader: Reader): boolean {
  const ahead = reader.text.slice(reader.at, reader.at + 200)
  return /^<(?:>|(?![A-Z]\w*>\()[A-Za-z][\w.:-]*(?!\s*,|\s+extends\s|[\w.:-]))/.test(ahead)
}

export function readElement(reader: Reader, readCode: ReadCode): void {
  take(reader, OPEN_TAG, 'text')
  if (readAttributes(reader, readCode)) readChildren(reader, readCode)
}

/** Whether the tag stays open for children. */
function readAttributes(reader: Reader, readCode: ReadCode): boolean {
  for (;;) {
    skipSpace(reader)
    const next = reader.text[reader.at]
    if (next === undefined) return false
    if (take(reader, COMMENT, 'comment')) continue
    if (take(reader, TAG_END, 'text')) return reader.last?.text === '>'
    if (next === '{') readBraces(reader, readCode)
    else if (!take(reader, QUOTED, 'string') && !take(reader, ATTRIBUTE, 'text')) take(reader, BRACE, 'punct')
  }
}

function readChildren(reader: Reader, readCode: ReadCode): void {
  for (;;) {
    const next = reader.text[reader.at]
    if (next === undefined) return
    if (next === '{') readBraces(reader, readCode)
    else if (next !== '<') take(reader, CHILD_TEXT, 'text')
    else if (take(reader, CLOSE_TAG, 'text')) return
    else readElement(reader, readCode)
  }
}

function readBraces(reader: Reader, readCode: ReadCode): void {
  take(reader, BRACE, 'punct')
  readCode(reader)
  take(reader, BRACE, 'punct')
}
