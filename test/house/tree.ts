import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { readSource, type Source } from './source.ts'

/** The top of the repository. */
export const TOP_FOLDER = join(import.meta.dir, '..', '..')

/**
 * The files that git holds or would take, from the top; where there is no git (an unpacked archive), every file
 * but those that a program made.
 */
export function listFiles(): readonly string[] {
  const git = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: TOP_FOLDER, encoding: 'utf8' })
  const paths = git.status === 0 ? git.stdout.split('\0') : walk('')
  return [...new Set(paths)].filter((path) => path !== '' && existsSync(join(TOP_FOLDER, path))).sort()
}

const MADE: ReadonlySet<string> = new Set(['node_modules', 'data', 'dist', 'test-results', '.git', '.DS_Store'])

function walk(folder: string): readonly string[] {
  return readdirSync(join(TOP_FOLDER, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (MADE.has(entry.name) || /\.(?:sqlite(?:-.*)?|log)$/.test(entry.name)) return []
    return entry.isDirectory() ? walk(path) : [path]
  })
}

/** The code that the rules of the house hold for: all of it but what Odoo's own rules hold for. */
export function isCode(path: string): boolean {
  return /^(?:src|db|compile|test)\/.*\.[cm]?[jt]sx?$/.test(path) && !path.startsWith('src/odoo_addon/')
}

export function readCode(paths: readonly string[]): readonly Source[] {
  return paths.filter(isCode).map((path) => readSource(path, readText(path)))
}

export function readText(path: string): string {
  return readFileSync(join(TOP_FOLDER, path), 'utf8')
}

export function bytesOf(path: string): number {
  return statSync(join(TOP_FOLDER, path)).size
}
