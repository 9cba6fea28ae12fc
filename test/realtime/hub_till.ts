import type { Role } from '../../src/protocol/mod.ts'
import { createHubTransport, type HubTransportOptions } from '../../src/realtime/hub_transport.ts'
import { browserSurroundings } from '../../src/realtime/surroundings.ts'
import type { ConnectionState, SyncTransport } from '../../src/realtime/transport.ts'
import { tokenFor } from '../support/tokens.ts'
import { until } from '../support/wait.ts'
import { Shelf } from './hub_shelf.ts'

/** A hub that forgets who is away within a second. */
export const QUICK = {
  HUB_LEASE_TTL_MS: '900',
  HUB_HEARTBEAT_MS: '250',
  HUB_TABLE_LOCK_TTL_MS: '900',
  HUB_TABLE_LOCK_HEARTBEAT_MS: '250',
  HUB_GRACE_MS: '200',
}

export type TillOptions = Partial<HubTransportOptions> & {
  readonly url: string
  readonly name: string
  readonly role?: Role
  readonly shelf?: Shelf
}

/** A till in this process: the real transport, on a real WebSocket, with an outbox that a test can look into. */
export class Till {
  readonly transport: SyncTransport
  readonly shelf: Shelf
  /** Every event, by the name of its handler, in order. */
  readonly heard: { readonly kind: string; readonly event: unknown }[] = []
  readonly #page: { leave(): void }

  constructor(options: TillOptions) {
    const { name, role = 'cashier', shelf = new Shelf(), ...rest } = options
    this.shelf = shelf
    const outbox = shelf.page()
    this.#page = outbox
    this.transport = createHubTransport({
      token: () => tokenFor({ name, role }),
      deviceId: `device of ${name}`,
      deviceName: name,
      outbox,
      surroundings: browserSurroundings(),
      backOff: { firstMs: 10, longestMs: 200 },
      ...rest,
    })
    const { transport, heard } = this
    const hear = (kind: string) => (event: unknown) => void heard.push({ kind, event })
    transport.onOrderUpdated(hear('updated'))
    transport.onOrderClosed(hear('closed'))
    transport.onOrderFinalized(hear('finalized'))
    transport.onFinalizeError(hear('finalize error'))
    transport.onConflict(hear('conflict'))
    transport.onSyncInit(hear('sync'))
    transport.onLeaseRevoked(hear('lease revoked'))
    transport.onLeaseAvailable(hear('lease available'))
    transport.onTableUpdated(hear('table'))
    transport.onTableLockRevoked(hear('lock revoked'))
    transport.onTableLockReleased(hear('lock released'))
    transport.onTableLocks(hear('locks'))
  }

  static async open(options: TillOptions): Promise<Till> {
    const till = new Till(options)
    await till.transport.connect()
    return till
  }

  get state(): ConnectionState {
    return this.transport.state
  }

  ready(): Promise<void> {
    return until(() => this.state.phase === 'ready', { what: 'the till is signed in', withinMs: 10_000 })
  }

  events(kind: string): unknown[] {
    return this.heard.filter((one) => one.kind === kind).map((one) => one.event)
  }

  hears(kind: string): Promise<void> {
    return until(() => this.events(kind).length > 0, { what: `the till has heard: ${kind}` })
  }

  /** The page is gone from one moment to the next. */
  crash(): void {
    this.#page.leave()
    this.transport.disconnect()
  }

  [Symbol.dispose](): void {
    this.transport.disconnect()
  }
}
