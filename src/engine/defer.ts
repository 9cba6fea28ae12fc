import type { Defer } from './ports.ts'

/**
 * A macrotask by MessageChannel: a microtask would make a commit for each frame, and `setTimeout(0)` costs more than a
 * millisecond. `close` lets the process end.
 */
export function createDefer(): { readonly defer: Defer; close(): void } {
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  port1.onmessage = () => waiting.shift()?.()
  const defer: Defer = (work) => {
    waiting.push(work)
    port2.postMessage(null)
  }
  return {
    defer,
    close() {
      port1.close()
      port2.close()
    },
  }
}
