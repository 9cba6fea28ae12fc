import type { OrderType } from '../protocol/mod.ts'
import type { Heard, Words } from './hub_words.ts'

export type TicketsParts = {
  say(words: Words): boolean
  uuid(): string
}

type Question = { readonly orderType: OrderType; readonly settle: (number: number | null) => void }

/** Numbers asked for at once; each costs the hub a write. */
const WAITING_MAX = 100

/** Ticket numbers. A question whose answer was lost is asked again under its name, so that no number is wasted. */
export class Tickets {
  readonly #parts: TicketsParts
  readonly #questions = new Map<string, Question>()
  readonly #unanswered: { readonly orderType: OrderType; readonly msgId: string }[] = []

  constructor(parts: TicketsParts) {
    this.#parts = parts
  }

  request(orderType: OrderType): Promise<number | null> {
    const at = this.#unanswered.findIndex((one) => one.orderType === orderType)
    const msgId = this.#unanswered.splice(at, at < 0 ? 0 : 1)[0]?.msgId ?? this.#parts.uuid()
    if (this.#questions.size >= WAITING_MAX || !this.#parts.say({ type: 'TICKET_NUMBER_REQUEST', orderType, msgId })) {
      return Promise.resolve(null)
    }
    return new Promise((settle) => this.#questions.set(msgId, { orderType, settle }))
  }

  /** An old hub does not name the question: then it answers the first one of that type. */
  assigned({ orderType, ticketNumber, msgId }: Heard<'TICKET_NUMBER_ASSIGNED'>): void {
    for (const [id, question] of this.#questions) {
      if (msgId === undefined ? question.orderType !== orderType : id !== msgId) continue
      this.#questions.delete(id)
      return question.settle(ticketNumber)
    }
  }

  /** True: it was one of these. */
  refused(msgId: string): boolean {
    const question = this.#questions.get(msgId)
    this.#questions.delete(msgId)
    question?.settle(null)
    return question !== undefined
  }

  dropped(): void {
    const all = [...this.#questions]
    this.#questions.clear()
    for (const [msgId, { orderType, settle }] of all) {
      if (this.#unanswered.length < WAITING_MAX) this.#unanswered.push({ orderType, msgId })
      settle(null)
    }
  }
}
