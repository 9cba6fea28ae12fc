import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from './hub_process.ts'

/** The files of a folder, each with the hash of its bytes: equal before and after means that nothing was touched. */
export async function fingerprint(folder: string): Promise<{ [name: string]: string }> {
  const found: { [name: string]: string } = {}
  for (const name of (await readdir(folder)).toSorted()) {
    found[name] = createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex')
  }
  return found
}

/** A temporary folder that goes when it is disposed of. */
export async function openFolder(): Promise<{ path: string; [Symbol.asyncDispose](): Promise<void> }> {
  const path = await temporaryFolder()
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
