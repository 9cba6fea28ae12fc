import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { codeOf, reasonOf } from './os_error.ts'

/** No secret is longer; keeps a file given by mistake out of memory. */
const BYTES_MAX = 4_096

export type FileText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string }

/**
 * The secret in a file that a setting names, without blanks around it. Other users of the machine must not be able to
 * read it: whoever wrote it should know, so it is refused rather than mended.
 */
export function readSecretFile(path: string): FileText {
  try {
    // Not blocking: on a FIFO in its place, open would wait for a writer for ever.
    const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      return readOpen(descriptor, path)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : reasonOf(error)
    return { ok: false, problem: `${path} cannot be read: ${why}.` }
  }
}

function readOpen(descriptor: number, path: string): FileText {
  const stat = fstatSync(descriptor)
  if (!stat.isFile()) return { ok: false, problem: `${path} is not a file.` }
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
    const mode = (stat.mode & 0o777).toString(8)
    return { ok: false, problem: `${path} holds a secret that other users can read (mode ${mode}): chmod 600 it.` }
  }
  const buffer = new Uint8Array(BYTES_MAX + 1)
  const length = readSync(descriptor, buffer, 0, buffer.length, 0)
  if (length > BYTES_MAX) return { ok: false, problem: `${path} is longer than ${BYTES_MAX} bytes.` }
  const text = textOf(buffer.subarray(0, length))
  if (text === null) return { ok: false, problem: `${path} is not text in UTF-8.` }
  if (text === '') return { ok: false, problem: `${path} is empty.` }
  // A header cannot hold them, and a file of several lines was meant for something else.
  if (/\p{Cc}/u.test(text)) {
    return { ok: false, problem: `${path} has more than one line, or control characters: put the secret in it alone.` }
  }
  return { ok: true, text }
}

/** Null where it is no text, as what an editor wrote in UTF-16. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
  } catch {
    return null
  }
}
