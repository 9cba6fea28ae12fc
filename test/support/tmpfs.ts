import { copyFile, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { HubProcess } from './hub_process.ts'

const MOUNT = 'mount -t tmpfs -o "$1" tmpfs "$2" && shift 2 && exec "$@"'
const FILLER = 'filler.bin'

/**
 * Runs a command with a file system of its own on `folder`, which only that command sees, and which ends with it.
 * `options` are those of `mount`: `size=4m`, `ro`. Needs no more than the right to make a mount namespace.
 */
export function withTmpfs(folder: string, options: string) {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user']
  return (command: readonly string[]) => {
    return ['unshare', '--mount', ...asRoot, 'sh', '-c', MOUNT, 'sh', options, folder, ...command]
  }
}

/** The data folder as the hub sees it, from the outside. */
function insideOf(hub: HubProcess): string {
  return `/proc/${hub.pid}/root${hub.folder}`
}

/** Writes a file until not one more byte goes into the hub's file system; then gives back `leave` bytes of it. */
export async function fillDisk(hub: HubProcess, leave = 0): Promise<void> {
  const file = await open(join(insideOf(hub), FILLER), 'a')
  try {
    for (const bytes of [65_536, 4_096, 1]) while (await append(file, bytes));
    const { size } = await file.stat()
    await file.truncate(size - leave)
  } finally {
    await file.close()
  }
}

export function freeDisk(hub: HubProcess): Promise<void> {
  return rm(join(insideOf(hub), FILLER))
}

/** What a power cut would leave: a copy of the hub's database while the hub stands still. */
export async function copyDatabase(hub: HubProcess, folder: string): Promise<void> {
  hub.signal('SIGSTOP')
  try {
    const names = (await readdir(insideOf(hub))).filter((name) => /^hub\.sqlite(-wal)?$/.test(name))
    for (const name of names) await copyFile(join(insideOf(hub), name), join(folder, name))
  } finally {
    hub.signal('SIGCONT')
  }
}

async function append(file: Awaited<ReturnType<typeof open>>, bytes: number): Promise<boolean> {
  try {
    return (await file.write(Buffer.alloc(bytes, 0x5a))).bytesWritten === bytes
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false
    throw error
  }
}
