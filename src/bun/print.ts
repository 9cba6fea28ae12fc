import { writeSync } from 'node:fs'

/** The one hand that prints. Synchronous: what was said is out before the process ends, also into a pipe. */

const STDOUT = 1
const STDERR = 2

/** A reader that takes nothing for so long has gone; the hub does not wait for it. */
const READER_PATIENCE_MS = 5_000
const PAUSE_MS = 5

/** A line for the person or program that asked. False: not all of it went out (a reader that left, a full disk). */
export function say(text: string): boolean {
  return write(STDOUT, text)
}

/** A line about trouble, or beside the answer. */
export function complain(text: string): boolean {
  return write(STDERR, text)
}

function write(descriptor: number, text: string): boolean {
  const bytes = new TextEncoder().encode(text.endsWith('\n') ? text : `${text}\n`)
  let written = 0
  let patienceMs = READER_PATIENCE_MS
  while (written < bytes.length) {
    const count = writeSome(descriptor, bytes.subarray(written))
    if (count === 'failed' || patienceMs <= 0) return false
    if (count === 'full') {
      pause()
      patienceMs -= PAUSE_MS
    } else {
      written += count
      patienceMs = READER_PATIENCE_MS
    }
  }
  return true
}

/** The far end of a pipe may be non-blocking and full, or closed (`pos-hub help | head`): neither is an error here. */
function writeSome(descriptor: number, bytes: Uint8Array): number | 'full' | 'failed' {
  try {
    return writeSync(descriptor, bytes)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EAGAIN' ? 'full' : 'failed'
  }
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
}
