import type { BatchAnswer, FinalizeAnswer, ItemAnswer, LookAnswer, OdooAnswer, OdooCall } from '../../src/core/odoo.ts'
import { amountOf, canonical, Opaque } from '../../src/protocol/mod.ts'
import { claim } from './claim.ts'
import { DOWN, failed, failure, REFUSED } from './odoo_shop.ts'
import type { Play, Seen } from './play.ts'

/**
 * How a call ends. `lost`: it never arrived, and nobody knows; `landed`: carried out, the answer is lost; `late`: given
 * up, and carried out some time later; `odd`: a "yes" without an order; `closed`: no open session.
 */
export type Fate = 'well' | 'refuse' | 'busy' | 'down' | 'lost' | 'landed' | 'late' | 'closed' | 'odd'

export type Sale = { readonly orderId: number; readonly content: string }

type Late = { readonly posReference: string; readonly content: string; readonly at: number }

export type ModelOptions = {
  /** False: nothing keeps it from making two orders of one reference. */
  readonly isUnique?: boolean
  /** Its answers say `created`. */
  readonly tellsCreated?: boolean
  readonly canLook?: boolean
}

const PAID = /"(paid|done)"|"settles"/

/** A little Odoo with an add-on: one order for each reference, whatever becomes of its answers. */
export class OdooModel {
  /** By reference; more than one only where nothing keeps it from that. */
  readonly sales = new Map<string, Sale[]>()
  readonly late: Late[] = []
  readonly #shop: Play
  readonly #options: Required<ModelOptions>
  /** What was sent in each call, by call and reference: it does not change any more. */
  readonly #sent = new Map<OdooCall, Map<string, string>>()
  #orderId = 0

