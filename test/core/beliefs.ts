import type { Grant } from '../../src/core/state.ts'
import { claim } from './claim.ts'
import type { Play, Seen } from './play.ts'
import { GROUP } from './stage.ts'

type Effect = Seen['outcome']['effects'][number]
type Message = Extract<Effect, { kind: 'send' }>['message']

/**
 * An auditor of locks and leases: what each terminal believes that it holds, from nothing but the words it hears, and
 * which tables it sees locked. Nobody may lose anything without a word, and no two may believe the same.
 */
export class Beliefs {
  readonly #shop: Play
  /** By terminal: what it believes that it holds, with the fence (-1: it was not told). */
  readonly #holds = new Map<string, Map<string, number>>()
  /** By terminal: the locks that it sees, table to holder. */
  readonly #locks = new Map<string, Map<number, string>>()
  /** By order: who was denied it since it was granted, for whatever reason. */
  readonly #denied = new Map<string, Set<string>>()
  #fence = 0

  constructor(shop: Play) {
    this.#shop = shop
    shop.onlookers.push((seen) => this.#look(seen))
  }

  believes(terminalId: string, key: string): boolean {
    return this.#of(terminalId).has(key)
  }

  /** After a restart nobody knows any more who was denied what: they come back, and ask again. */
  forgetDenied(): void {
    this.#denied.clear()
  }

  #of(terminalId: string): Map<string, number> {
    const holds = this.#holds.get(terminalId) ?? new Map<string, number>()
    this.#holds.set(terminalId, holds)
    return holds
  }

