import type { Random } from './random.ts'
import type { Shop } from './shop.ts'
import { freshMsgId, type Terminal } from './terminal.ts'

/** What a writer sends: all that is needed to send the same again, and to know it again on the disk. */
type Sent = { readonly version: number; readonly msgId: string; readonly snapshot: { readonly [key: string]: unknown } }

/** Versions under way at once: the next one goes before the last one is answered. */
const UNDER_WAY = 3

/**
 * A v2 terminal that writes its one order as fast as it can, and keeps its own books of what it has sent and what it
 * has been told.
 */
export class Writer {
  readonly posReference: string
  readonly #name: string
  readonly #random: Random
  /** By version: everything that was ever sent. */
  readonly sent: Sent[] = []
  #acknowledged = 0
  #fence = 0
  #terminal: Terminal | undefined

  constructor(name: string, random: Random) {
    this.#name = name
    this.posReference = `order of ${name}`
    this.#random = random
  }

  /** The newest version that the hub has said is on the disk. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  /** Signs in and takes the lease, or comes back and goes on with what it holds. */
  async arrive(shop: Shop): Promise<void> {
    const former = this.#terminal
    if (former === undefined) {
      this.#terminal = await shop.join(this.#name, { ignored: ['ORDER_UPDATED', 'HUB_STATUS'] })
      this.#fence = (await this.#terminal.lease(this.posReference)).fence
      return
    }
    const resume = former.resume({ leases: [this.posReference] })
    this.#terminal = await shop.rejoin(former, { resume })
    if (this.#terminal.id !== former.id) throw new Error(`${this.#name} came back as another terminal`)
  }

  /** Sends again all that was not acknowledged, in order; each must be taken as what it was first sent as. */
  async resend(): Promise<void> {
    const waiting = this.sent.filter(({ version }) => version > this.#acknowledged)
    for (const one of waiting) this.#say(one)
    for (const one of waiting) await this.#hearAccepted(one)
  }

  /** Writes until the hub is gone. `onAccepted` is called after each acknowledgement. */
  async write(onAccepted: () => void): Promise<void> {
    const terminal = this.#signedIn()
    const closed = terminal.closed.then(() => 'closed' as const)
    const underWay: Promise<void>[] = []
    for (;;) {
      while (underWay.length < UNDER_WAY && terminal.isOpen) {
        const one = this.#next()
        const answer = this.#hearAccepted(one).then(onAccepted)
        answer.catch(() => undefined)
        underWay.push(answer)
        this.#say(one)
      }
      const oldest = underWay.shift()
      if (oldest === undefined) return
      const ended = await Promise.race([oldest.then(() => 'accepted' as const), closed])
      if (ended === 'closed') return
    }
  }

  /** Fails if the hub has said something that it may not. */
  check(): void {
    this.#signedIn().check()
  }

  #next(): Sent {
    const version = this.sent.length + 1
    const snapshot = { by: this.#name, version, lines: [{ note: this.#random.text(1 + this.#random.below(400)) }] }
    const one = { version, msgId: freshMsgId(), snapshot }
    this.sent.push(one)
    return one
  }

  #say({ version, msgId, snapshot }: Sent): void {
    this.#signedIn().say(this.posReference, version - 1, snapshot, { msgId, fence: this.#fence })
  }

  async #hearAccepted({ version, msgId }: Sent): Promise<void> {
    const where = (message: { msgId: string }) => message.msgId === msgId
    const accepted = await this.#signedIn().next('ORDER_ACCEPTED', { where })
    if (accepted.version !== version) throw new Error(`${msgId} was version ${version}, now it is ${accepted.version}`)
    this.#acknowledged = Math.max(this.#acknowledged, version)
  }

  #signedIn(): Terminal {
    if (this.#terminal === undefined) throw new Error(`${this.#name} is not signed in`)
    return this.#terminal
  }
}
