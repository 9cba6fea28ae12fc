import { createOdooFetch } from '../../src/bun/odoo_fetch.ts'
import { createOdoo, type OdooRoad } from '../../src/upstream/odoo.ts'
import type { OdooSettings } from '../../src/upstream/settings.ts'
import { FakeClock } from '../engine/fake_clock.ts'
import { KeptLog } from '../support/clock.ts'
import { SETTINGS } from './road.ts'

/** A request as it came over the wire. */
export type Seen = {
  readonly line: string
  /** Those that are ours to choose. */
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

export type RealStage = AsyncDisposable & { readonly road: OdooRoad; readonly seen: Seen[] }

const OF_HTTP = new Set(['host', 'connection', 'accept-encoding', 'content-length', 'user-agent', 'accept'])

/** A road to a real HTTP server, which answers with what `answer` gives for the path and the number of the request. */
export function realStage(
  settings: Partial<OdooSettings>,
  answer: (path: string, count: number) => Response,
): RealStage {
  const seen: Seen[] = []
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const headers = [...request.headers].filter(([name]) => !OF_HTTP.has(name))
      const line = `${request.method} ${pathname}`
      seen.push({ line, headers: Object.fromEntries(headers), body: await request.text() })
      return answer(pathname, seen.length)
    },
  })
  const url = `http://127.0.0.1:${server.port}`
  const parts = { clock: new FakeClock(), log: new KeptLog(), fetch: createOdooFetch({ certificates: null }) }
  const road = createOdoo({ ...parts, settings: { ...SETTINGS, url, ...settings } })
  return { road, seen, [Symbol.asyncDispose]: () => server.stop(true) }
}
