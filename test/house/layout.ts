import * as z from 'zod'
import { type Finding, finding } from './finding.ts'

/** What stands at the top of the repository, beside dotfiles. */
const TOP: ReadonlySet<string> = new Set(
  [
    'package.json bunfig.toml tsconfig.json src db test compile README.md',
    'bun.lock LICENSE CHANGELOG.md biome.json node_modules',
  ]
    .join(' ')
    .split(' '),
)

export const FILE_BYTES_MAX = 500_000

export function checkTop(paths: readonly string[]): readonly Finding[] {
  const names = new Set(paths.map((path) => path.split('/')[0] ?? ''))
  return [...names]
    .filter((name) => !name.startsWith('.') && !TOP.has(name))
    .map((name) =>
      finding(name, 1, {
        rule: 'the top level holds only what DESIGN.md gives',
        remedy: 'Move it into one of the rooms, or let .gitignore name it if a program made it',
      }),
    )
}

export function checkBytes(files: readonly { readonly path: string; readonly bytes: number }[]): readonly Finding[] {
  return files
    .filter((file) => file.bytes > FILE_BYTES_MAX)
    .map((file) =>
      finding(file.path, 1, {
        rule: `${file.bytes} bytes; a file in git has at most ${FILE_BYTES_MAX}`,
        remedy: 'Make it when it is needed, or keep it outside git',
      }),
    )
}

const Versions = z.record(z.string(), z.string()).optional()
const Manifest = z.object({
  dependencies: Versions,
  devDependencies: Versions,
  peerDependencies: Versions,
  optionalDependencies: Versions,
})

const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/

export function checkVersions(path: string, text: string): readonly Finding[] {
  const manifest = Manifest.parse(JSON.parse(text))
  return Object.values(manifest)
    .flatMap((group) => Object.entries(group ?? {}))
    .filter(([, version]) => !EXACT.test(version))
    .map(([name, version]) =>
      finding(path, lineOf(text, `"${name}"`), {
        rule: `"${name}" has the version "${version}", which is not exact`,
        remedy: 'Write the one version that was tested, as 1.2.3',
      }),
    )
}

/** An address that packages come from: any in a lock file; elsewhere one that says registry, or a tarball. */
const ADDRESS = /https?:\/\/[^\s"']*/g
const OF_REGISTRY = /registry|npm|yarnpkg|\.tgz/i

export function checkAddresses(path: string, text: string): readonly Finding[] {
  return text.split('\n').flatMap((line, row) => {
    const addresses = line.match(ADDRESS) ?? []
    const named = path.endsWith('.lock') ? addresses.length > 0 : addresses.some((one) => OF_REGISTRY.test(one))
    const option = !path.endsWith('.lock') && /^\s*"?(?:@[\w-]+:)?registry"?\s*[=:]/.test(line)
    if (!named && !option) return []
    return [
      finding(path, row + 1, {
        rule: 'a package registry is named by its address',
        remedy: 'Take the address out: where packages come from is the business of each machine',
      }),
    ]
  })
}

function lineOf(text: string, part: string): number {
  const at = text.indexOf(part)
  return at < 0 ? 1 : text.slice(0, at).split('\n').length
}
