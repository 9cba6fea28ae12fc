import { isLoopback } from './kind_net.ts'
import type { Config } from './settings.ts'

/** What only shows when settings are looked at together. A setting that is itself wrong is missing here. */
export function crossProblems(config: Partial<Config>): readonly string[] {
  return [devAuthProblem(config), leaseProblem(config), lockProblem(config), ...odooProblems(config)].filter(
    (one) => one !== null,
  )
}

/** True things that a person should know before they hurt. */
export function crossWarnings(config: Config): readonly string[] {
  const warnings: string[] = []
  if (config.port !== null) warnings.push('HUB_PORT is accepted but unused: the one port of the hub is HUB_HTTP_PORT.')
  if (config.devAuth && !isLoopback(config.host)) {
    warnings.push('HUB_DEV_AUTH is true: everybody in the network gets in without a token, as a manager.')
  }
  const isSignedIn = config.odooPassword ?? config.odooPasswordFile ?? config.odooApiKey ?? config.odooApiKeyFile
  if (config.odooUrl !== null && isSignedIn === null) {
    warnings.push('ODOO_URL is set, but neither a password nor an API key: the hub cannot sign in, and payments wait.')
  }
  if (config.odooUrl?.startsWith('http:') === true && !isLoopback(hostOf(config.odooUrl))) {
    warnings.push('ODOO_URL is http: the password of Odoo goes through the network unencrypted. Use https if you can.')
  }
  return warnings
}

/** An IPv6 address without its brackets. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
}

function odooProblems(config: Partial<Config>): readonly string[] {
  const problems: string[] = []
  if (config.odooPassword != null && config.odooPasswordFile != null) {
    problems.push('ODOO_PASSWORD and ODOO_PASSWORD_FILE are both set: give one of them.')
  }
  if (config.odooApiKey != null && config.odooApiKeyFile != null) {
    problems.push('ODOO_API_KEY and ODOO_API_KEY_FILE are both set: give one of them.')
  }
  const { odooTimeoutMs, odooCallDeadMs } = config
  if (odooTimeoutMs !== undefined && odooCallDeadMs !== undefined && odooCallDeadMs < odooTimeoutMs) {
    const why = 'a call is not over before the hub has given it up'
    problems.push(`ODOO_CALL_DEAD_MS (${odooCallDeadMs}) must be at least ODOO_TIMEOUT_MS (${odooTimeoutMs}): ${why}.`)
  }
  return problems
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
