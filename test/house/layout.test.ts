import { describe, expect, test } from 'bun:test'
import { type Finding, say } from './finding.ts'
import { checkAddresses, checkBytes, checkTop, checkVersions, FILE_BYTES_MAX } from './layout.ts'
import { isCode } from './tree.ts'

function places(findings: readonly Finding[]): readonly string[] {
  return findings.map((found) => `${found.path}:${found.line}`)
}

describe('the top level', () => {
  test('holds what the design gives', () => {
    const given = 'package.json bunfig.toml tsconfig.json src/a.ts db/b.sql test/c.ts compile/d.ts README.md'
    const beside = 'bun.lock LICENSE CHANGELOG.md biome.json node_modules/a .gitignore .ci/run'
    expect(checkTop(`${given} ${beside}`.split(' '))).toEqual([])
  })

  test('holds nothing else', () => {
    const found = checkTop(['docs/a.md', 'docs/b.md', 'package-lock.json', 'Dockerfile', 'hub.sqlite', 'src/a.ts'])
    expect(places(found)).toEqual(['docs:1', 'package-lock.json:1', 'Dockerfile:1', 'hub.sqlite:1'])
  })
})

describe('versions', () => {
  test('that are exact pass', () => {
    const text = JSON.stringify({ dependencies: { a: '1.2.3', b: '1.0.0-rc.1' }, devDependencies: { c: '0.0.1' } })
    expect(checkVersions('package.json', text)).toEqual([])
  })

  test.each([
    '^1.2.3',
    '~1.2.3',
    '1.2',
    '1',
    '*',
    'latest',
    '>=1.2.3',
    '1.x',
    '',
    'github:a/b',
    'file:../a',
    'npm:b@1.2.3',
  ])('such as %j do not', (version) => {
    const text = JSON.stringify({ dependencies: { a: '1.2.3' }, devDependencies: { b: version } }, null, 1)
    expect(places(checkVersions('package.json', text))).toEqual(['package.json:6'])
  })

  test('of peers and optional packages count too', () => {
    const text = JSON.stringify({ peerDependencies: { a: '^1.0.0' }, optionalDependencies: { b: '*' } })
    expect(checkVersions('package.json', text)).toHaveLength(2)
  })
})

describe('addresses of registries', () => {
  const breaches: readonly (readonly [path: string, text: string])[] = [
    ['bun.lock', '{\n"a": ["a@1.2.3", "https://packages.example/a.tgz", {}, ""] }'],
    ['package.json', '{\n"publishConfig": { "registry": "https://registry.example" } }'],
    ['package.json', '{\n"dependencies": { "a": "https://example.com/a.tgz" } }'],
    ['.npmrc', '\nregistry=https://packages.example/'],
    ['.npmrc', '\n@scope:registry = //packages.example/'],
    ['bunfig.toml', '[install]\nregistry = "packages.example"'],
  ]

  test.each(breaches)('are caught in %s: %j', (path, text) => {
    expect(places(checkAddresses(path, text))).toEqual([`${path}:2`])
  })

  const innocent: readonly (readonly [path: string, text: string])[] = [
    ['bun.lock', '{ "a": ["a@1.2.3", "", {}, "sha512-abc"] }'],
    ['package.json', '{ "homepage": "https://example.com", "description": "The registry of sales" }'],
    ['.npmrc', '# the registry is the business of the machine\nfund=false'],
  ]

  test.each(innocent)('are not seen in %s: %j', (path, text) => expect(checkAddresses(path, text)).toEqual([]))
})

describe('large files', () => {
  test('are stopped at one byte too many', () => {
    const files = [
      { path: 'a', bytes: FILE_BYTES_MAX },
      { path: 'b', bytes: FILE_BYTES_MAX + 1 },
    ]
    expect(places(checkBytes(files))).toEqual(['b:1'])
  })
})

test('a finding is one line: place, rule, remedy', () => {
  expect(say({ path: 'src/a.ts', line: 7, rule: 'no', remedy: 'Do so' })).toBe('src/a.ts:7: no. Do so')
})

test('code is TypeScript of four folders, without what Odoo runs', () => {
  const paths = ['src/a.ts', 'db/b.ts', 'compile/c.ts', 'test/d.tsx', 'src/till/e.js', 'test/f.d.ts']
  expect(paths.filter((path) => !isCode(path))).toEqual([])
  expect(
    ['db/0001.sql', 'README.md', '.ci/count.ts', 'src/odoo_addon/static/a.js', 'src/a.tsx.txt'].filter(isCode),
  ).toEqual([])
})
