import { MASK } from './kind.ts'
import type { Setting } from './settings.ts'

/** Where a value came from, and how it may be shown: a secret is never in it. */
export type Origin = {
  readonly from: 'flag' | 'environment' | 'file' | 'default'
  /** `--http-port`, `HUB_HTTP_PORT`, the path of the file, `default`, or `default of --try`. */
  readonly name: string
  /** The value as it would be written, `********` for a secret, `(not set)` for none. */
  readonly shown: string
}

export const NOT_SET = '(not set)'

/** A value for people's eyes. */
export function showValue(setting: Setting<unknown>, value: unknown): string {
  const text = value === null ? '' : setting.kind.print(value)
  if (text === '') return NOT_SET
  return setting.isSecret ? MASK : text
}
