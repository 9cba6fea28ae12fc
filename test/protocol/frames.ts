import type { Said, TerminalMessageType } from '../../src/protocol/mod.ts'
import { decodeTerminal, type ErrorCode, type ProtocolVersion, type TerminalWords } from '../../src/protocol/mod.ts'

/** The message of a frame that must be taken. */
export function taken(frame: string, protocol: ProtocolVersion = 2): TerminalWords {
  const decoded = decodeTerminal(frame, protocol)
  if (!decoded.ok) throw new Error(`refused as ${decoded.code}: ${decoded.why}`)
  return decoded.message
}

/** The same, of one type. */
export function takenAs<T extends TerminalMessageType>(type: T, frame: string, protocol: ProtocolVersion = 2): Said<T> {
  const message = taken(frame, protocol)
  if (!isOf(type, message)) throw new Error(`a ${message.type} came where a ${type} was sent`)
  return message
}

function isOf<T extends TerminalMessageType>(type: T, message: TerminalWords): message is Said<T> {
  return message.type === type
}

/** The code by which a frame is refused, or undefined where it is taken. */
export function refusal(frame: string, protocol: ProtocolVersion = 2): ErrorCode | undefined {
  const decoded = decodeTerminal(frame, protocol)
  return decoded.ok ? undefined : decoded.code
}

/** An `ORDER_SNAPSHOT` of v2 around the text of a snapshot. */
export function snapshotFrame(snapshot: string): string {
  return `{"type":"ORDER_SNAPSHOT","posReference":"A-1","baseVersion":3,"msgId":"m-1","snapshot":${snapshot}}`
}
