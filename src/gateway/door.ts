import type { Line } from '../engine/ports.ts'
import type { ProtocolVersion } from '../protocol/mod.ts'
import { Rate } from './rate.ts'

/**
 * What the gateway knows of a line. `new` has said nothing; `checking` waits for its token or its place; `open` is
 * signed in; `closing` was told to go and is heard no more.
 */
export type Phase = 'new' | 'checking' | 'open' | 'closing'

export class Door {
  readonly line: Line
  readonly rate: Rate
  phase: Phase = 'new'
  protocol: ProtocolVersion = 1
  topic = ''
  /** Frames that came before the terminal was let in; bounded by what an unsigned socket may send. */
  readonly early: string[] = []
  unsignedBytes = 0
  malformed = 0
  /** A large SYNC_INIT may wait in the socket without making its reader a slow one. */
  allowanceBytes = 0
  cancelTimer: () => void = () => undefined
  constructor(line: Line, framesPerSecondMax: number) {
    this.line = line
    this.rate = new Rate(framesPerSecondMax)
  }
}
