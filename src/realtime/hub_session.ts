import type { HubMessage } from '../protocol/mod.ts'
import { checkHubMessage } from './check.ts'
import { Events } from './events.ts'
import { Freshness } from './freshness.ts'
import { Answers } from './hub_answers.ts'
import { type Ears, grantEars, orderEars } from './hub_ears.ts'
import type { HubEvents } from './hub_events.ts'
import { Leases } from './hub_leases.ts'
import { Link, type SignInOptions } from './hub_link.ts'
import { Locks } from './hub_locks.ts'
import { Outgoing } from './hub_outgoing.ts'
import { Tables } from './hub_tables.ts'
import { Tickets } from './hub_tickets.ts'
import { View } from './hub_view.ts'
import { type Heard, snapshotOf, type TableWords, type Words } from './hub_words.ts'
import type { Outbox, OutboxEntry } from './outbox.ts'
import type { BackOff } from './reconnect.ts'
import type { Surroundings } from './surroundings.ts'
import type { ConnectionState, OrderUpdatedEvent, Unsubscribe } from './transport.ts'

export type HubSessionOptions = SignInOptions & {
  readonly outbox: Outbox
  readonly surroundings: Surroundings
  /** Whoever gives tokens has a new one: this terminal signs in with it on the live socket. */
  onTokenRenewed?(handler: () => void): Unsubscribe
  readonly backOff?: BackOff | undefined
  /** What counts as a message of the hub; null is ignored. */
  readonly check?: (value: unknown) => HubMessage | null
}

/** A terminal's side of its life with one hub: the parts, and who of them hears what. */
export class HubSession {
  readonly events = new Events<HubEvents>()
  readonly view = new View()
  readonly link: Link
  readonly leases: Leases
  readonly locks: Locks
  readonly tables: Tables
  readonly tickets: Tickets
  readonly outgoing: Outgoing
  readonly freshness: Freshness
  readonly #options: HubSessionOptions
  readonly #answers: Answers
  readonly #ears: Ears
  #status: Heard<'HUB_STATUS'> | null = null
  #hasFailed = false
  #isNewLine = true
  #told = ''

  constructor(options: HubSessionOptions) {
    this.#options = options
    const { surroundings, outbox, check = checkHubMessage, deviceName = '' } = options
    const say = (words: Words) => this.link.say(words)
    const isOld = () => this.link.protocol === 1
    const terminalId = () => this.link.terminalId
    const uuid = () => surroundings.uuid()
    this.freshness = new Freshness(() => surroundings.now())
    this.leases = new Leases({ say, revoked: (event) => this.events.emit('leaseRevoked', event) })
    this.locks = new Locks({
      name: deviceName,
      say,
      terminalId,
      revoked: (event) => this.events.emit('tableLockRevoked', event),
      changed: (locks) => this.events.emit('tableLocks', locks),
    })
    this.tables = new Tables((words) => this.#sayTable(words))
    this.tickets = new Tickets({ say, uuid })
    this.outgoing = new Outgoing({
      outbox,
      uuid,
      isReady: () => this.link.phase === 'ready',
      isOld,
      say,
      fenceOf: (posReference) => this.leases.fenceOf(posReference),
      said: (entry) => this.#answers.said(entry),
      idle: (posReference) => this.leases.idle(posReference),
      conflict: (event) => this.events.emit('conflict', event),
    })
    const answers = this.#createAnswers(isOld, terminalId)
    this.#answers = answers
    this.#ears = { ...this.#ownEars(), ...grantEars({ ...this, answers }), ...orderEars({ ...this, answers }) }
    this.link = new Link({ ...options, check, ...this.#linkParts() })
  }

  get state(): ConnectionState {
    const { link } = this
    const { surroundings, outbox } = this.#options
    const isReady = link.phase === 'ready'
    const odoo = !isReady || this.#status === null ? 'unknown' : this.#status.odoo === 'online' ? 'up' : 'down'
    const entries = outbox.entries()
    const refused = entries.filter((entry) => entry.refused !== null).length
    return {
      mode: 'hub',
      phase: link.phase,
      retryAt: link.retryAt,
      refusal: link.refusal,
      network: surroundings.online() ? 'up' : 'down',
      hub: isReady ? 'up' : this.#hasFailed ? 'down' : 'unknown',
      // Odoo is behind it; where Odoo does not answer, it may be either.
      internet: odoo === 'up' ? 'up' : 'unknown',
      odoo,
      terminalId: link.terminalId,
      role: link.role,
      unsent: entries.length - refused,
      refused,
      pendingForward: this.#status?.pendingForward ?? 0,
    }
  }

  /** Tells the state where it is another one than was told last. */
  tellState(): void {
    const { state } = this
    const told = JSON.stringify(state)
    if (told === this.#told) return
    this.#told = told
    this.events.emit('state', state)
  }

  #createAnswers(isOld: () => boolean, terminalId: () => string | null): Answers {
    const { view, leases, outgoing, events } = this
    return new Answers({
      ...{ view, leases, outgoing, isOld, terminalId },
      renewSignIn: () => void this.link.renew(),
      updated: (event) => events.emit('orderUpdated', event),
      closed: (event) => events.emit('orderClosed', event),
      finalized: (event) => events.emit('orderFinalized', event),
      finalizeFailed: (event) => events.emit('finalizeError', event),
      conflict: (event) => events.emit('conflict', event),
    })
  }

  #linkParts() {
    return {
      position: () => {
        const { epoch, seq } = this.view
        const holds = { tableLocks: this.locks.held, leases: this.leases.held }
        return epoch === null ? null : { epoch, seq, holds }
      },
      heard: (message: HubMessage) => this.#hear(message),
      beating: () => {
        this.tables.beating()
        this.outgoing.beat()
      },
      dropped: () => this.#dropped(),
      changed: () => this.#changed(),
    }
  }

  #ownEars(): Ears {
    return {
      SYNC_INIT: (message) => this.#sync(message),
      HEARTBEAT_OK: (message) => {
        if (this.view.standsAt(message.seq, this.tables.beaten())) this.#askAgain()
      },
      HUB_STATUS: (message) => {
        this.#status = message
        this.tellState()
      },
    }
  }

  #hear(message: HubMessage): void {
    // Heard before what it may lead to: an answer that makes this terminal speak finds the numbers in order.
    const isGap = this.link.protocol === 2 && message.type !== 'SYNC_INIT' && this.#counts(message)
    if (isGap) this.#askAgain()
    const hear = this.#ears[message.type] as ((message: HubMessage) => void) | undefined
    hear?.(message)
    this.freshness.heard()
  }

