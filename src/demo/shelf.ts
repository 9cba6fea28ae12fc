import { isJsonObject } from '../protocol/mod.ts'
import { parseJson } from './answer.ts'

/**
 * Where the stand-in's orders outlive its process: lines of JSON, one for each state an order came to, oldest first.
 * The newest line of an id counts.
 */
export interface DemoShelf {
  /** What was appended so far. A line that is damaged does no harm. */
  load(): readonly string[]
  append(line: string): void
}

export function createMemoryShelf(): DemoShelf {
  const lines: string[] = []
  return { load: () => [...lines], append: (line) => void lines.push(line) }
}

/** The newest line of each order, of the `ordersMax` newest orders; damaged lines are left out. */
export function compactLines(lines: readonly string[], ordersMax: number): readonly string[] {
  const newest = new Map<number, string>()
  for (const line of lines) {
    const parsed = parseJson(line)
    if (!parsed.ok || !isJsonObject(parsed.value)) continue
    const { id } = parsed.value
    if (typeof id === 'number' && Number.isSafeInteger(id)) newest.set(id, line)
  }
  return [...newest]
    .toSorted(([left], [right]) => left - right)
    .slice(-ordersMax)
    .map(([, line]) => line)
}
