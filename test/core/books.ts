import type { Change } from '../../src/core/outcome.ts'
import type { OrderRecord, Terminal } from '../../src/core/state.ts'
import { isActive, type OrderState } from '../../src/protocol/mod.ts'
import { claim } from './claim.ts'
import type { Play, Seen } from './play.ts'
import { GROUP, type Hearer } from './stage.ts'

/** Where a terminal's word may lead an order. */
const LEADS: { readonly [S in OrderState]: readonly OrderState[] } = {
  open: ['open', 'finalizing', 'discarded'],
  refused: ['refused', 'finalizing', 'discarded'],
  discarded: ['open', 'finalizing'],
  finalizing: [],
  parked: [],
  final: [],
}

/** Where Odoo's answers lead one, and people who were asked for help. */
const ODOO_LEADS: { readonly [S in OrderState]: readonly OrderState[] } = {
  open: ['final', 'parked', 'discarded'],
  refused: ['final', 'finalizing', 'parked'],
  discarded: [],
  finalizing: ['final', 'refused', 'parked'],
  parked: ['final', 'finalizing'],
  final: [],
}

/** An auditor of orders, with books of its own: versions, states, `seq`, and what each screen shows. */
export class Books {
  readonly #shop: Play
  readonly #orders = new Map<string, OrderRecord>()
  /** By device, whatever its terminal is called: the version of each order that it was told. */
  readonly #screens = new Map<Hearer, Map<string, number>>()
  #seq = 0

  constructor(shop: Play) {
    this.#shop = shop
    shop.onlookers.push((seen) => this.#look(seen))
  }

  /** The version of an order, 0 where it has none. */
  version(posReference: string): number {
    return this.#orders.get(posReference)?.version ?? 0
  }

  state(posReference: string): OrderState | null {
    return this.#orders.get(posReference)?.state ?? null
  }

  #look({ command, outcome }: Seen): void {
    const isOdoo = command === null
    const changed: number[] = []
    for (const change of outcome.changes) {
      const seq = seqOf(change)
      if (seq !== null) changed.push(seq)
      if (change.kind !== 'order_versioned' && change.kind !== 'order_marked') continue
      const leads = command?.kind === 'odoo_answered' || command?.kind === 'asked' ? ODOO_LEADS : LEADS
      this.#order(change.record, change.kind === 'order_versioned', isOdoo ? null : leads)
      if (change.kind === 'order_versioned') this.#showAuthor(change.record)
      if (isOdoo && !isActive(change.record.state)) this.#closeForAll(change.record)
    }
    this.#counts(changed, outcome, isOdoo)
    for (const effect of outcome.effects) this.#hear(effect)
    this.#compare()
  }

