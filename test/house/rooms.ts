import { type Finding, finding } from './finding.ts'
import { type Import, importsOf, resolveFrom } from './imports.ts'
import type { Source } from './source.ts'

/** What a room may import beside its own files. `types` means by `import type` only. */
type Permit = { readonly to: string; readonly types?: true } | { readonly npm: string; readonly but?: RegExp }

const PROTOCOL: Permit = { to: 'protocol' }
const PORTS: Permit = { to: 'engine/ports' }
/** Adapters of a runtime belong to the porch. */
const HONO: Permit = {
  npm: 'hono',
  but: /^hono\/(?:bun|deno|node|cloudflare|vercel|netlify|aws|lambda|service-worker)/,
}
const DRIZZLE: Permit = { npm: 'drizzle-orm', but: /^drizzle-orm\/bun/ }

/** DESIGN.md's table. `anything` is for the rooms where the parts are joined. */
export const ROOMS: { readonly [room: string]: readonly Permit[] | 'anything' } = {
  protocol: [{ npm: 'zod' }],
  core: [PROTOCOL],
  engine: [{ to: 'core' }, PROTOCOL],
  store: [PORTS, { to: 'core' }, PROTOCOL, { to: 'db/schema' }, DRIZZLE],
  upstream: [PORTS, { to: 'core', types: true }, PROTOCOL],
  gateway: [PORTS, { to: 'core', types: true }, PROTOCOL],
  signin: [{ to: 'engine/ports', types: true }, PROTOCOL, { npm: 'hono/jwt' }],
  http: [PORTS, { to: 'engine/view' }, PROTOCOL, HONO, { npm: 'zod' }, { npm: '@hono/zod-validator' }],
  realtime: [PROTOCOL],
  till: [{ to: 'realtime' }, PROTOCOL],
  config: [PROTOCOL],
  demo: [PROTOCOL],
  bun: 'anything',
  'db/schema': [DRIZZLE, { to: 'protocol', types: true }],
  'db/migrations': 'anything',
  /** Tells TypeScript that an SQL file is text. */
  'db/sql': [],
}

/** `src/core/lease.ts` is `core/lease`, `db/schema.ts` is `db/schema`. */
function placeOf(path: string): string {
  return path.replace(/^src\//, '').replace(/(?:\.d)?\.[a-z]+$/, '')
}

/** The room of a file, or undefined for tests and for what builds the house. */
export function roomOf(path: string): string | undefined {
  if (!/^(?:src|db)\//.test(path)) return undefined
  const parts = placeOf(path).split('/')
  return (path.startsWith('db/') ? parts.slice(0, 2) : parts.slice(0, 1)).join('/')
}

function isIn(place: string, room: string): boolean {
  return place === room || place.startsWith(`${room}/`)
}

/** Holds the import table for one file; `files` are all files of the repository. */
export function checkImports(source: Source, files: ReadonlySet<string>): readonly Finding[] {
  const room = roomOf(source.path)
  if (room === undefined) return []
  const permits = ROOMS[room]
  if (permits === undefined) return [unknownRoom(source, room)]
  const jsx = source.path.endsWith('x') ? [{ specifier: 'hono/jsx/jsx-runtime', typeOnly: false, line: 1 }] : []
  return [...importsOf(source), ...jsx].flatMap((one) => {
    if (permits !== 'anything' && isRuntime(one.specifier)) return [runtimeImport(source, room, one)]
    if (one.specifier === undefined) return permits === 'anything' ? [] : [computedImport(source, one)]
    const target = one.specifier.startsWith('.') ? resolveFrom(source.path, one.specifier, files) : undefined
    if (isAllowed(room, permits, one, target)) return []
    return [forbiddenImport(source, room, one)]
  })
}

function isRuntime(specifier: string | undefined): boolean {
  return specifier !== undefined && /^(?:bun|node):|^bun$/.test(specifier)
}

function isAllowed(room: string, permits: readonly Permit[] | 'anything', one: Import, target?: string): boolean {
  if (target?.startsWith('test/')) return false
  if (permits === 'anything' || (target !== undefined && isIn(placeOf(target), room))) return true
  return permits.some((permit) => {
    if ('npm' in permit) {
      const name = one.specifier ?? ''
      return target === undefined && isIn(name, permit.npm) && !permit.but?.test(name)
    }
    return target !== undefined && isIn(placeOf(target), permit.to) && (permit.types !== true || one.typeOnly)
  })
}

/** The table's line for a room, in words. */
export function allowance(room: string): string {
  const permits = ROOMS[room]
  if (permits === undefined || permits === 'anything') return 'anything but test'
  return permits
    .map((permit) => {
      if ('npm' in permit) return permit.but === undefined ? permit.npm : `${permit.npm} (no adapter of a runtime)`
      return permit.types ? `${permit.to} (import type only)` : permit.to
    })
    .concat(permits.length === 0 ? ['nothing'] : [])
    .join(', ')
}

function unknownRoom(source: Source, room: string): Finding {
  return finding(source.path, 1, {
    rule: `the design has no room "${room}"`,
    remedy: 'Move the file into a room of DESIGN.md, or add the room and what it may import to test/house/rooms.ts',
  })
}

function runtimeImport(source: Source, room: string, one: Import): Finding {
  return finding(source.path, one.line, {
    rule: `room "${room}" imports "${one.specifier}", and only src/bun may name the runtime`,
    remedy: 'Take it through a port of src/engine/ports.ts that src/bun fills',
  })
}

function computedImport(source: Source, one: Import): Finding {
  return finding(source.path, one.line, {
    rule: 'an import whose name is computed cannot be judged',
    remedy: 'Write the name as a plain string, or move the line to src/bun',
  })
}

function forbiddenImport(source: Source, room: string, one: Import): Finding {
  return finding(source.path, one.line, {
    rule: `room "${room}" may not import "${one.specifier}"${one.typeOnly ? '' : ' as a value'}`,
    remedy: `It may import ${allowance(room)}: turn the arrow round with a port, or move the code to a room that may`,
  })
}
