import { describe, expect, test } from 'bun:test'
import { type FlagShape, readFlags } from '../../src/config.ts'

const SHAPES: readonly FlagShape[] = [
  { name: 'http-port', takes: 'value' },
  { name: 'grace-ms', takes: 'value' },
  { name: 'token-secret', takes: 'value', isSecret: true },
  { name: 'dev-auth', takes: 'boolean' },
  { name: 'try', takes: 'nothing' },
]

function read(line: string): { readonly values: object; readonly problems: readonly string[] } {
  const { values, problems } = readFlags(line === '' ? [] : line.split(' '), SHAPES)
  return { values: Object.fromEntries(values), problems }
}

describe('what is understood', () => {
  test.each([
    ['', {}],
    ['--http-port 1', { 'http-port': '1' }],
    ['--http-port=1', { 'http-port': '1' }],
    ['--http-port=a=b', { 'http-port': 'a=b' }],
    ['--grace-ms -1', { 'grace-ms': '-1' }],
    ['--http-port=--try', { 'http-port': '--try' }],
    ['--dev-auth', { 'dev-auth': 'true' }],
    ['--dev-auth=false', { 'dev-auth': 'false' }],
    ['--no-dev-auth', { 'dev-auth': 'false' }],
    ['--try --http-port 1 --dev-auth', { try: 'true', 'http-port': '1', 'dev-auth': 'true' }],
  ])('%p', (line, values) => {
    expect(read(line)).toEqual({ values, problems: [] })
  })
})

describe('what is refused', () => {
  test.each([
    ['--http-port', '--http-port has no value; write --http-port=VALUE, or leave it out.'],
    ['--http-port=', '--http-port has no value; write --http-port=VALUE, or leave it out.'],
    ['--http-port --try', '--http-port has no value; write --http-port=VALUE, or leave it out.'],
    ['--http-port 1 --http-port 1', '--http-port is given twice; give it once (lists take commas).'],
    ['--dev-auth --no-dev-auth', '--dev-auth is given twice; give it once.'],
    ['--try=yes', '--try takes no value; write it alone.'],
    ['--no-dev-auth=true', '--no-dev-auth takes no value; write it alone, or --dev-auth=true.'],
    ['--htpt-port 8', 'There is no flag --htpt-port; did you mean --http-port?'],
    ['--httpPort=8', 'There is no flag --httpPort; did you mean --http-port?'],
    ['--no-dev-auht', 'There is no flag --no-dev-auht; did you mean --no-dev-auth?'],
    ['--no-http-port', 'There is no flag --no-http-port; did you mean --http-port?'],
    ['-http-port 8', 'There is no flag -http-port; did you mean --http-port?'],
    ['--watermelon', 'There is no flag --watermelon; --help lists those there are.'],
  ])('%p', (line, problem) => {
    expect(read(line).problems).toEqual([problem])
  })

  test.each(['extra', '--', '-', '--dev-auth false'])('a stray word: %p', (line) => {
    const { problems } = read(line)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toStartWith(`Nothing takes the argument "${line.split(' ').at(-1)}"`)
  })

  test('everything at once', () => {
    expect(read('--nope --http-port --try=1 stray').problems).toHaveLength(3 + 1)
  })

  test('more words than anybody types are one problem', () => {
    const { problems } = readFlags(
      Array.from({ length: 1_001 }, () => '--dev-auth'),
      SHAPES,
    )
    expect(problems).toContain('There are more than 1000 arguments.')
  })
})

describe('words', () => {
  const readWords = (argv: readonly string[], wordsMax: number) => {
    const { words, values, problems } = readFlags(argv, SHAPES, { wordsMax })
    return { words, values: Object.fromEntries(values), problems: problems.length }
  }

  test.each<[readonly string[], readonly string[], { [name: string]: string }]>([
    [[], [], {}],
    [['Order 1'], ['Order 1'], {}],
    [['--try', 'Order 1'], ['Order 1'], { try: 'true' }],
    [['Order 1', '--http-port', '1'], ['Order 1'], { 'http-port': '1' }],
    [['--http-port', '1', 'Order 1', '--dev-auth'], ['Order 1'], { 'http-port': '1', 'dev-auth': 'true' }],
    [['--dev-auth', 'false'], ['false'], { 'dev-auth': 'true' }],
    [['=a=b'], ['=a=b'], {}],
    [[''], [''], {}],
    [['-'], ['-'], {}],
    [['"\n\u001b'], ['"\n\u001b'], {}],
    [['__proto__'], ['__proto__'], {}],
    [['--try', '--', '--http-port'], ['--http-port'], { try: 'true' }],
    [['--', '--'], ['--'], {}],
  ])('%j', (argv, words, values) => {
    expect(readWords(argv, 1)).toEqual({ words, values, problems: 0 })
  })

  test('more than the verb takes are stray', () => {
    expect(readWords(['a', 'b', 'c'], 2)).toEqual({ words: ['a', 'b'], values: {}, problems: 1 })
    expect(readWords(['a'], 0)).toEqual({ words: [], values: {}, problems: 1 })
    expect(readFlags(['a'], SHAPES).words).toEqual([])
  })

  test('what begins with a dash is a flag, but not behind --', () => {
    expect(readWords(['-1'], 1)).toMatchObject({ words: [], problems: 1 })
    expect(readWords(['--', '-1'], 1)).toEqual({ words: ['-1'], values: {}, problems: 0 })
    expect(readWords(['--', '-1', '--try'], 1)).toEqual({ words: ['-1'], values: {}, problems: 1 })
  })
})

describe('secrets stay unseen', () => {
  test.each([
    '--token-secret hunter2 --token-secret hunter2',
    '--token-secert=hunter2',
    '--token-secert hunter2',
    '--token-secret my hunter2',
    '--token-secert my hunter2',
  ])('%p', (line) => {
    const { problems } = read(line)
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.join()).not.toContain('hunter2')
  })
})
