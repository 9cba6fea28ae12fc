/**
 * Finds where the values of some top-level keys stand in a JSON text, and how deep it nests, in one pass and without
 * recursion. It does not judge the text: `JSON.parse` does that afterwards. On invalid JSON the result means nothing,
 * but the pass ends.
 */
export type Extent = readonly [start: number, end: number]

export type Scan = {
  readonly depth: number
  /** The last one of each key, as `JSON.parse` takes the last one. */
  readonly extents: ReadonlyMap<string, Extent>
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

export function scanTopLevel(text: string, keys: readonly string[]): Scan {
  const extents = new Map<string, Extent>()
  let depth = 0
  let deepest = 0
  let keyStart = -1
  let keyEnd = -1
  let valueStart = -1
  const close = (end: number) => {
    if (valueStart < 0) return
    const key = readKey(text, keyStart, keyEnd)
    if (keys.includes(key)) extents.set(key, trim(text, valueStart, end))
    valueStart = -1
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = stringEnd(text, at)
      if (depth === 1 && valueStart < 0) {
        keyStart = at
        keyEnd = end + 1
      }
      at = end
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      depth++
      if (depth > deepest) deepest = depth
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      if (depth === 1) close(at)
      depth--
    } else if (depth === 1 && code === COLON && valueStart < 0) {
      valueStart = at + 1
    } else if (depth === 1 && code === COMMA) {
      close(at)
    }
  }
  return { depth: deepest, extents }
}

/** The index of the closing quote of the string that opens at `open`; the end of the text if it never closes. */
export function stringEnd(text: string, open: number): number {
  let from = open + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote < 0) return text.length
    let slashes = 0
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH && quote - 1 - slashes > open) slashes++
    if (slashes % 2 === 0) return quote
    from = quote + 1
  }
}

/** A key may be written with escapes: `"snap\u0073hot"` is the same key. */
function readKey(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1)
  if (!raw.includes('\\')) return raw
  try {
    return String(JSON.parse(text.slice(start, end)))
  } catch {
    return raw
  }
}

function trim(text: string, start: number, end: number): Extent {
  let first = start
  let last = end
  while (first < last && text.charCodeAt(first) <= 0x20) first++
  while (last > first && text.charCodeAt(last - 1) <= 0x20) last--
  return [first, last]
}
