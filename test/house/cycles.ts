import { type Finding, finding } from './finding.ts'
import { importsOf, resolveFrom } from './imports.ts'
import { roomOf } from './rooms.ts'
import type { Source } from './source.ts'

type Edge = { readonly from: string; readonly to: string; readonly path: string; readonly line: number }

/** Cycles of value imports among files; and among rooms, where `import type` counts as well. */
export function checkCycles(sources: readonly Source[], files: ReadonlySet<string>): readonly Finding[] {
  const values: Edge[] = []
  const rooms: Edge[] = []
  for (const source of sources) {
    for (const one of importsOf(source)) {
      if (!one.specifier?.startsWith('.')) continue
      const target = resolveFrom(source.path, one.specifier, files)
      const edge = { path: source.path, line: one.line }
      if (!one.typeOnly) values.push({ ...edge, from: source.path, to: target })
      const from = roomOf(source.path)
      const to = roomOf(target)
      if (from !== undefined && to !== undefined && from !== to) rooms.push({ ...edge, from, to })
    }
  }
  return [
    ...findCycles(values).map((cycle) => cycleFinding(cycle, 'files import each other in a circle')),
    ...findCycles(rooms).map((cycle) => cycleFinding(cycle, 'rooms import each other in a circle')),
  ]
}

function cycleFinding(cycle: readonly Edge[], what: string): Finding {
  const first = cycle[0]
  const way = [first?.from, ...cycle.map((edge) => `${edge.to} (${edge.path}:${edge.line})`)].join(' -> ')
  return finding(first?.path ?? '', first?.line ?? 1, {
    rule: `${what}: ${way}`,
    remedy: 'Move what both need into a third file below them, or hand it over as an argument',
  })
}

/** One circle for each edge that leads back to where the walk came from; each name is walked once. */
function findCycles(edges: readonly Edge[]): readonly (readonly Edge[])[] {
  const leaving = Map.groupBy(edges, (edge) => edge.from)
  const done = new Set<string>()
  const cycles: (readonly Edge[])[] = []
  const walk = (name: string, way: readonly Edge[]) => {
    for (const edge of leaving.get(name) ?? []) {
      const start = edge.to === name ? way.length : way.findIndex((step) => step.from === edge.to)
      if (start >= 0) cycles.push([...way.slice(start), edge])
      else if (!done.has(edge.to)) walk(edge.to, [...way, edge])
    }
    done.add(name)
  }
  for (const name of leaving.keys()) if (!done.has(name)) walk(name, [])
  return cycles
}
