import type { Handler, Unsubscribe } from './transport.ts'

type Listeners<M> = { [K in keyof M]?: Set<{ readonly handler: Handler<M[K]> }> }

/** Who wants to hear what; `M` maps the name of an event to what it carries. */
export class Events<M extends object> {
  readonly #listeners: Listeners<M> = {}

  /** Each call is a subscription of its own, even with the same handler. */
  on<K extends keyof M>(kind: K, handler: Handler<M[K]>): Unsubscribe {
    const listeners = this.#listeners[kind] ?? new Set<{ readonly handler: Handler<M[K]> }>()
    this.#listeners[kind] = listeners
    const listener = { handler }
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  /** Who subscribes while it is told hears it from the next time on. */
  emit<K extends keyof M>(kind: K, event: M[K]): void {
    for (const listener of [...(this.#listeners[kind] ?? [])]) {
      try {
        listener.handler(event)
      } catch (error) {
        surface(error)
      }
    }
  }
}

/** A handler's mistake is shown where the page shows its errors, and keeps nobody else from hearing. */
function surface(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
