import init from './0001_init.sql' with { type: 'text' }
import outbox from './0002_outbox.sql' with { type: 'text' }

/**
 * Every step from an empty file to today's, in order. A step is never changed once it has shipped: the file's
 * `user_version` says how many of them it has seen, and a file with more than we know is a newer hub's.
 */
export const MIGRATIONS: readonly string[] = [init, outbox]

export const SCHEMA_VERSION = MIGRATIONS.length

/** "PHub" in the file's `application_id`: tells our file from any other SQLite file. */
export const APPLICATION_ID = 0x50487562
