/**
 * The stand-in Odoo: for tests, and for whoever tries the hub without an Odoo. `createDemoOdoo(options)` makes one;
 * `fetch(request)` answers as Odoo with the hub's add-on does, by `/jsonrpc`, `/json/2`, the add-on's REST way and web
 * sessions. `src/bun/demo_server.ts` puts it on a real port.
 *
 * In a test: `odoo.faults.next('drop_after')` for one call, `odoo.faults.set({ rates: { drop_after: 0.3 } })` for many,
 * `refuse(reference, reason)`, `closeSession(configId)`, `changePassword(login, password)`; afterwards `paidOrders()`,
 * `ordersOf(reference)`, `duplicates()`, `calls()` and `peaks()` tell what became of it.
 */
export type { Answer } from './answer.ts'
export type { DemoPosSession } from './database.ts'
export type { Series } from './error.ts'
export {
  type DemoDelays,
  type DemoFault,
  DemoFaults,
  type DemoRates,
  type DemoScope,
  FAULTS,
  type FaultOptions,
  type OrderedFault,
} from './fault.ts'
export { BODY_BYTES_MAX, KEPT_ORDERS_MAX } from './limits.ts'
export { createDemoOdoo, DemoOdoo, type DemoOptions, type DemoWays } from './odoo.ts'
export type { DemoOrder } from './order.ts'
export type { DemoCall, DemoPeaks, DemoWay } from './record.ts'
export type { RestOptions } from './rest.ts'
export { compactLines, createMemoryShelf, type DemoShelf } from './shelf.ts'
export { type DemoUser, MANAGER_GROUP, USER_GROUP } from './user.ts'
