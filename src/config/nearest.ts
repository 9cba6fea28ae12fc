/** A name longer than this is no slip of the finger, and comparing it would cost its square. */
const CHARACTERS_MAX = 64

/** The known name that a wrong one was most likely meant to be, or null: a bad guess is worse than none. */
export function nearestName(given: string, names: Iterable<string>): string | null {
  const bare = bareName(given)
  if (bare.length === 0 || bare.length > CHARACTERS_MAX) return null
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(bare.length / 3)) + 1
  for (const name of names) {
    const far = distance(bare, bareName(name))
    if (far < bestDistance) [best, bestDistance] = [name, far]
  }
  return best ?? shortestBeginning(bare, names)
}

/** `--db` for `--db-path`: the beginning of a name, whatever it lacks. */
function shortestBeginning(bare: string, names: Iterable<string>): string | null {
  const found = [...names].filter((name) => bare.length > 1 && bareName(name).startsWith(bare))
  return found.toSorted((a, b) => a.length - b.length)[0] ?? null
}

/** `HUB_HTTP_PORT`, `--http-port` and `httpPort` are one name in three dresses. */
function bareName(name: string): string {
  return name
    .replace(/^hub[_-]/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
}

/** Letters to add, drop, change or swap with their neighbour (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = cell(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? cell(beforeLast, j - 2) + 1 : change
      row.push(Math.min(cell(last, j) + 1, cell(row, j - 1) + 1, change, swap))
    }
    beforeLast = last
    last = row
  }
  return cell(last, b.length)
}

function cell(row: readonly number[], at: number): number {
  return row[at] ?? Number.POSITIVE_INFINITY
}