  #look({ command, outcome }: Seen): void {
    if (command === null) return
    this.#writes(outcome)
    for (const effect of outcome.effects) this.#hear(effect)
    this.#ownDeeds({ command, outcome })
    this.#freed(outcome)
    this.#compare()
  }

  /** Only who held the order when it wrote is the author of a version. */
  #writes(outcome: Seen['outcome']): void {
    for (const change of outcome.changes) {
      if (change.kind !== 'order_versioned' || change.entry.kind === 'finalize') continue
      const { author, posReference } = change.record
      claim(this.believes(author, `lease:${posReference}`), () => `${author} wrote ${posReference} without its lease`)
    }
  }

  #hear(effect: Effect): void {
    if (effect.kind !== 'send' && effect.kind !== 'broadcast') return
    for (const [line, terminalId] of this.#shop.hub.lines) {
      const isFor = effect.kind === 'send' ? effect.line === line : effect.except !== line && effect.group === GROUP
      if (!isFor) continue
      this.#hearLease(terminalId, effect.message)
      this.#hearLock(terminalId, effect.message)
      if (effect.message.type === 'SYNC_INIT') this.#begin(terminalId, effect.message)
    }
  }

  #hearLease(terminalId: string, message: Message): void {
    if (message.type === 'LEASE_GRANTED') this.#granted(terminalId, `lease:${message.posReference}`, message.fence)
    if (message.type === 'LEASE_REVOKED') this.#of(terminalId).delete(`lease:${message.posReference}`)
    const isHeld = message.type === 'ORDER_FINALIZE_ERROR' && message.code === 'LEASE_HELD'
    if (message.type !== 'LEASE_DENIED' && !isHeld) return
    const { posReference } = message
    const isMine = message.type === 'LEASE_DENIED' && message.holder === terminalId
    const key = `lease:${posReference}`
    claim(isMine || !this.believes(terminalId, key), () => `${terminalId} lost ${key} without a word`)
    const lease = this.#grant(key)
    if (lease === undefined || isMine) return
    const waiting = this.#denied.get(posReference) ?? new Set<string>()
    this.#denied.set(posReference, waiting.add(terminalId))
  }

  #hearLock(terminalId: string, message: Message): void {
    const seen = this.#locks.get(terminalId) ?? new Map<number, string>()
    this.#locks.set(terminalId, seen)
    if (message.type === 'TABLE_LOCK_GRANTED') {
      this.#granted(terminalId, `lock:${message.tableId}`, message.fence)
      seen.set(message.tableId, terminalId)
    }
    if (message.type === 'TABLE_LOCK_DENIED') {
      const key = `lock:${message.tableId}`
      const isMine = message.lockedBy === terminalId
      claim(isMine || !this.believes(terminalId, key), () => `${terminalId} lost ${key} without a word`)
    }
    if (message.type === 'TABLE_LOCK_REVOKED') {
      this.#of(terminalId).delete(`lock:${message.tableId}`)
      if (seen.get(message.tableId) === terminalId) seen.delete(message.tableId)
    }
    if (message.type === 'TABLE_LOCK_RELEASED') seen.delete(message.tableId)
    if (message.type !== 'TABLE_LOCKS_STATE') return
    seen.clear()
    for (const { tableId, lockedBy } of message.locks) seen.set(tableId, lockedBy)
  }

  /** A fence is that of the same grant, or greater than any before. */
  #granted(terminalId: string, key: string, fence: number): void {
    const known = this.#of(terminalId).get(key)
    const isSame = known === fence || (known === -1 && fence <= this.#fence)
    claim(isSame || fence > this.#fence, () => `${terminalId} got ${key} with fence ${fence} after ${this.#fence}`)
    this.#fence = Math.max(this.#fence, fence)
    this.#of(terminalId).set(key, fence)
  }

  #begin(terminalId: string, init: Extract<Message, { type: 'SYNC_INIT' }>): void {
    const before = this.#of(terminalId)
    const mine = [
      ...init.leases.filter(({ holder }) => holder === terminalId).map(({ posReference }) => `lease:${posReference}`),
      ...init.tableLocks.filter(({ lockedBy }) => lockedBy === terminalId).map(({ tableId }) => `lock:${tableId}`),
    ]
    this.#holds.set(terminalId, new Map(mine.map((key) => [key, before.get(key) ?? -1])))
    this.#locks.set(terminalId, new Map(init.tableLocks.map(({ tableId, lockedBy }) => [tableId, lockedBy])))
  }

  /** What a terminal knows that it let go of itself, without being told. */
  #ownDeeds({ command, outcome }: Seen): void {
    for (const change of outcome.changes) {
      const isPaid = change.kind === 'order_versioned' && change.entry.kind === 'finalize'
      const isDiscarded = change.kind === 'order_marked' && change.record.state === 'discarded'
      if (!isPaid && !isDiscarded) continue
      this.#of(change.record.author).delete(`lease:${change.record.posReference}`)
    }
    if (command?.kind !== 'said') return
    const terminalId = this.#shop.hub.lines.get(command.line)
    if (terminalId === undefined) return
    const isRefused = outcome.effects.some(
      (effect) => effect.kind === 'send' && /^(ERROR|CONFLICT)$/.test(effect.message.type),
    )
    if (command.message.type === 'LEASE_RELEASE' && !isRefused) {
      this.#of(terminalId).delete(`lease:${command.message.posReference}`)
    }
    if (command.message.type === 'TABLE_LOCK_RELEASE') this.#of(terminalId).delete(`lock:${command.message.tableId}`)
  }

  /** LEASE_AVAILABLE goes once to those that were denied, when the lease is free, and to nobody else. */
  #freed({ changes, effects }: Seen['outcome']): void {
    const told = effects.flatMap((effect) => {
      return effect.kind === 'send' && effect.message.type === 'LEASE_AVAILABLE'
        ? [{ line: effect.line, posReference: effect.message.posReference }]
        : []
    })
    claim(new Set(told.map((one) => JSON.stringify(one))).size === told.length, () => 'LEASE_AVAILABLE came twice')
    const ended = changes.flatMap((change) => (change.kind === 'grant_ended' ? [change.key] : []))
    for (const { posReference } of told) {
      claim(ended.includes(posReference), () => `${posReference} is said to be available, its lease did not end`)
    }
    for (const change of changes) {
      if (change.kind !== 'grant_ended' || change.grantKind !== 'lease') continue
      const { hub } = this.#shop
      const heard = told
        .filter(({ posReference }) => posReference === change.key)
        .map(({ line }) => hub.lines.get(line))
      this.#freedOne(change.key, new Set(heard), takerOf(change.key, changes))
    }
  }

  #freedOne(posReference: string, heard: ReadonlySet<string | undefined>, taker: string | null): void {
    const waiting = this.#denied.get(posReference) ?? new Set<string>()
    for (const terminalId of heard) {
      if (terminalId === undefined) continue
      claim(
        taker === null && waiting.has(terminalId),
        () => `${terminalId} is told of ${posReference}, it was not denied it`,
      )
    }
    if (taker !== null) return void waiting.delete(taker)
    const live = [...this.#shop.hub.terminals.values()].filter(({ phase }) => phase === 'live')
    for (const terminalId of waiting) {
      const terminal = live.find((one) => one.terminalId === terminalId)
      const mustHear = terminal?.protocol === 2
      claim(
        !mustHear || heard.has(terminalId),
        () => `${terminalId} was denied ${posReference} and not told of its end`,
      )
    }
    this.#denied.delete(posReference)
  }

  #grant(key: string): Grant | undefined {
    return this.#shop.hub.groups.get(GROUP)?.grants.get(key)
  }

  /** What live terminals believe is what the hub holds for them, and no two believe the same. */
  #compare(): void {
    const { hub, now } = this.#shop
    const group = hub.groups.get(GROUP)
    if (group === undefined) return
    const owners = new Map<string, string>()
    for (const terminalId of hub.lines.values()) {
      if (hub.terminals.get(terminalId)?.group !== GROUP) continue
      for (const key of this.#of(terminalId).keys()) {
        claim(!owners.has(key), () => `${owners.get(key)} and ${terminalId} both hold ${key}`)
        owners.set(key, terminalId)
        const holder = this.#grant(key)?.holder
        claim(holder === terminalId, () => `${terminalId} believes that it holds ${key}, the hub says ${holder}`)
      }
      this.#compareLocks(terminalId, group.grants)
    }
    for (const [key, { holder, deadline }] of group.grants) {
      const isLive = deadline > now && hub.terminals.get(holder)?.phase === 'live'
      claim(!isLive || owners.get(key) === holder, () => `${holder} holds ${key} and does not know it`)
    }
  }

  /** Every screen shows the locks that there are. */
  #compareLocks(terminalId: string, grants: ReadonlyMap<string, Grant>): void {
    const seen = this.#locks.get(terminalId)
    let count = 0
    for (const { kind, key, holder, deadline } of grants.values()) {
      if (kind !== 'lock' || deadline <= this.#shop.now) continue
      count++
      const shown = seen?.get(Number(key))
      claim(shown === holder, () => `${terminalId} sees table ${key} locked by ${shown}, it is ${holder}`)
    }
    claim(seen?.size === count, () => `${terminalId} sees ${seen?.size} locks, there are ${count}`)
  }
}

/** Who took an order by force in the same step, so that its lease did not become free. */
function takerOf(posReference: string, changes: Seen['outcome']['changes']): string | null {
  for (const change of changes) {
    if (change.kind !== 'granted' || change.grant.kind !== 'lease') continue
    if (change.grant.key === posReference) return change.grant.holder
  }
  return null
}
