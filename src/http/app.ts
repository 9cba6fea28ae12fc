import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { Log } from '../engine/ports.ts'
import type { View } from '../engine/view.ts'
import { type HealthParts, healthOf } from './health.ts'

export type HttpParts = HealthParts & { readonly view: View; readonly log: Log }

/** Nothing is loaded; whoever tries the hub from the console of one of these pages may speak with it. */
const CONTENT_POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"

/** The window: what probes and people may see. Everything here is read-only. */
export function createApp(parts: HttpParts): Hono {
  const { view, log } = parts
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.header('Cache-Control', 'no-store')
    c.header('X-Content-Type-Options', 'nosniff')
    c.header('Content-Security-Policy', CONTENT_POLICY)
    c.header('Referrer-Policy', 'no-referrer')
  })
  app.get('/health', (c) => c.json(healthOf(parts)))
  app.get('/livez', (c) => c.json({ live: true }))
  app.get('/readyz', (c) => {
    const readiness = view.readiness()
    return c.json(readiness, readiness.ready ? 200 : 503)
  })
  app.get('/', (c) => {
    const { version } = parts
    return c.json({ name: 'pos-hub', version, terminals: 'Connect by WebSocket, on any path.', see: PAGES })
  })
  app.notFound((c) => c.json({ error: 'There is nothing here.', see: PAGES }, 404))
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse()
    log.error('a request failed', { path: c.req.path, error: String(error) })
    return c.json({ error: 'The hub could not answer; its log says why.' }, 500)
  })
  return app
}

const PAGES = ['/health', '/livez', '/readyz']
