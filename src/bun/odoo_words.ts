import type { Mark, Step, StepName, Words } from '../upstream/check_step.ts'

/** What `pos-hub odoo check` calls things, in both languages. */

export type Language = keyof Words

/** Null: `asked` is none of them. Without `asked` it is that of the system, as far as we speak it. */
export function languageOf(
  asked: string | undefined,
  environment: { readonly [name: string]: string | undefined },
): Language | null {
  if (asked !== undefined) return asked === 'en' || asked === 'es' ? asked : null
  const { LC_ALL: all, LC_MESSAGES: messages, LANG: language } = environment
  // An empty one counts as not set.
  const spoken = all || messages || language || ''
  return /^es(?![a-z])/i.test(spoken) ? 'es' : 'en'
}

export const MARKS: { readonly [mark in Mark]: Words } = {
  ok: { en: 'ok', es: 'bien' },
  wrong: { en: 'WRONG', es: 'MAL' },
  warning: { en: 'warning', es: 'aviso' },
  skipped: { en: 'skipped', es: 'omitido' },
}

export const TITLES: { readonly [step in StepName]: Words } = {
  settings: { en: 'settings', es: 'ajustes' },
  name: { en: 'name', es: 'nombre' },
  connection: { en: 'connection', es: 'conexión' },
  odoo: { en: 'Odoo', es: 'Odoo' },
  database: { en: 'database', es: 'base de datos' },
  sign_in: { en: 'sign-in', es: 'acceso' },
  way: { en: 'way', es: 'vía' },
  rights: { en: 'rights', es: 'permisos' },
  batch: { en: 'add-on: batch', es: 'módulo: lote' },
  finalize: { en: 'add-on: finalize', es: 'módulo: finalizar' },
  sessions: { en: 'sessions', es: 'sesiones' },
  clocks: { en: 'clocks', es: 'relojes' },
}

export function sumUp(steps: readonly Step[]): Words {
  const count = (mark: Mark) => steps.filter((step) => step.mark === mark).length
  const [wrong, warnings] = [count('wrong'), count('warning')]
  if (wrong > 0) {
    return wrong === 1
      ? { en: 'One thing is wrong: mend it, then check again.', es: 'Una cosa está mal: corríjala y revise de nuevo.' }
      : {
          en: `${wrong} things are wrong: mend them, then check again.`,
          es: `${wrong} cosas están mal: corríjalas y revise de nuevo.`,
        }
  }
  if (warnings === 0) return { en: 'All is well.', es: 'Todo está bien.' }
  return warnings === 1
    ? { en: 'The road is open, with one warning.', es: 'El camino está abierto, con un aviso.' }
    : { en: `The road is open, with ${warnings} warnings.`, es: `El camino está abierto, con ${warnings} avisos.` }
}
