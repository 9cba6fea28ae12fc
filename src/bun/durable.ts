import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs'

/** A file that is new, readable for its owner alone, and on the disk when this returns. Fails if the name is taken. */
export function writeDurably(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Brings a file that another hand has written onto the disk. Opened for writing: Windows syncs no other. */
export function syncFile(path: string): void {
  syncOpened(path, 'r+')
}

/** Without it a power cut may take a new name back. Windows cannot open a folder. */
export function syncFolder(folder: string): void {
  if (process.platform !== 'win32') syncOpened(folder, 'r')
}

function syncOpened(path: string, flags: 'r' | 'r+'): void {
  const descriptor = openSync(path, flags)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
