import type * as z from 'zod'
import { HUB_V2_ONLY, HubMessage, type HubMessageType } from '../../src/protocol/mod.ts'
import { ANSWER_MS, within } from './wait.ts'

/** What a terminal hears, as it stands on the wire. */
export type Heard = z.input<typeof HubMessage>
export type HeardOf<T extends HubMessageType> = Extract<Heard, { type: T }>

/** One frame of the hub: the message, the text that it came as, and when (`performance.now()`). */
export type Frame<M extends Heard = Heard> = { readonly message: M; readonly text: string; readonly at: number }

export type Wanted<T extends HubMessageType> = {
  readonly where?: (message: HeardOf<T>) => boolean
  readonly withinMs?: number
}

type Waiting = { readonly offer: (frame: Frame) => boolean; readonly fail: (error: Error) => void }

const SHOWN = 12

/**
 * The frames that came on one socket. Each is checked against the schema of what a hub may say; one that fails, or
 * that the terminal's protocol does not have, breaks the inbox: everything asked of it from then on fails.
 */
export class Inbox {
  readonly #who: string
  readonly #protocol: 1 | 2
  readonly #ignored: ReadonlySet<HubMessageType>
  readonly #waiting: Waiting[] = []
  #all: Frame[] = []
  #unread: Frame[] = []
  #broken: Error | undefined
  #ended: string | undefined
  #seq = 0

  /** Messages of an ignored type are checked like others, and not kept. */
  constructor(who: string, protocol: 1 | 2, ignored: readonly HubMessageType[] = []) {
    this.#who = who
    this.#protocol = protocol
    this.#ignored = new Set(ignored)
  }

  /** The highest `seq` that came. */
  get seq(): number {
    return this.#seq
  }

  /** Every frame since the beginning, or since `forget`, read or not. */
  get frames(): readonly Frame[] {
    return this.#all
  }

  /** Fails if anything came that no hub may say. */
  check(): void {
    if (this.#broken !== undefined) throw this.#broken
  }

  take(data: unknown): void {
    const judged = this.#judge(data)
    if (judged instanceof Error) {
      this.#broken ??= judged
      for (const waiting of this.#waiting.splice(0)) waiting.fail(judged)
      return
    }
    if ('seq' in judged.message) this.#seq = Math.max(this.#seq, judged.message.seq ?? 0)
    if (this.#ignored.has(judged.message.type)) return
    this.#all.push(judged)
    const at = this.#waiting.findIndex((waiting) => waiting.offer(judged))
    if (at < 0) this.#unread.push(judged)
    else this.#waiting.splice(at, 1)
  }

  /** The socket is gone: whoever waits, waits in vain. */
  end(how: string): void {
    this.#ended = how
    for (const waiting of this.#waiting.splice(0)) waiting.fail(new Error(`${this.#who}: ${how} ${this.#recent()}`))
  }

  /** The oldest unread frame of the type, or of one of the types, arrived or to come; it is read then. */
  next<T extends HubMessageType>(type: T | readonly T[], wanted: Wanted<T> = {}): Promise<Frame<HeardOf<T>>> {
    const types = typeof type === 'string' ? [type] : type
    const { promise, resolve, reject } = Promise.withResolvers<Frame<HeardOf<T>>>()
    const offer = (frame: Frame) => {
      if (!isOf(frame, types) || wanted.where?.(frame.message) === false) return false
      resolve(frame)
      return true
    }
    if (this.#broken !== undefined) return Promise.reject(this.#broken)
    const at = this.#unread.findIndex(offer)
    if (at >= 0) {
      this.#unread.splice(at, 1)
      return promise
    }
    if (this.#ended !== undefined) {
      return Promise.reject(
        new Error(`${this.#who}: ${this.#ended}, waiting for ${types.join(' or ')} ${this.#recent()}`),
      )
    }
    const waiting: Waiting = { offer, fail: reject }
    this.#waiting.push(waiting)
    const what = () => `${types.join(' or ')} at ${this.#who} ${this.#recent()}`
    return within(promise, wanted.withinMs ?? ANSWER_MS, what).finally(() => this.#leave(waiting))
  }

  /** All messages of the type so far, read or not, oldest first. */
  seen<T extends HubMessageType>(type: T): HeardOf<T>[] {
    this.check()
    return this.#all.flatMap((frame) => (isOf(frame, [type]) ? [frame.message] : []))
  }

  /** Drops everything that came so far. */
  forget(): void {
    this.check()
    this.#all = []
    this.#unread = []
  }

  #leave(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at >= 0) this.#waiting.splice(at, 1)
  }

  #judge(data: unknown): Frame | Error {
    const at = performance.now()
    if (typeof data !== 'string') return new Error(`${this.#who} was sent a frame that is not text`)
    const judged = HubMessage.safeParse(parse(data))
    if (!judged.success) {
      return new Error(`${this.#who} was sent what no hub may say: ${data.slice(0, 500)}: ${judged.error.message}`)
    }
    if (this.#protocol === 1 && HUB_V2_ONLY.has(judged.data.type)) {
      return new Error(`${this.#who} speaks v1 and was sent ${data.slice(0, 500)}`)
    }
    return { message: judged.data, text: data, at }
  }

  #recent(): string {
    const lines = this.#all.slice(-SHOWN).map((frame) => `  ${frame.text.slice(0, 200)}`)
    return `(the last of ${this.#all.length} frames it heard:\n${lines.join('\n')})`
  }
}

function isOf<T extends HubMessageType>(frame: Frame, types: readonly T[]): frame is Frame<HeardOf<T>> {
  return types.some((type) => frame.message.type === type)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
