import { expect } from 'bun:test'
import { refreshDeadline } from '../../src/core/evolve.ts'
import { hubFrom, remembered } from '../../src/core/stored.ts'
import { claim } from './claim.ts'
import type { OdooModel } from './odoo_model.ts'
import type { Play, Seen } from './play.ts'
import { dayOf } from './stage.ts'

/** Never too late, and never so that the hub could not rest. */
export function checkDeadline({ hub, now }: Play): void {
  const { nextDeadline } = hub
  refreshDeadline(hub)
  const due = hub.nextDeadline
  hub.nextDeadline = nextDeadline
  claim(nextDeadline <= due, () => `the hub would wake at ${nextDeadline}, and something is due at ${due}`)
  claim(due > now, () => `something was due at ${due}, and it is ${now}`)
}

/** What the disk gives back is what memory holds. */
export function checkDisk({ store, hub, settings, moment }: Play): void {
  const read = store?.recover()
  if (read?.ok !== true) throw new Error('the store cannot be read')
  const again = hubFrom(read.stored, settings, moment, dayOf(read.stored.newestWall))
  const isSame = Bun.deepEquals(remembered(again), remembered(hub))
  if (!isSame) expect(remembered(again)).toEqual(remembered(hub))
  claim(
    again.newestWall === hub.newestWall,
    () => `the newest time is ${hub.newestWall}, on the disk ${again.newestWall}`,
  )
  claim(again.snapshotChars === hub.snapshotChars, () => 'the disk holds another amount of text')
}

/** What must be so of payments after each step, whatever Odoo does: P2 and P3 of the promises. */
export function watchPayments(shop: Play, model: OdooModel, isUnique = true): void {
  const finals = new Map<string, number>()
  shop.onlookers.push(({ command, outcome }: Seen) => {
    for (const change of outcome.changes) {
      if (change.kind !== 'order_marked' && change.kind !== 'order_versioned') continue
      const { posReference, state, result } = change.record
      const known = finals.get(posReference)
      const orderId = result?.orderId
      claim(known === undefined || known === orderId, () => `${posReference} was order ${known} and became ${orderId}`)
      if (orderId !== undefined) finals.set(posReference, orderId)
      if (command?.kind !== 'odoo_answered') continue
      const ids = model.sales.get(posReference)?.map((sale) => sale.orderId) ?? []
      const isMade = orderId !== undefined && ids.includes(orderId)
      claim(state !== 'final' || isMade, () => `${posReference} is final as ${orderId}, Odoo has ${ids.join()}`)
      if (state !== 'refused' || !isUnique) continue
      claim(ids.length === 0, () => `${posReference} is refused, and Odoo has it as ${ids.join()}`)
      claim(!model.mayLand(posReference), () => `${posReference} is refused, and an old call may still make it`)
    }
  })
}

/** The faults are over: time passes, and every call ends well. */
export function calm(shop: Play, model: OdooModel, minutes: number): void {
  for (let second = 0; second < 60 * minutes; second++) {
    for (let count = 0; shop.calls.length > 0 && count < CALLS_A_SECOND; count++) {
      for (const call of [...shop.calls]) model.end(call, 'well')
      shop.advance(5)
    }
    if (shop.hub.nextDeadline === Number.POSITIVE_INFINITY) return
    const waitMs = Math.min(Math.max(shop.hub.nextDeadline - shop.now, 0), 1_000)
    shop.advance(waitMs)
  }
}

/** More than one second of calls, one after the other. */
const CALLS_A_SECOND = 300

/** What must be so when all is over: one order for each sale that is final, none for one that is refused. */
export function checkConverged(shop: Play, model: OdooModel, entered: ReadonlySet<string>): void {
  for (const { row } of shop.group.outbox.values()) {
    claim(row.isParked, () => `${row.posReference} still waits for Odoo: ${JSON.stringify(row)}`)
  }
  for (const [posReference, { record }] of shop.group.orders) {
    const { state, status } = record
    const isParked = shop.group.outbox.get(posReference)?.row.isParked === true
    claim(state !== 'finalizing', () => `${posReference} is finalizing for ever`)
    claim(state !== 'open' || status !== 'paid' || isParked, () => `${posReference} is paid, and nobody has it`)
    const isGone = state === 'parked' || model.saleOf(posReference) === undefined
    claim(isGone || isParked, () => `${posReference} is ${state}, and Odoo has it as paid`)
  }
  for (const [posReference, { state, orderId }] of shop.group.closed) {
    if (state !== 'final' || entered.has(posReference)) continue
    const sales = model.sales.get(posReference) ?? []
    claim(sales.length === 1, () => `${posReference} is final, and Odoo has ${sales.length} orders for it`)
    claim(sales[0]?.orderId === orderId, () => `${posReference} is ${orderId} here and ${sales[0]?.orderId} in Odoo`)
  }
}
