import { type Finding, finding } from './finding.ts'
import type { Token } from './reader.ts'
import type { Source } from './source.ts'

type Ban = {
  /** As the message names it. */
  readonly word: string
  /** Tokens in a row; `*` stands for any word. */
  readonly rows: readonly string[]
  readonly where: (path: string) => boolean
  readonly remedy: string
}

const inRules = (path: string) => /^src\/(?:core|protocol)\//.test(path)
const outsidePorch = (path: string) => path.startsWith('src/') && !path.startsWith('src/bun/')
const everywhere = () => true

const WAITING = 'The rules never wait: return an effect or a deadline, and let the engine act on it'
const TIME = 'The rules read no clock: take `now` as an argument'
const CHANCE = 'The rules know no chance: take the number as an argument'
const PORCH = 'Only src/bun names the runtime: take it through a port of src/engine/ports.ts'

export const BANS: readonly Ban[] = [
  { word: 'async', rows: ['async'], where: inRules, remedy: WAITING },
  { word: 'await', rows: ['await'], where: inRules, remedy: WAITING },
  { word: 'Promise', rows: ['Promise'], where: inRules, remedy: WAITING },
  { word: 'setTimeout', rows: ['setTimeout', 'setInterval', 'setImmediate'], where: inRules, remedy: WAITING },
  { word: 'queueMicrotask', rows: ['queueMicrotask'], where: inRules, remedy: WAITING },
  { word: 'Date.now', rows: ['Date . now', 'Date ('], where: inRules, remedy: TIME },
  { word: 'new Date', rows: ['new Date'], where: inRules, remedy: TIME },
  { word: 'performance.now', rows: ['performance .'], where: inRules, remedy: TIME },
  { word: 'Math.random', rows: ['Math . random'], where: inRules, remedy: CHANCE },
  { word: 'crypto', rows: ['crypto'], where: inRules, remedy: CHANCE },
  { word: 'Bun.', rows: ['Bun .', 'Bun ? .', 'Bun [', '= Bun'], where: outsidePorch, remedy: PORCH },
  { word: 'process.', rows: ['process .', 'process ? .', 'process ['], where: outsidePorch, remedy: PORCH },
  {
    word: 'as unknown as',
    rows: ['as unknown as'],
    where: everywhere,
    remedy: 'Narrow with a check, or parse with zod; a cast through unknown hides a wrong type',
  },
  {
    word: 'console.',
    rows: ['console .', 'console ? .', 'console ['],
    where: everywhere,
    remedy: 'Log through the Log port; the CLI prints through its one function',
  },
  {
    word: 'enum',
    rows: ['enum *'],
    where: everywhere,
    remedy: 'Write a union of string literals, or `as const` with a type beside it',
  },
  {
    word: 'a default export',
    rows: ['export default', 'export =', 'as default', 'default } from'],
    where: (path) => !path.endsWith('.d.ts'),
    remedy: 'Export it by its name; only a tool that asks for a default may have one, in a .d.ts',
  },
]

/** Holds the banned words. Comments, strings, regular expressions and the text of JSX do not count. */
export function checkWords(source: Source): readonly Finding[] {
  const bans = BANS.filter((ban) => ban.where(source.path))
  const found = source.code.flatMap((token, at) => {
    if (isMember(source.code, at)) return []
    return bans.filter((ban) => stands(source.code, at, ban)).map((ban) => banned(source, token, ban))
  })
  return [...found, ...checkAny(source), ...checkReminders(source)]
}

function banned(source: Source, token: Token, ban: Ban): Finding {
  return finding(source.path, token, { rule: `"${ban.word}" is banned here`, remedy: ban.remedy })
}

/** Whether a name hangs on another one, as in `z.enum`; what hangs on the global object counts as free. */
function isMember(code: readonly Token[], at: number): boolean {
  return code[at - 1]?.text === '.' && !/^(?:globalThis|self|window|global)$/.test(code[at - 2]?.text ?? '')
}

function stands(code: readonly Token[], at: number, ban: Ban): boolean {
  return ban.rows.some((row) =>
    row.split(' ').every((wanted, step) => {
      const token = code[at + step]
      if (token === undefined || (token.kind !== 'word' && token.kind !== 'punct')) return false
      return wanted === '*' ? token.kind === 'word' : token.text === wanted
    }),
  )
}

/** `any` as a type, and zod's. As the name of a member, a key or a method it is a word like others. */
function checkAny(source: Source): readonly Finding[] {
  const code = source.code
  return code.flatMap((token, at) => {
    if (token.kind !== 'word' || token.text !== 'any') return []
    const before = code[at - 1]
    const next = code[at + 1]?.text
    const ofZod = before?.text === '.' && code[at - 2]?.text === 'z'
    const isKey = next === ':' || (next === '?' && code[at + 2]?.text === ':')
    const startsField = before === undefined || /^[{,;(]$/.test(before.text) || before.line < token.line
    if (!ofZod && (before?.text === '.' || next === '(' || (isKey && startsField))) return []
    const remedy = 'Write `unknown` and narrow it, or the type that is meant'
    return [finding(source.path, token, { rule: '"any" is banned as a type', remedy })]
  })
}

/** The one word that is banned in comments too, because that is where it lives. */
const REMINDER = /\bTODO\b/

function checkReminders(source: Source): readonly Finding[] {
  return source.tokens.flatMap((token) => {
    if (token.kind !== 'comment' && token.kind !== 'word') return []
    const line = token.text.split('\n').findIndex((text) => REMINDER.test(text))
    if (line < 0) return []
    const remedy = 'Do it now, or write it into an issue'
    return [finding(source.path, token.line + line, { rule: '"TODO" is banned, in comments too', remedy })]
  })
}

const NAMES = /^(?:index|utils?|helpers?|managers?|services?|types?)$/
const ONE_NOUN = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/

/** Holds the names of code files. */
export function checkName(path: string): readonly Finding[] {
  const stem = path.split('/').at(-1)?.split('.')[0] ?? ''
  if (NAMES.test(stem)) {
    const remedy = 'Name the file by the one noun that it is about; a room opens with mod.ts'
    return [finding(path, 1, { rule: `a file may not be called "${stem}"`, remedy })]
  }
  if (ONE_NOUN.test(stem)) return []
  const remedy = 'Write it in lower case, with an underscore between two words'
  return [finding(path, 1, { rule: `"${stem}" is not how files are named here`, remedy })]
}