  #order(record: OrderRecord, isVersion: boolean, leads: typeof LEADS | null): void {
    const { posReference, version, state } = record
    const before = this.#orders.get(posReference)
    const known = before?.version ?? 0
    claim(isVersion ? version > known : version === known, () => `${posReference}: version ${known} became ${version}`)
    if (before !== undefined && leads !== null) {
      claim(leads[before.state].includes(state), () => `${posReference} was ${before.state} and became ${state}`)
    }
    this.#orders.set(posReference, record)
  }

  /** `seq` grows by one with each change that is broadcast, and every such change is. */
  #counts(changed: readonly number[], outcome: Seen['outcome'], isOdoo: boolean): void {
    for (const seq of changed) {
      this.#seq++
      claim(seq === this.#seq, () => `seq went from ${this.#seq - 1} to ${seq}`)
    }
    const told = outcome.effects.flatMap((effect) => {
      return effect.kind === 'broadcast' && 'seq' in effect.message ? [effect.message.seq] : []
    })
    const isTold = isOdoo || (told.length === changed.length && told.every((seq, at) => seq === changed[at]))
    claim(isTold, () => `changes ${changed.join()} were broadcast as ${told.join()}`)
    const held = this.#shop.hub.groups.get(GROUP)?.seq ?? 0
    claim(held === this.#seq, () => `the hub is at seq ${held}, its changes at ${this.#seq}`)
  }

  /** As ORDER_FINALIZED would have it, for those who are there; who is away hears it on return. */
  #closeForAll({ posReference }: OrderRecord): void {
    for (const line of this.#shop.hub.lines.keys()) {
      const hearer = this.#shop.hearerOn(line)
      if (hearer !== undefined) this.#screens.get(hearer)?.delete(posReference)
    }
  }

  #showAuthor(record: OrderRecord): void {
    const line = this.#shop.hub.terminals.get(record.author)?.line ?? null
    const hearer = line === null ? undefined : this.#shop.hearerOn(line)
    if (hearer !== undefined) this.#show(hearer, record)
  }

  #show(hearer: Hearer, order: { readonly posReference: string; readonly version: number }): void {
    const screen = this.#screens.get(hearer) ?? new Map<string, number>()
    this.#screens.set(hearer, screen.set(order.posReference, order.version))
  }

  #hear(effect: Seen['outcome']['effects'][number]): void {
    if (effect.kind !== 'send' && effect.kind !== 'broadcast') return
    const { message } = effect
    for (const line of this.#shop.hub.lines.keys()) {
      const isFor = effect.kind === 'send' ? effect.line === line : effect.except !== line && effect.group === GROUP
      const hearer = isFor ? this.#shop.hearerOn(line) : undefined
      if (hearer === undefined) continue
      // Who asks for the lease of a closed order is shown it too, with its state.
      if (message.type === 'ORDER_UPDATED' && isActive(message.state)) this.#show(hearer, message)
      const isClosing = message.type === 'ORDER_DISCARDED' || message.type === 'ORDER_FINALIZED'
      if (isClosing && effect.kind === 'broadcast') {
        this.#screens.get(hearer)?.delete(message.posReference)
      }
      if (message.type !== 'SYNC_INIT') continue
      if (message.mode === 'full') this.#screens.set(hearer, new Map())
      for (const { posReference } of message.closed) this.#screens.get(hearer)?.delete(posReference)
      for (const order of message.orders) this.#show(hearer, order)
    }
  }

  /** Every screen shows every active order as it is stored, and v2 screens no others. */
  #compare(): void {
    const { hub } = this.#shop
    const group = hub.groups.get(GROUP)
    if (group === undefined) return
    let characters = 0
    for (const order of group.orders.values()) {
      const { posReference, version, state } = order.record
      characters += order.snapshot.json.length
      claim(this.version(posReference) === version, () => `${posReference} is at ${version}, it was never told so`)
      claim(
        (group.outbox.get(posReference)?.row.kind === 'finalize') === (state === 'finalizing'),
        () => `${posReference} waits for Odoo or not`,
      )
    }
    claim(hub.snapshotChars === characters, () => `${hub.snapshotChars} characters are counted as ${characters}`)
    for (const [line, terminalId] of hub.lines) {
      const terminal = hub.terminals.get(terminalId)
      const hearer = terminal?.group === GROUP ? this.#shop.hearerOn(line) : undefined
      if (terminal !== undefined && hearer !== undefined) this.#compareScreen(hearer, terminal)
    }
  }

  #compareScreen(hearer: Hearer, { terminalId, protocol }: Terminal): void {
    const screen = this.#screens.get(hearer) ?? new Map<string, number>()
    const orders = this.#shop.group.orders
    for (const [posReference, { record }] of orders) {
      const shown = screen.get(posReference)
      claim(shown === record.version, () => `${terminalId} shows ${posReference} at ${shown}, not ${record.version}`)
    }
    const isExact = protocol === 1 || screen.size === orders.size
    claim(isExact, () => `${terminalId} shows ${[...screen.keys()].join()}, there are ${[...orders.keys()].join()}`)
  }
}

/** The seq of a change of the shop's group that everybody is told. */
function seqOf(change: Change): number | null {
  if (change.kind === 'order_versioned' || change.kind === 'order_marked') {
    return change.group === GROUP ? change.record.seq : null
  }
  if (change.kind === 'table_changed') return change.group === GROUP ? change.table.seq : null
  return change.kind === 'floor_changed' && change.group === GROUP ? change.floor.seq : null
}
