import type { StoreFailure } from '../engine/ports.ts'
import type { Statements } from './statements.ts'

/** Where the tables are. Only the porch knows the driver of the real one. */
export interface TableFile {
  /** For the present connection; others after `reopen`. */
  statements(): Statements
  /**
   * All of `work` or nothing, and on the disk when it returns. Throws what the driver throws. `work` returns
   * undefined, so that an async function does not fit: its transaction would commit at its first await.
   */
  transaction(work: () => undefined): void
  /** Opens the file anew and proves that it takes a write. Throws what the driver throws. */
  reopen(): void
  /** What the world did wrong; null for a mistake of ours. */
  failureOf(error: unknown): StoreFailure | null
  close(): void
}
