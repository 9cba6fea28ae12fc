import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

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
  writeFileSync(draft, `${stamps.join('\n')}\n`, { mode: 0o600 })
  syncPath(draft)
  renameSync(draft, file)
  syncPath(dirname(file))
}

function stampFile(path: string): string {
  return `${path}.stamp`
}

/** Brings a file, or the names in a folder, onto the disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
