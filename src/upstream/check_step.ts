import type { FailureWords } from './failure_words.ts'

/** The steps of the road to Odoo, in the order in which they are walked. */
export const STEPS = [
  'settings',
  'name',
  'connection',
  'odoo',
  'database',
  'sign_in',
  'way',
  'rights',
  'batch',
  'finalize',
  'sessions',
  'clocks',
] as const

export type StepName = (typeof STEPS)[number]

/** `warning`: payments may wait for it, or it may hurt later. `skipped`: it could not be looked at. */
export type Mark = 'ok' | 'wrong' | 'warning' | 'skipped'

/** A text in both languages. */
export type Words = FailureWords

/** What a step showed; `advice`: what to do. */
export type Finding = { readonly mark: Mark; readonly found: Words; readonly advice: Words | null }

export type Step = Finding & { readonly step: StepName }

const UNREACHED: Words = {
  en: 'Not looked at, because of what is wrong.',
  es: 'No se revisó, por lo que está mal.',
}

export function fine(found: Words): Finding {
  return { mark: 'ok', found, advice: null }
}

export function wrong(found: Words, advice: Words): Finding {
  return { mark: 'wrong', found, advice }
}

export function warning(found: Words, advice: Words): Finding {
  return { mark: 'warning', found, advice }
}

export function skipped(found: Words): Finding {
  return { mark: 'skipped', found, advice: null }
}

/** Tells each step once and in order; those that were left out are told as skipped. */
export class Walk {
  readonly #told: (step: Step) => void
  readonly #steps: Step[] = []

  constructor(told: (step: Step) => void) {
    this.#told = told
  }

  /** So far, in order. */
  get steps(): readonly Step[] {
    return this.#steps
  }

  /** False: it is wrong. */
  tell(step: StepName, finding: Finding): boolean {
    while (STEPS[this.#steps.length] !== step) {
      if (!this.#skip()) return false
    }
    this.#keep({ step, ...plain(finding) })
    return finding.mark !== 'wrong'
  }

  /** Whatever was not told yet is skipped. */
  finish(): void {
    while (this.#skip());
  }

  #skip(): boolean {
    const step = STEPS[this.#steps.length]
    if (step !== undefined) this.#keep({ step, ...skipped(UNREACHED) })
    return step !== undefined
  }

  #keep(step: Step): void {
    this.#steps.push(step)
    this.#told(step)
  }
}

function plain({ mark, found, advice }: Finding): Finding {
  return { mark, found: printable(found), advice: advice === null ? null : printable(advice) }
}

/** A server's words may hold anything: the terminal that shows them must not obey it. */
function printable({ en, es }: Words): Words {
  const bare = (text: string) => text.replace(/\p{Cc}+/gu, ' ').trim()
  return { en: bare(en), es: bare(es) }
}
