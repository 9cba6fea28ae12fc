import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { compactLines, type DemoShelf, KEPT_ORDERS_MAX } from '../demo/mod.ts'
import { reasonOf } from './os_error.ts'

/** The stand-in's orders in a file: JSON lines, for the owner alone. A power cut may take the last ones: it is a demo. */

/** Some ten times of what `KEPT_ORDERS_MAX` orders need; keeps a file given by mistake out of memory. */
const FILE_BYTES_MAX = 256 * 1024 * 1024

const PRIVATE = 0o600

export type OpenedShelf =
  | { readonly ok: true; readonly shelf: DemoShelf }
  /** One line for people. */
  | { readonly ok: false; readonly problem: string }

/**
 * Makes the file and its folder if need be, and compacts it to the newest orders. `tell` hears, once, that an order
 * could not be written: the stand-in goes on without its file.
 */
export function openDemoShelf(path: string, tell: (problem: string) => void): OpenedShelf {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const lines = compactLines(readLines(path), KEPT_ORDERS_MAX)
    const draft = `${path}.new`
    writeFileSync(draft, lines.map((line) => `${line}\n`).join(''), { mode: PRIVATE })
    // A draft that a killed process has left keeps its own mode.
    chmodSync(draft, PRIVATE)
    renameSync(draft, path)
    return { ok: true, shelf: createFileShelf({ path, lines, tell }) }
  } catch (error) {
    return { ok: false, problem: `The demo's orders cannot be kept in ${path}: ${reasonOf(error)}.` }
  }
}

type FileParts = { readonly path: string; readonly lines: readonly string[]; tell(problem: string): void }

function createFileShelf({ path, lines, tell }: FileParts): DemoShelf {
  let isTold = false
  return {
    load: () => lines,
    append: (line) => {
      try {
        appendFileSync(path, `${line}\n`, { mode: PRIVATE })
      } catch (error) {
        if (!isTold) tell(`The demo's orders are not kept any more: ${path} cannot be written: ${reasonOf(error)}.`)
        isTold = true
      }
    },
  }
}

function readLines(path: string): readonly string[] {
  if (!existsSync(path)) return []
  const stat = statSync(path)
  if (!stat.isFile()) throw new Error('it is not a file')
  if (stat.size > FILE_BYTES_MAX) throw new Error(`it is larger than ${FILE_BYTES_MAX} bytes: move it away`)
  return readFileSync(path, 'utf8').split('\n')
}
