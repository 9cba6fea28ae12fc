/** Questions of one kind and key that may wait at once: a finger that taps the same table again and again. */
const WAITING_MAX = 100

/**
 * Questions that the hub answers in the order in which they came, without naming them. None outlives its line: the
 * person who tapped should hear soon that nobody is there, and may tap again.
 */
export class Asks<A> {
  readonly #waiting = new Map<string | number, ((answer: A) => void)[]>()

  /** `say` sends the question; `away` is the answer where it cannot be sent, or its line goes. */
  ask(key: string | number, question: { readonly say: () => boolean; readonly away: A }): Promise<A> {
    const waiting = this.#waiting.get(key) ?? []
    if (waiting.length >= WAITING_MAX || !question.say()) return Promise.resolve(question.away)
    this.#waiting.set(key, waiting)
    return new Promise((resolve) => waiting.push(resolve))
  }

  isWaiting(key: string | number): boolean {
    return this.#waiting.has(key)
  }

  answer(key: string | number, answer: A): void {
    const waiting = this.#waiting.get(key)
    waiting?.shift()?.(answer)
    if (waiting?.length === 0) this.#waiting.delete(key)
  }

  /** The line is gone. */
  dropped(away: (key: string | number) => A): void {
    const all = [...this.#waiting]
    this.#waiting.clear()
    for (const [key, waiting] of all) for (const resolve of waiting) resolve(away(key))
  }
}
