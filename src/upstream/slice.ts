import { scanTopLevel, stringEnd } from '../protocol/scan.ts'

/**
 * Takes values out of an answer as text, so that big integers and odd keys in them survive. Every text that comes here
 * was parsed before, and is good JSON.
 */

/** The values of some top-level fields, as text; a field that is not there is missing. */
export function sliceFields(text: string, keys: readonly string[]): ReadonlyMap<string, string> {
  const { extents } = scanTopLevel(text, keys)
  return new Map([...extents].map(([key, [start, end]]) => [key, text.slice(start, end)]))
}

/** The elements of an array, as text. Without a pattern: one gives up in silence on a string of two million characters. */
export function sliceElements(text: string): readonly string[] {
  const elements: string[] = []
  let depth = 0
  let start = text.indexOf('[') + 1
  const end = (at: number) => {
    const element = text.slice(start, at).trim()
    if (element !== '') elements.push(element)
    start = at + 1
  }
  for (let at = 0; at < text.length; at++) {
    const mark = text[at]
    if (mark === '"') at = stringEnd(text, at)
    else if (mark === '[' || mark === '{') depth++
    else if (mark === ']' || mark === '}') {
      depth--
      if (depth === 0) end(at)
    } else if (mark === ',' && depth === 1) end(at)
  }
  return elements
}

/** What the text holds, or undefined where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
