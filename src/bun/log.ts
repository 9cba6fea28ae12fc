import pino from 'pino'
import type { Config } from '../config.ts'
import type { Log, LogFields } from '../engine/ports.ts'
import { say } from './print.ts'

const STDOUT = 1

/**
 * One event, one line, written before the next thing happens: an asynchronous log loses its last lines, which are the
 * ones that are wanted.
 */
export function createLog(config: Pick<Config, 'logLevel' | 'logFormat'>): Log {
  const isText = config.logFormat === 'text' || (config.logFormat === 'auto' && process.stdout.isTTY === true)
  const stream = isText
    ? { write: (line: string) => void say(textOf(line)) }
    : pino.destination({ fd: STDOUT, sync: true })
  const options = { level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  const logger = pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, stream)
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
    fatal: (event, fields) => logger.fatal(fields ?? {}, event),
  }
}

const TIME_START = 11
const TIME_END = 19

/** For a person at a terminal: `18:40:31 info  listening  port=8766`. */
function textOf(line: string): string {
  const { level, time, msg, ...fields }: LogFields = JSON.parse(line)
  const more = Object.entries(fields).map(([key, value]) => `${key}=${plain(value)}`)
  return [String(time).slice(TIME_START, TIME_END), String(level).padEnd(5), plain(msg), ...more].join('  ')
}

/** A name that a terminal chose may hold line ends and escape codes: such a value is shown in quotes. */
function plain(value: unknown): string {
  return typeof value === 'string' && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value) ? value : JSON.stringify(value)
}
