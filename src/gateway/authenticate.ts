import type { SignIn as SignInCommand } from '../core/command.ts'
import type { Chance, Identity, SignIn } from '../engine/ports.ts'
import {
  type CloseCode,
  type DeviceId,
  type GroupId,
  negotiate,
  type Said,
  type SessionId,
  type TerminalId,
} from '../protocol/mod.ts'

export type AuthWords = Said<'AUTH'>

type Parts = {
  readonly signIn: SignIn
  readonly chance: Chance
  groupOf(configId: number | null): GroupId
}

export type Authenticated =
  | { readonly ok: true; readonly command: SignInCommand }
  | { readonly ok: false; readonly code: CloseCode; readonly reason: string }

/** Checks the token and makes the command that signs the terminal in. Never rejects. */
export async function authenticate(parts: Parts, line: number, message: AuthWords): Promise<Authenticated> {
  const checked = await parts.signIn.check(message.token)
  if (!checked.ok) return checked
  const { identity } = checked
  const protocol = negotiate(message.protocol)
  const configId = protocol === 2 ? (message.configId ?? null) : null
  if (configId !== null && identity.configIds.length > 0 && !identity.configIds.includes(configId)) {
    return { ok: false, code: 'CONFIG_NOT_ALLOWED', reason: `The token is not for the point of sale ${configId}` }
  }
  const command: SignInCommand = {
    kind: 'sign_in',
    line,
    protocol,
    group: parts.groupOf(configId ?? identity.configIds[0] ?? null),
    deviceId: message.deviceId,
    subject: identity.subject,
    name: nameOf(message, identity),
    role: identity.role,
    configId: configId ?? identity.configIds[0] ?? null,
    resume: protocol === 2 ? returning(parts.chance, message) : null,
    fresh: fresh(parts.chance),
    settled: null,
  }
  return { ok: true, command }
}

/** What people see of it: the device's own name where it has one, else the name in the token, else the device. */
function nameOf(message: AuthWords, identity: Identity): string {
  const device: DeviceId = message.deviceId
  return message.deviceName ?? (identity.name === '' ? device : identity.name)
}

function returning(chance: Chance, message: AuthWords): SignInCommand['resume'] {
  if (message.resume === undefined) return null
  const { sessionId, epoch, seq, holds = {} } = message.resume
  return { sessionId, sessionKey: chance.digest(sessionId), epoch, seq, holds }
}

function fresh(chance: Chance): SignInCommand['fresh'] {
  const sessionId = chance.secret() as SessionId
  return { terminalId: chance.name() as TerminalId, sessionId, sessionKey: chance.digest(sessionId) }
}