  constructor(shop: Play, { isUnique = true, tellsCreated = true, canLook = true }: ModelOptions = {}) {
    this.#shop = shop
    this.#options = { isUnique, tellsCreated, canLook }
    shop.onlookers.push((seen) => this.#look(seen))
  }

  saleOf(posReference: string): Sale | undefined {
    return this.sales.get(posReference)?.[0]
  }

  /** What was given up and may still be carried out. */
  mayLand(posReference: string): boolean {
    return this.late.some((one) => one.posReference === posReference)
  }

  /** A terminal sells it without the hub. */
  sell(posReference: string, content: string): Sale {
    const known = this.saleOf(posReference)
    if (known !== undefined && this.#options.isUnique) return known
    this.#orderId++
    const sale = { orderId: this.#orderId, content }
    this.sales.set(posReference, [...(this.sales.get(posReference) ?? []), sale])
    return sale
  }

  /** What was given up before is carried out when its time has come. */
  land(): void {
    for (const one of this.late.filter(({ at }) => at <= this.#shop.now)) {
      this.late.splice(this.late.indexOf(one), 1)
      this.sell(one.posReference, one.content)
    }
  }

  /** The process of the hub ends: what it had sent is on its own now. */
  orphan(fate: (call: OdooCall) => { readonly fate: Fate; readonly lateMs: number }): void {
    for (const call of this.#shop.calls) {
      const { fate: end, lateMs } = fate(call)
      this.#carryOut(call, end, lateMs)
    }
  }

  /** Ends a call; `lateMs`: how much later it is carried out, if it is late. */
  end(call: OdooCall, fate: Fate, { lateMs = 0, chance = 1 } = {}): void {
    this.land()
    this.#shop.answer(call, this.#answer(call, fate, lateMs), chance)
  }

  /** Each call as it is made: one a reference, one a session, four in all, and its intent on the disk. */
  #look({ outcome }: Seen): void {
    for (const effect of outcome.effects) {
      if (effect.kind !== 'call') continue
      const contents = effect.call.items.map((item) => {
        const order = this.#shop.hub.groups.get(item.group)
        const content = order?.orders.get(item.posReference) ?? order?.closedWhole.get(item.posReference)
        return [item.posReference as string, content?.snapshot.json ?? '{}'] as const
      })
      this.#sent.set(effect.call, new Map(contents))
      this.#checkFlying()
      this.#checkIntent(effect.call)
    }
  }

  #checkFlying(): void {
    const { calls } = this.#shop
    const writing = calls.filter(({ what }) => what === 'finalize' || what === 'batch')
    const references = writing.flatMap(({ items }) => items.map(({ posReference }) => posReference))
    claim(new Set(references).size === references.length, () => `two calls in flight for one of ${references.join()}`)
    const lanes = writing.map(({ items }) => items[0]?.configId)
    claim(new Set(lanes).size === lanes.length, () => `two calls in flight for one session of ${lanes.join()}`)
    claim(calls.length <= 4, () => `${calls.length} calls in flight`)
  }

  #checkIntent({ what, items }: OdooCall): void {
    if (what !== 'finalize' && what !== 'batch') return
    const read = this.#shop.store?.recover()
    if (read?.ok !== true) return
    const rows = read.stored.groups.flatMap(({ outbox }) => outbox)
    for (const { posReference, version } of items) {
      const row = rows.find((one) => one.posReference === posReference)
      const isThere = row !== undefined && row.sentAt !== null && row.sentVersion === version
      claim(isThere, () => `${posReference} was sent at version ${version}, on the disk is ${JSON.stringify(row)}`)
    }
  }

  #carryOut(call: OdooCall, fate: Fate, lateMs: number): void {
    if (call.what !== 'finalize' && call.what !== 'batch') return
    for (const [posReference, content] of this.#sent.get(call) ?? []) {
      if (call.what === 'batch' && !PAID.test(content)) continue
      if (fate === 'landed') this.sell(posReference, content)
      if (fate === 'late') this.late.push({ posReference, content, at: this.#shop.now + lateMs })
    }
  }

  #answer(call: OdooCall, fate: Fate, lateMs: number): OdooAnswer {
    const { what } = call
    this.#carryOut(call, fate, lateMs)
    if (fate === 'down') return failed(what, 'transient', DOWN)
    if (fate === 'busy') return failed(what, 'transient')
    if (fate === 'lost' || fate === 'landed' || fate === 'late') return failed(what, 'ambiguous')
    switch (what) {
      case 'probe':
        return { what, answer: { kind: 'probed', failure: null } }
      case 'look':
      case 'sweep':
        return { what, answer: this.#list(call) }
      case 'finalize':
        return this.#finalize(call, fate)
      case 'batch':
        return { what, answer: this.#batch(call, fate) }
    }
  }

  #list({ items }: OdooCall): LookAnswer {
    if (!this.#options.canLook) return { kind: 'cannot' }
    const orders = items.flatMap(({ posReference }) => {
      return (this.sales.get(posReference) ?? []).map(({ orderId, content }) => {
        return {
          posReference: posReference as string,
          orderId,
          state: 'paid',
          amountTotal: amountOf(content),
          configId: 7,
        }
      })
    })
    return { kind: 'looked', orders }
  }

  #finalize(call: OdooCall, fate: Fate): OdooAnswer {
    const [sent] = this.#sent.get(call) ?? []
    const [posReference, content] = sent ?? ['', '']
    const isNew = this.saleOf(posReference) === undefined
    if (isNew && fate === 'refuse') return REFUSED
    if (isNew && fate === 'closed') return failed('finalize', 'waiting')
    if (isNew && fate === 'odd') return { what: 'finalize', answer: NO_ORDER }
    return { what: 'finalize', answer: this.#make(posReference, content) }
  }

  #batch(call: OdooCall, fate: Fate): BatchAnswer {
    if (fate === 'closed') return { kind: 'failed', failure: failure('waiting') }
    const results = new Map<string, ItemAnswer>()
    for (const [posReference, content] of this.#sent.get(call) ?? []) {
      const isNew = this.saleOf(posReference) === undefined
      if (!PAID.test(content)) results.set(posReference, { kind: 'stored' })
      else if (isNew && fate === 'refuse') results.set(posReference, { kind: 'failed', failure: failure('refused') })
      else if (isNew && fate === 'odd') results.set(posReference, NO_ORDER)
      else results.set(posReference, this.#make(posReference, content))
    }
    return { kind: 'batched', results }
  }

  #make(posReference: string, content: string): Exclude<FinalizeAnswer, { kind: 'failed' }> {
    const known = this.#options.isUnique ? this.saleOf(posReference) : undefined
    if (known !== undefined && canonical(JSON.parse(known.content)) !== canonical(JSON.parse(content))) {
      return { kind: 'conflict', orderId: known.orderId, theirs: new Opaque(known.content), text: 'Other content' }
    }
    const { orderId } = this.sell(posReference, content)
    const created = this.#options.tellsCreated ? known === undefined : null
    return { kind: 'made', orderId, lineIdMap: new Opaque(`{"of":${orderId}}`), fiscal: null, created }
  }
}

const NO_ORDER = { kind: 'no_order', theirs: new Opaque('{"success":true}'), text: 'Odoo made no order' } as const