  #counts(message: HubMessage): boolean {
    return message.type !== 'HEARTBEAT_OK' && 'seq' in message && this.view.counts(message.seq)
  }

  #askAgain(): void {
    const { epoch, seq } = this.view
    if (epoch === null || !this.link.say({ type: 'SYNC_REQUEST', epoch, seq })) return
    this.view.syncing()
    this.freshness.behind()
  }

  #sync(message: Heard<'SYNC_INIT'>): void {
    const { view, leases, locks, events, outgoing, link } = this
    const { event, isOther, ahead } = view.sync(message)
    this.freshness.synced()
    if (isOther) outgoing.bases.forget()
    events.emit('syncInit', event)
    leases.sync(message.leases, link.terminalId)
    locks.sync(message.tableLocks)
    if (this.#isNewLine) this.tables.again()
    this.#isNewLine = false
    for (const entry of this.#answers.missed(message, isOther)) this.#payAgain(entry, isOther)
    for (const { posReference, version, snapshot } of ahead) this.#offer(posReference, version, snapshot)
    outgoing.again()
    this.tellState()
  }

  /** Under its old name, if the hub may know it. */
  #payAgain(entry: OutboxEntry, isOther: boolean): void {
    const { posReference, payload } = entry
    const { configId } = payload
    const snapshot = snapshotOf(entry)
    if (isOther) void this.outgoing.send({ kind: 'finalize', posReference, payload: { configId, snapshot } })
    else this.link.say({ type: 'ORDER_FINALIZE', posReference, msgId: entry.id, configId, snapshot })
  }

  /** What waits to be sent for an order is newer than what is known of it. */
  #offer(posReference: string, version: number, snapshot: OrderUpdatedEvent['snapshot']): void {
    if (this.outgoing.hasMore(posReference)) return
    const payload = { baseVersion: version, snapshot }
    const offered = this.outgoing.send({ kind: 'snapshot', posReference, payload })
    void offered.then((outcome) => {
      if (outcome.kind !== 'saved') return
      const sourceTerminal = this.link.terminalId
      this.events.emit('orderUpdated', {
        posReference,
        version: outcome.version,
        snapshot,
        sourceTerminal,
        state: 'open',
      })
    })
  }

  #sayTable(words: TableWords): boolean {
    const isSaid = this.link.say(words)
    if (isSaid) this.view.told()
    return isSaid
  }

  #dropped(): void {
    this.#isNewLine = true
    this.#status = null
    this.view.dropped()
    this.freshness.behind()
    this.tables.dropped()
    this.outgoing.dropped()
    this.leases.dropped()
    this.locks.dropped()
    this.tickets.dropped()
  }

  #changed(): void {
    const { phase } = this.link
    if (phase === 'waiting' || phase === 'refused') this.#hasFailed = true
    else if (phase === 'ready') this.#hasFailed = false
    this.tellState()
  }
}
