import { within } from './wait.ts'

const LINES_MAX = 5_000

/** The lines a process prints, the newest `LINES_MAX` of them. */
export class Lines {
  readonly #kept: string[] = []
  readonly #waiting = new Set<(line: string) => void>()
  /** Settles when the process has closed the stream. */
  readonly ended: Promise<void>

  constructor(stream: ReadableStream<Uint8Array>) {
    this.ended = this.#read(stream)
  }

  get all(): readonly string[] {
    return this.#kept
  }

  get text(): string {
    return this.#kept.join('\n')
  }

  /** The first line, printed already or to come, of which `choose` makes something. */
  find<T>(choose: (line: string) => T | undefined, options: { withinMs: number; what: string }): Promise<T> {
    for (const line of this.#kept) {
      const chosen = choose(line)
      if (chosen !== undefined) return Promise.resolve(chosen)
    }
    const { promise, resolve } = Promise.withResolvers<T>()
    const look = (line: string) => {
      const chosen = choose(line)
      if (chosen === undefined) return
      this.#waiting.delete(look)
      resolve(chosen)
    }
    this.#waiting.add(look)
    return within(promise, options.withinMs, () => options.what).finally(() => this.#waiting.delete(look))
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#take(line)
    }
    if (rest !== '') this.#take(rest)
  }

  #take(line: string): void {
    this.#kept.push(line)
    if (this.#kept.length > LINES_MAX) this.#kept.shift()
    for (const look of [...this.#waiting]) look(line)
  }
}
