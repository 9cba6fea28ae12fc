import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder, writeDurably } from './durable.ts'

/**
 * The stamp: a random word that stands in the database and, beside it, in a small file of its own, and is renewed at
 * every start and end. A database whose word is not the one beside it was copied here, perhaps from a backup: it may be
 * older than what terminals know. For the moment of renewal both words are good, so that a crash there tells no lie.
 */
export function readStamps(path: string): readonly string[] {
  const file = stampFile(path)
  return existsSync(file) ? readFileSync(file, 'utf8').split(/\s+/).filter(Boolean) : []
}

/** On the disk, whole, when it returns. */
export function writeStamps(path: string, stamps: readonly string[]): void {
  const file = stampFile(path)
  const draft = `${file}.draft`
  // A draft may be left of a crash.
  rmSync(draft, { force: true })
  writeDurably(draft, `${stamps.join('\n')}\n`)
  renameSync(draft, file)
  syncFolder(dirname(file))
}

function stampFile(path: string): string {
  return `${path}.stamp`
}
