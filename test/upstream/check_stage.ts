import { expect } from 'bun:test'
import { DEMO_ACCESS } from '../../src/bun/demo_server.ts'
import { createOdooFetch } from '../../src/bun/odoo_fetch.ts'
import { checkOdoo } from '../../src/upstream/check.ts'
import type { CheckParts } from '../../src/upstream/check_parts.ts'
import { STEPS, type Step, type StepName, Walk } from '../../src/upstream/check_step.ts'
import type { OdooSettings } from '../../src/upstream/settings.ts'
import { FakeClock } from '../engine/fake_clock.ts'
import { SETTINGS } from './road.ts'

/** What the hub and the stand-in share. */
export const ACCESS: Partial<OdooSettings> = {
  db: DEMO_ACCESS.database,
  user: DEMO_ACCESS.login,
  password: DEMO_ACCESS.password,
  apiKey: DEMO_ACCESS.apiKey,
}

export type Walked = {
  readonly steps: readonly Step[]
  step(name: StepName): Step
  /** Like `name ok`, without those that are ok. */
  readonly troubles: readonly string[]
}

/** Walks, and holds what must be so on every walk: each step once, both languages, no secret. */
export async function walk(settings: Partial<OdooSettings>, more: Partial<CheckParts> = {}): Promise<Walked> {
  const told: Step[] = []
  const all = { ...SETTINGS, ...settings }
  const road = new Walk((step) => told.push(step))
  road.tell('settings', { mark: 'ok', found: { en: 'set', es: 'puesto' }, advice: null })
  const wall = new FakeClock(1_000, Date.now())
  await checkOdoo(
    {
      settings: all,
      fetch: createOdooFetch({ certificates: null }),
      clock: wall,
      resolve: async () => ({ ok: true, addresses: ['192.0.2.1'] }),
      ...more,
    },
    road,
  )
  expect(road.steps).toEqual(told)
  expect(told.map(({ step }) => step)).toEqual([...STEPS])
  for (const step of told) holdStep(step)
  const text = JSON.stringify(told)
  for (const secret of [all.password, all.apiKey]) if (secret !== null) expect(text).not.toContain(secret)
  return {
    steps: told,
    step: (name) => told.find(({ step }) => step === name) ?? expect.unreachable(),
    troubles: told.filter(({ mark }) => mark !== 'ok').map(({ step, mark }) => `${step} ${mark}`),
  }
}

function holdStep({ step, mark, found, advice }: Step): void {
  expect(advice === null, step).toBe(mark === 'ok' || mark === 'skipped')
  for (const words of advice === null ? [found] : [found, advice]) {
    expect(words.en, step).not.toBe('')
    expect(words.es, step).not.toBe('')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    expect(words.en + words.es, step).not.toMatch(/[\x00-\x1f]/)
  }
}

/** What stands behind a step that ended the walk. */
export function skippedAfter(step: StepName): readonly string[] {
  return STEPS.slice(STEPS.indexOf(step) + 1).map((name) => `${name} skipped`)
}

/** The same, where a server answered at all: its clock is looked at in any case. */
export function endedAt(step: StepName): readonly string[] {
  return [`${step} wrong`, ...skippedAfter(step).filter((line) => !line.startsWith('clocks'))]
}
