import { isLoopback } from './kind_net.ts'
import type { Config } from './settings.ts'

/** What only shows when settings are looked at together. A setting that is itself wrong is missing here. */
export function crossProblems(config: Partial<Config>): readonly string[] {
  return [devAuthProblem(config), leaseProblem(config), lockProblem(config)].filter((one) => one !== null)
}

/** True things that a person should know before they hurt. */
export function crossWarnings(config: Config): readonly string[] {
  const warnings: string[] = []
  if (config.port !== null) warnings.push('HUB_PORT is accepted but unused: the one port of the hub is HUB_HTTP_PORT.')
  if (config.devAuth && !isLoopback(config.host)) {
    warnings.push('HUB_DEV_AUTH is true: everybody in the network gets in without a token, as a manager.')
  }
  return warnings
}

function devAuthProblem({ devAuth, devAuthOnLan, host }: Partial<Config>): string | null {
  if (devAuth !== true || devAuthOnLan !== false || host === undefined || isLoopback(host)) return null
  return `HUB_DEV_AUTH=true lets everybody in without a token: it is refused unless the hub listens on loopback (HUB_HOST=127.0.0.1; HUB_HOST is ${host}) or HUB_DEV_AUTH_ON_LAN=true is said too.`
}

function leaseProblem({ heartbeatMs, leaseTtlMs }: Partial<Config>): string | null {
  return shorter('HUB_HEARTBEAT_MS', heartbeatMs, 'HUB_LEASE_TTL_MS', leaseTtlMs)
}

function lockProblem({ tableLockHeartbeatMs, tableLockTtlMs }: Partial<Config>): string | null {
  return shorter('HUB_TABLE_LOCK_HEARTBEAT_MS', tableLockHeartbeatMs, 'HUB_TABLE_LOCK_TTL_MS', tableLockTtlMs)
}

function shorter(beatName: string, beatMs: number | undefined, ttlName: string, ttlMs: number | undefined) {
  if (beatMs === undefined || ttlMs === undefined || beatMs < ttlMs) return null
  return `${beatName} (${beatMs}) must be shorter than ${ttlName} (${ttlMs}): what is not renewed in its time to live is lost; a third of it is a good value.`
}
