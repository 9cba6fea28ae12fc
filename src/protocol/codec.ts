import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'
import type { HubWords } from './hub.ts'
import { MsgId } from './ids.ts'
import { DEPTH_MAX, FRAME_BYTES_MAX } from './limits.ts'
import { isJsonObject, type JsonObject, OPAQUE_FIELDS, Opaque } from './opaque.ts'
import { NO_FACTS, readFacts, type SnapshotFacts } from './order.ts'
import { scanTopLevel } from './scan.ts'
import { REQUIRED_IN_V2, TerminalMessage, type TerminalWords, V2_ONLY } from './terminal.ts'
import type { ProtocolVersion } from './version.ts'

export type Decoded =
  | { readonly ok: true; readonly message: TerminalWords; readonly facts: SnapshotFacts }
  | { readonly ok: false; readonly code: ErrorCode; readonly why: string; readonly msgId?: MsgId }

/**
 * One frame of a terminal to a message. Sizes and nesting are checked before anything is parsed; the envelope is
 * judged by zod; snapshots and floor tables stay the text they came in. Never throws.
 */
export function decodeTerminal(text: string, protocol: ProtocolVersion): Decoded {
  if (longerThan(text, FRAME_BYTES_MAX)) return refuse('TOO_LARGE', `the frame is larger than ${FRAME_BYTES_MAX} bytes`)
  const scan = scanTopLevel(text, OPAQUE_FIELDS)
  if (scan.depth > DEPTH_MAX) return refuse('MALFORMED', `the frame nests deeper than ${DEPTH_MAX} levels`)
  const value = parse(text)
  if (!isJsonObject(value)) return refuse('MALFORMED', 'the frame is not a JSON object')
  return decodeObject(text, value, scan.extents, protocol)
}

type Extents = ReturnType<typeof scanTopLevel>['extents']

function decodeObject(text: string, value: JsonObject, extents: Extents, protocol: ProtocolVersion): Decoded {
  const msgId = MsgId.safeParse(value['msgId']).data
  const type = value['type']
  if (typeof type !== 'string') return refuse('MALFORMED', 'the message has no type', msgId)
  if (!KNOWN_TYPES.has(type) || (protocol === 1 && V2_ONLY.has(type))) {
    return refuse('UNKNOWN_TYPE', `the hub does not know messages of type ${JSON.stringify(type.slice(0, 64))}`, msgId)
  }
  const judged = TerminalMessage.safeParse(value)
  if (!judged.success) return refuse('MALFORMED', `${type}: ${firstIssue(judged.error)}`, msgId)
  const missing = protocol === 2 && missingInV2(judged.data)
  if (missing) return refuse('MALFORMED', `${type}: ${missing} is missing`)
  return { ok: true, message: hold(text, judged.data, extents), facts: factsOf(judged.data) }
}

/** Read from the judged message: a stray `snapshot` on a message that has none is an unknown field, and ignored. */
function factsOf(message: TerminalMessage): SnapshotFacts {
  if ('snapshot' in message) return readFacts(message.snapshot)
  return 'finalSnapshot' in message && message.finalSnapshot ? readFacts(message.finalSnapshot) : NO_FACTS
}

/** Less than this is not worth a copy. */
const COPY_CHARS = 4_096

const KNOWN_TYPES: ReadonlySet<string> = new Set(TerminalMessage.options.map((option) => option.shape.type.value))

function missingInV2(message: TerminalMessage): string | undefined {
  const field = REQUIRED_IN_V2[message.type]
  return field !== undefined && !(field in message && message[field] !== undefined) ? field : undefined
}

/**
 * A part of a frame. An engine keeps the whole text alive for a slice of it: where the rest is large, it is copied, so
 * that a frame of a megabyte of unknown fields does not stay for a snapshot of ten bytes.
 */
function part(text: string, start: number, end: number): string {
  const slice = text.slice(start, end)
  if (text.length - slice.length < COPY_CHARS || text.length < slice.length * 2) return slice
  return new TextDecoder().decode(new TextEncoder().encode(slice))
}

/** Puts the text of each opaque field where zod's parsed value stands. */
function hold(text: string, message: TerminalMessage, extents: Extents): TerminalWords {
  const held: { [key: string]: unknown } = { ...message }
  for (const [key, [start, end]] of extents) {
    if (Object.hasOwn(held, key)) held[key] = new Opaque(part(text, start, end))
  }
  return held as TerminalWords
}

/**
 * A message of the hub to a frame. Opaque values are put in as the text they are, so a broadcast costs one walk over
 * its envelope whatever its snapshot holds. Fields that are undefined are left out.
 */
export function encodeHub(message: HubWords): string {
  return print(message)
}

function print(value: unknown): string {
  if (value instanceof Opaque) return value.json
  if (Array.isArray(value)) return `[${value.map(print).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null'
  let text = '{'
  for (const key in value) {
    if (!Object.hasOwn(value, key) || value[key] === undefined) continue
    text += `${text.length > 1 ? ',' : ''}${JSON.stringify(key)}:${print(value[key])}`
  }
  return `${text}}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refuse(code: ErrorCode, why: string, msgId?: MsgId): Decoded {
  return msgId === undefined ? { ok: false, code, why } : { ok: false, code, why, msgId }
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue === undefined ? 'is not valid' : `${issue.path.join('.') || 'the message'}: ${issue.message}`
}

/** Whether the UTF-8 of a text is longer than `bytes`, without making it. */
export function longerThan(text: string, bytes: number): boolean {
  if (text.length > bytes) return true
  return text.length * 3 > bytes && utf8Bytes(text) > bytes
}

/** The length of a text in UTF-8. A lone surrogate becomes U+FFFD: 3 bytes. */
export function utf8Bytes(text: string): number {
  let total = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const isPair = isHigh(code) && isLow(text.charCodeAt(at + 1))
    total += code < 0x80 ? 1 : code < 0x800 ? 2 : isPair ? 4 : 3
    if (isPair) at++
  }
  return total
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff
}
