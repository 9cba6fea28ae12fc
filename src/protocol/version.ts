/** The newest protocol that this code speaks. A terminal asks for it with `protocol` in `AUTH`. */
export const PROTOCOL_VERSION = 2

/** What a session speaks: the smaller of what the terminal asked for and `PROTOCOL_VERSION`. */
export type ProtocolVersion = 1 | 2

/**
 * Every version that ever was, newest last. A change of the wire needs a line here: `test/protocol/wire.test.ts`
 * holds a hash of the JSON schema, so that nobody changes it by accident.
 */
export const PROTOCOL_HISTORY: readonly {
  readonly version: ProtocolVersion
  readonly date: string
  readonly what: string
}[] = [
  {
    version: 1,
    date: '2025-01-01',
    what: 'The published contract of the Node.js hub: AUTH without `protocol`, no `msgId`, no `ERROR`.',
  },
  {
    version: 2,
    date: '2026-11-22',
    what: 'Resume by sessionId, msgId and ORDER_ACCEPTED, seq and epoch with delta sync, fences, ORDER_DISCARD, LEASE_AVAILABLE, ERROR with `next`; seq on ORDER_FINALIZE_ERROR where the state of the order changed.',
  },
]

/** The version to speak with a terminal that asked for `asked` (nothing asked: 1). */
export function negotiate(asked: number | undefined): ProtocolVersion {
  return asked !== undefined && asked >= 2 ? 2 : 1
}
