import type { HubMessage, HubMessageType } from '../protocol/mod.ts'
import { CHECK_PARTS, CHECK_SHAPES, ERROR_CODES } from './check_shapes.ts'

/**
 * Whether what the hub says is what PROTOCOL.md promises, in a tenth of the bytes that the schemas would cost a page.
 * The schemas of `src/protocol` stay the source: `test/realtime/check.test.ts` holds this against them.
 */

/** What one frame turned out to be. An `unknown` type comes from a newer hub: it is ignored, and never an error. */
export type CheckedFrame<M = HubMessage> =
  | { readonly kind: 'message'; readonly message: M }
  | { readonly kind: 'unknown'; readonly type: string }
  /** `why` names the field, for a log; it holds nothing of its value. */
  | { readonly kind: 'malformed'; readonly why: string }

/** The same messages as a v1 hub says them: what v1 does not promise (`~` in the table of shapes) may be missing. */
export type OldHubMessage = { [T in HubMessageType]: Aged<Extract<HubMessage, { type: T }>, T> }[HubMessageType]
type Aged<M, T = 'part'> = { readonly [K in keyof M as K extends MayLack<T> ? never : K]: AgedField<M[K], K> } & {
  readonly [K in keyof M as K extends MayLack<T> ? K : never]?: AgedField<M[K], K>
}
type AgedField<V, K> = K extends 'orders' | 'locks' | 'tableLocks' | 'leases'
  ? V extends readonly (infer Part)[]
    ? readonly Aged<Part>[]
    : V
  : V
type MayLack<T> =
  | ('role' | 'code' | 'mode' | 'closed' | 'tableLocks' | 'leases' | 'floors' | 'epoch' | 'seq' | 'state' | 'ttlMs')
  | ('fence' | 'sourceTerminal')
  | (T extends 'part' ? 'expiresAt' : never)
  | (T extends 'SYNC_INIT' ? 'tables' : never)
  | (T extends 'ORDER_FINALIZED' | 'ORDER_FINALIZE_ERROR' ? 'version' : never)

/** A message of a v2 hub, the value itself with all its fields; null: not one, or of a type that is not known. */
export function checkHubMessage(value: unknown): HubMessage | null {
  const judged = judge(value, false)
  return judged.kind === 'message' ? (judged.message as HubMessage) : null
}

/** One frame of a v2 hub. Never throws. */
export function checkFrame(text: string): CheckedFrame {
  return judge(parse(text), false) as CheckedFrame
}

/** One frame of a hub that speaks v1 only. Never throws. */
export function checkOldFrame(text: string): CheckedFrame<OldHubMessage> {
  return judge(parse(text), true) as CheckedFrame<OldHubMessage>
}

function judge(value: unknown, isOld: boolean): CheckedFrame<unknown> {
  if (!isObject(value)) return { kind: 'malformed', why: 'the frame is not a JSON object' }
  const type = value['type']
  if (typeof type !== 'string') return { kind: 'malformed', why: 'the message has no type' }
  const shape = new Map<string, string>(Object.entries(CHECK_SHAPES)).get(type)
  if (shape === undefined) return { kind: 'unknown', type }
  const wrong = wrongField(value, shape, isOld)
  return wrong === null ? { kind: 'message', message: value } : { kind: 'malformed', why: `${type}: ${wrong}` }
}

/** The name of the first field that is missing or of another kind; null: all are good. */
function wrongField(value: Fields, shape: string, isOld: boolean): string | null {
  for (const entry of shape.split(' ')) {
    const [, name = '', mark = '', list = '', kind = ''] = ENTRY.exec(entry) ?? []
    const field = value[name]
    if (field === undefined && (mark === '?' || (mark === '~' && isOld))) continue
    if (!(list === '' ? isKind(field, kind) : isList(field, CHECK_PARTS[kind] ?? '', isOld))) return name
  }
  return null
}

/** As `check_shapes.ts` writes a field: its name, its mark, whether it is a list, its kind. */
const ENTRY = /^(\w+)([?~]?):(\*?)(.+)$/

function isList(value: unknown, shape: string, isOld: boolean): boolean {
  return Array.isArray(value) && value.every((one) => isObject(one) && wrongField(one, shape, isOld) === null)
}

function isKind(value: unknown, kind: string): boolean {
  const test = KINDS[kind]
  return test === undefined ? isOneOf(value, kind) : test(value)
}

const KINDS: { readonly [kind: string]: (value: unknown) => boolean } = {
  id: (value) => isBounded(value, 128),
  word: (value) => isBounded(value, 64),
  holder: (value) => value === '' || isBounded(value, 128),
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  int: (value) => isFrom(value, Number.MIN_SAFE_INTEGER),
  natural: (value) => isFrom(value, 0),
  positive: (value) => isFrom(value, 1),
  object: isObject,
  nullable: (value) => value === null || isObject(value),
  objects: (value) => Array.isArray(value) && value.every(isObject),
  code: (value) => isOneOf(value, ERROR_CODES),
}

/** A lone surrogate is no text that UTF-8 could carry. `isWellFormed` is too young for the tablets in shops. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** The schemas count characters, not the one or two units that each of them takes in memory. */
function isBounded(value: unknown, charactersMax: number): boolean {
  if (typeof value !== 'string' || value === '' || value.length > charactersMax * 2) return false
  return (value.length <= charactersMax || [...value].length <= charactersMax) && !LONE_SURROGATE.test(value)
}

function isFrom(value: unknown, lowest: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= lowest
}

function isOneOf(value: unknown, words: string): boolean {
  return typeof value === 'string' && words.split('|').includes(value)
}

type Fields = { readonly [key: string]: unknown }

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
