import { createOutbox, type Outbox } from '../../src/realtime/outbox.ts'
import type { LocalStore, OutboxDevice, OutboxSurroundings } from '../../src/realtime/outbox_device.ts'
import { OUTBOX_LIMITS, type OutboxLimits } from '../../src/realtime/outbox_entry.ts'
import { createMemoryStorage } from '../../src/realtime/outbox_memory.ts'
import type { OutboxStorage } from '../../src/realtime/outbox_storage.ts'
import { FakeClock } from '../engine/fake_clock.ts'

/** What outbox tests stand on without a browser. */

export class FakeSurroundings extends FakeClock implements OutboxSurroundings {
  #ids = 0
  readonly #visible = new Set<() => void>()

  uuid(): string {
    this.#ids += 1
    return `id ${this.#ids}`
  }

  onVisible(handler: () => void): () => void {
    this.#visible.add(handler)
    return () => this.#visible.delete(handler)
  }

  show(): void {
    for (const handler of this.#visible) handler()
  }
}

/** All that is on its way without a timer has happened: nothing here takes more turns than this. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
}

export function fakeLocal(text: string | null, key: string): LocalStore & { readonly text: () => string | null } {
  let kept = text
  return {
    getItem: (name) => (name === key ? kept : null),
    removeItem: (name) => {
      if (name === key) kept = null
    },
    text: () => kept,
  }
}

export function fakeDevice(parts: Partial<OutboxDevice> = {}): OutboxDevice {
  return {
    indexedDB: undefined,
    locks: undefined,
    local: undefined,
    openChannel: () => undefined,
    onLeave: () => () => undefined,
    ...parts,
  }
}

export function openOutbox(
  limits: OutboxLimits = OUTBOX_LIMITS,
  surroundings = new FakeSurroundings(),
): Promise<Outbox> {
  return createOutbox({ name: 'outbox', surroundings, device: fakeDevice(), limits })
}

/** A disk that tests take away and give back. What it holds it keeps meanwhile. */
export function fakeDisk(): OutboxStorage & { isGone: boolean; isFull: boolean } {
  const kept = createMemoryStorage({ limits: OUTBOX_LIMITS })
  const disk = {
    kind: 'durable' as const,
    isGone: false,
    isFull: false,
    load: async (seen?: number) => (disk.isGone ? FAILED : kept.load(seen)),
    add: async (...what: Parameters<OutboxStorage['add']>) => {
      if (disk.isFull) return { kind: 'full' } as const
      return disk.isGone ? FAILED : kept.add(...what)
    },
    change: async (...what: Parameters<OutboxStorage['change']>) => {
      if (disk.isFull) return { kind: 'full' } as const
      return disk.isGone ? FAILED : kept.change(...what)
    },
    swapLease: async (...what: Parameters<OutboxStorage['swapLease']>) =>
      disk.isGone ? FAILED : kept.swapLease(...what),
    mend: async () => !disk.isGone,
    close: () => undefined,
  }
  return disk
}

const FAILED = { kind: 'failed' } as const
