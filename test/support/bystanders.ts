import type { HubMessageType } from '../../src/protocol/mod.ts'
import type { Shop } from './shop.ts'
import type { Terminal } from './terminal.ts'
import { clockReaches, until } from './wait.ts'

const ORDER = 'order of the bystanders'
const WARM_UP = 300
const PAUSE_MS = 10

/** An answer that takes longer is a disturbance that people notice. */
const NOTICED_MS = 2_000

const RESIDENT_MORE_MAX = 20 * 1024 * 1024
const BACK_WITHIN_MS = 10_000

/** All that bystanders may hear while others misbehave. */
const EXPECTED: ReadonlySet<HubMessageType> = new Set<HubMessageType>(['ORDER_ACCEPTED', 'ORDER_UPDATED', 'HUB_STATUS'])

/**
 * Two terminals at work, a v2 one that writes and a v1 one that reads. While `attack` runs they must notice nothing;
 * afterwards the hub must hold as little memory as before.
 */
export async function undisturbed(shop: Shop, attack: () => Promise<void>): Promise<void> {
  const pair = new Pair(await shop.join('Bystander 1'), await shop.join('Bystander 2', { protocol: 1 }))
  await pair.begin()
  for (let time = 0; time < WARM_UP; time++) await pair.exchange()
  pair.forget()
  const before = await shop.hub.residentBytes()
  let isOver = false
  const work = pair.workUntil(() => isOver)
  try {
    await attack()
  } finally {
    isOver = true
    await work
  }
  await pair.exchange()
  pair.expectUndisturbed()
  let now = 0
  const small = async () => {
    now = await shop.hub.residentBytes()
    return now - before <= RESIDENT_MORE_MAX
  }
  await until(small, { withinMs: BACK_WITHIN_MS, what: 'the hub holds at most 20 MB more than before' }).catch(
    (error) => {
      throw new Error(`${error}: ${before} before, ${now} now`)
    },
  )
}

class Pair {
  readonly #writer: Terminal
  readonly #reader: Terminal
  #version = 0

  constructor(writer: Terminal, reader: Terminal) {
    this.#writer = writer
    this.#reader = reader
  }

  async begin(): Promise<void> {
    await this.#writer.lease(ORDER)
  }

  /** One version, acknowledged to the one and seen by the other. */
  async exchange(): Promise<void> {
    const started = performance.now()
    const snapshot = { tableId: 1, version: this.#version }
    const seen = this.#reader.updated(ORDER)
    const [accepted, updated] = await Promise.all([this.#writer.write(ORDER, this.#version, snapshot), seen])
    this.#version++
    if (accepted.version !== this.#version || updated.version !== this.#version) {
      throw new Error(`version ${this.#version} came as ${accepted.version} and ${updated.version}`)
    }
    const tookMs = performance.now() - started
    if (tookMs > NOTICED_MS) throw new Error(`a bystander waited ${tookMs} ms for its answer`)
  }

  async workUntil(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.exchange()
      await clockReaches(performance.now() + PAUSE_MS)
    }
  }

  forget(): void {
    this.#writer.forget()
    this.#reader.forget()
  }

  expectUndisturbed(): void {
    for (const terminal of [this.#writer, this.#reader]) {
      if (!terminal.isOpen) throw new Error('a bystander was cut off')
      const strange = terminal.types().filter((type) => !EXPECTED.has(type))
      if (strange.length > 0) throw new Error(`a bystander heard ${strange.join(', ')}`)
    }
  }
}
