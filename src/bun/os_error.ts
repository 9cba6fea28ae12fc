/** What the system says when it refuses: its code, and the same in words for people. */

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'the system does not permit it'],
  ['EROFS', 'the file system is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['EEXIST', 'its folder cannot be made: a file has that name'],
  ['EISDIR', 'it is a folder'],
  ['ELOOP', 'its path has too many symbolic links'],
  ['EIO', 'the disk reports an error'],
])

/** `ENOENT` and the like; empty where the error has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** One line, without a full stop. */
export function reasonOf(error: unknown): string {
  const known = REASONS.get(codeOf(error))
  if (known !== undefined) return known
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error)
}

/** For the log, where a bug is looked for: with its stack. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
