import { existsSync, readFileSync } from 'node:fs'

/**
 * Counts a JUnit report of `bun test` against the test files on the disk. A file that dies while it is loaded is in no
 * report, and Bun then still says how many of the others passed: such a file counts as one failure.
 */

export type Count = {
  readonly passed: number
  /** What did not pass: failed, skipped, or never run. */
  readonly failed: readonly string[]
}

const SUITE_FILE = /<testsuite\b[^>]*\sfile="([^"]*)"/g
const CASE = /<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g
const ATTRIBUTE = /\s(name|file)="([^"]*)"/g

/** `report` is undefined where there is none; `files` are all test files, as the report names them. */
export function countReport(report: string | undefined, files: readonly string[]): Count {
  if (report === undefined) return { passed: 0, failed: ['bun test left no report: it died, or found no test'] }
  const seen = new Set([...report.matchAll(SUITE_FILE)].map((match) => plain(match[1] ?? '')))
  const failed = files.filter((file) => !seen.has(file)).map((file) => `${file}: is not in the report: it did not load`)
  let passed = 0
  for (const [, attributes = '', body = ''] of report.matchAll(CASE)) {
    const fate = /<(failure|error|skipped)\b/.exec(body)?.[1]
    if (fate === undefined) passed++
    else failed.push(`${nameOf(attributes)}: ${fate}`)
  }
  if (passed === 0 && failed.length === 0) failed.push('no test ran')
  return { passed, failed }
}

function nameOf(attributes: string): string {
  const named = new Map([...attributes.matchAll(ATTRIBUTE)].map((match) => [match[1], plain(match[2] ?? '')]))
  return `${named.get('file')}: ${named.get('name')}`
}

function plain(text: string): string {
  const signs: { readonly [name: string]: string } = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => signs[name] ?? '')
}

/** The names that `bun test` takes for tests. */
export function testFiles(folder: string): readonly string[] {
  const pattern = new Bun.Glob('test/**/*{.test,_test,.spec,_spec}.{ts,tsx,mts,cts,js,jsx,mjs,cjs}')
  return [...pattern.scanSync({ cwd: folder })].map((path) => path.replaceAll('\\', '/')).sort()
}

/** `bun .ci/count.ts REPORT EXIT_CODE` prints what failed, line by line, and at last `PASSED FAILED`. */
if (import.meta.main) {
  const [path = '', exitCode = ''] = process.argv.slice(2)
  const report = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  const count = countReport(report, testFiles('.'))
  const unexplained = exitCode !== '0' && count.failed.length === 0
  const failed = unexplained ? [`bun test ended with ${exitCode} though its report is clean`] : count.failed
  process.stdout.write(
    [...failed.map((line) => `not passed: ${line}\n`), `${count.passed} ${failed.length}\n`].join(''),
  )
}
