import { DEMO_ACCESS, type DemoServer } from '../../src/bun/demo_server.ts'
import type { JsonObject } from '../../src/protocol/mod.ts'
import { at, rpc } from './demo.ts'

/** A till on the direct road: it pays at Odoo itself. The result is Odoo's order id. */
export async function payDirectly(
  server: Pick<DemoServer, 'url'>,
  posReference: string,
  snapshot: JsonObject,
): Promise<number> {
  const whole = { configId: 1, ...snapshot, posReference }
  const response = await fetch(`${server.url}/jsonrpc`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(rpc('hub_finalize_snapshot', [whole], { password: DEMO_ACCESS.password })),
  })
  const answer: unknown = await response.json()
  const orderId = at(answer, 'result', 'order_id')
  if (typeof orderId !== 'number') throw new Error(`Odoo did not take ${posReference}: ${JSON.stringify(answer)}`)
  return orderId
}
