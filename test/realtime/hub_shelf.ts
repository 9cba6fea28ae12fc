import type { NewEntry, Outbox, OutboxEntry, OutboxRefusal, OutboxRoad } from '../../src/realtime/outbox.ts'

/** An outbox as the disk of a tablet: what is on it stays when the page around it is gone. */
export class Shelf {
  rows: OutboxEntry[] = []
  isFull = false
  /** Marking a road takes until this settles, as on a slow disk. */
  mark: Promise<void> = Promise.resolve()
  /** Every id that was ever put down. */
  readonly ids: string[] = []
  #n = 0
  #pages = new Set<Page>()

  /** A page that has this shelf; `isMine` says whether it is its turn to send what others left. */
  page(isMine = true): Outbox & { leave(): void } {
    const page = new Page(this, isMine)
    this.#pages.add(page)
    return page
  }

  put(entry: NewEntry): boolean {
    if (this.isFull) return false
    this.#n++
    this.ids.push(entry.id)
    const whole = { ...entry, n: this.#n, road: null, at: 0, refused: null }
    this.rows.push(JSON.parse(JSON.stringify(whole)) as OutboxEntry)
    this.tell()
    return true
  }

  change(id: string, change: (row: OutboxEntry) => OutboxEntry | null): void {
    this.rows = this.rows.flatMap((row) => (row.id === id ? (change(row) ?? []) : row))
    this.tell()
  }

  tell(): void {
    for (const page of this.#pages) page.tell()
  }

  remove(page: Page): void {
    this.#pages.delete(page)
  }
}

class Page implements Outbox {
  readonly state = 'durable'
  readonly #shelf: Shelf
  readonly #isMine: boolean
  readonly #handlers = new Set<() => void>()
  #hasLeft = false

  constructor(shelf: Shelf, isMine: boolean) {
    this.#shelf = shelf
    this.#isMine = isMine
  }

  async add(entry: NewEntry): Promise<boolean> {
    return !this.#hasLeft && this.#shelf.put(entry)
  }

  entries(): readonly OutboxEntry[] {
    return this.#shelf.rows
  }

  async begin(id: string, road: OutboxRoad): Promise<boolean> {
    await this.#shelf.mark
    const row = this.#shelf.rows.find((one) => one.id === id)
    if (row === undefined || this.#hasLeft || row.refused !== null) return false
    if (row.kind === 'finalize' && row.road !== null && row.road !== road) return false
    this.#change(id, (one) => ({ ...one, road }))
    return true
  }

  async done(id: string): Promise<void> {
    this.#change(id, () => null)
  }

  async refuse(id: string, why: OutboxRefusal): Promise<void> {
    this.#change(id, (row) => ({ ...row, refused: why }))
  }

  async dismiss(id: string): Promise<void> {
    this.#change(id, () => null)
  }

  whileMine(run: () => void, _stop: () => void): () => void {
    if (this.#isMine) run()
    return () => undefined
  }

  onChange(handler: () => void): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }

  close(): void {
    this.leave()
  }

  /** The page is gone, as by a crash: nothing it does reaches the disk any more. */
  leave(): void {
    this.#hasLeft = true
    this.#shelf.remove(this)
  }

  tell(): void {
    for (const handler of [...this.#handlers]) handler()
  }

  #change(id: string, change: (row: OutboxEntry) => OutboxEntry | null): void {
    if (!this.#hasLeft) this.#shelf.change(id, change)
  }
}
