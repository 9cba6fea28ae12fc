import { type Finding, finding } from './finding.ts'
import { literal, type Source } from './source.ts'

type Place = { readonly id: string; readonly path: string; readonly line: number }

/** The promises of DESIGN.md: they belong to the whole house, so a title may name them anywhere. */
const PROMISE = /^P[1-6]$/
const RULE_LINE = /^[\s/*]*([A-Z]{1,2}\d{1,3})[.:]?\s+\S/
const LEADING_IDS = /^(?:\[[A-Z]{1,2}\d{1,3}\][\s,]*)+/
const STATEMENT = /^(?:export|const|let|function|class|interface|declare|async)$/
const ID = /\[([A-Z]{1,2}\d{1,3})\]/g

/** The rules of a file: lines of the comments above its first statement that begin with an id, as ` * L1  text`. */
export function rulesOf(source: Source): readonly Place[] {
  const statement = source.code.find((_, at) => opensStatement(source, at))
  const end = statement?.start ?? source.text.length
  const head = source.tokens.filter((token) => token.kind === 'comment' && token.start < end)
  return head.flatMap((comment) =>
    comment.text.split('\n').flatMap((text, row) => {
      const id = RULE_LINE.exec(text)?.[1]
      return id === undefined || PROMISE.test(id) ? [] : [{ id, path: source.path, line: comment.line + row }]
    }),
  )
}

/** Whether a token opens something else than an import. */
function opensStatement(source: Source, at: number): boolean {
  const word = source.code[at]?.text ?? ''
  const before = source.code[at - 1]?.text ?? ''
  return STATEMENT.test(word) || (word === 'type' && !/^(?:import|[{,])$/.test(before))
}

/** The rules that a test file names: every string of it that begins with `[L1]`, as titles and rows of tables do. */
export function titlesOf(source: Source): readonly Place[] {
  return source.code.flatMap((token) => {
    const text = literal(token)
    const ids = text === undefined ? undefined : LEADING_IDS.exec(text)?.[0]
    return [...(ids ?? '').matchAll(ID)].map((match) => ({
      id: match[1] ?? '',
      path: source.path,
      line: token.line,
    }))
  })
}

/** Every rule is written once and has a test; every rule that a title names is written. */
export function checkRules(rooms: readonly Source[], tests: readonly Source[]): readonly Finding[] {
  const rules = rooms.flatMap(rulesOf)
  const titles = tests.flatMap(titlesOf)
  const written = new Map(rules.map((rule) => [rule.id, rule]))
  const tested = new Set(titles.map((title) => title.id))
  return [
    ...rules.filter((rule) => written.get(rule.id) !== rule).map((rule) => twice(rule, written.get(rule.id))),
    ...[...written.values()].filter((rule) => !tested.has(rule.id)).map(untested),
    ...titles.filter((title) => !written.has(title.id) && !PROMISE.test(title.id)).map(unwritten),
  ]
}

function twice(rule: Place, other: Place | undefined): Finding {
  return finding(rule.path, rule.line, {
    rule: `rule ${rule.id} is also written at ${other?.path}:${other?.line}`,
    remedy: 'Number one of them anew, and its tests with it',
  })
}

function untested(rule: Place): Finding {
  return finding(rule.path, rule.line, {
    rule: `rule ${rule.id} has no test`,
    remedy: `Write one whose title begins with [${rule.id}]`,
  })
}

function unwritten(title: Place): Finding {
  return finding(title.path, title.line, {
    rule: `the title names rule ${title.id}, which no file of src opens with`,
    remedy: 'Correct the number, or write the rule into the comment at the head of its core file',
  })
}
