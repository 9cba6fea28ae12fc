import { describe, expect, test } from 'bun:test'
import { countReport, testFiles } from '../../.ci/count.ts'
import { TOP_FOLDER } from './tree.ts'

/** Written by `bun test --reporter=junit` of Bun 1.4.5, cut down to what differs. */
const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="bun test" tests="6" assertions="4" failures="2" skipped="2" time="0.048">
  <testsuite name="test/a.test.ts" file="test/a.test.ts" tests="6" failures="2" skipped="2" time="0.003" hostname="vm">
    <testsuite name="outer &lt;x&gt;" file="test/a.test.ts" line="2" tests="5" failures="1" skipped="2" time="0">
      <testcase name="good &lt;failure&gt; one" classname="outer" time="0.01" file="test/a.test.ts" line="3" assertions="1" />
      <testcase name="bad &lt;testcase &quot;one&quot;" classname="outer" time="0.01" file="test/a.test.ts" line="4">
        <failure type="AssertionError" message="Expected: &lt;testcase&gt;">&lt;/testcase&gt;</failure>
      </testcase>
      <testcase name="put off" classname="outer" time="0" file="test/a.test.ts" line="5" assertions="0">
        <skipped />
      </testcase>
      <testcase name="not written" classname="outer" time="0" file="test/a.test.ts" line="6" assertions="0">
        <skipped message="not yet" />
      </testcase>
      <testcase name="each 1" classname="outer" time="0.01" file="test/a.test.ts" line="7" assertions="1" />
    </testsuite>
  </testsuite>
  <testsuite name="test/b.test.ts" file="test/b.test.ts" tests="1" failures="1" skipped="0" time="0.0002">
    <testcase name="(unnamed)" classname="" time="0.00007" file="test/b.test.ts" assertions="0">
      <failure type="Error" message="x">Error: x</failure>
    </testcase>
  </testsuite>
</testsuites>
`

describe('the count of a run', () => {
  test('is that of the cases, and a skipped one has not passed', () => {
    expect(countReport(REPORT, ['test/a.test.ts', 'test/b.test.ts'])).toEqual({
      passed: 2,
      failed: [
        'test/a.test.ts: bad <testcase "one": failure',
        'test/a.test.ts: put off: skipped',
        'test/a.test.ts: not written: skipped',
        'test/b.test.ts: (unnamed): failure',
      ],
    })
  })

  test('holds a failure for each file that did not load', () => {
    const failed = countReport(REPORT, ['test/a.test.ts', 'test/b.test.ts', 'test/c.test.ts']).failed
    expect(failed[0]).toBe('test/c.test.ts: is not in the report: it did not load')
    expect(failed).toHaveLength(5)
  })

  test('holds a failure where nothing ran', () => {
    expect(countReport(undefined, []).failed).toHaveLength(1)
    expect(countReport('<testsuites></testsuites>', [])).toEqual({ passed: 0, failed: ['no test ran'] })
    expect(countReport('', []).failed).toHaveLength(1)
  })

  test('is held against the files that Bun takes for tests', () => {
    const files = testFiles(TOP_FOLDER)
    expect(files).toContain('test/house.test.ts')
    expect(files).toContain('test/house/count.test.ts')
    expect(files.filter((file) => !/(?:\.test|_test|\.spec|_spec)\.[jt]sx?$/.test(file))).toEqual([])
  })
})
