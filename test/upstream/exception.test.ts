import { expect, test } from 'bun:test'
import { exceptionFailure } from '../../src/upstream/exception.ts'
import { short } from './road.ts'

test.each([
  ['odoo.http.SessionExpiredException', 'Session expired', 'SIGN_IN unauthorised server'],
  ['psycopg2.errors.SerializationFailure', 'could not serialize access', 'COLLISION transient call'],
  ['psycopg2.errors.LockNotAvailable', 'could not obtain lock', 'COLLISION transient call'],
  ['psycopg2.extensions.TransactionRollbackError', 'could not serialize', 'COLLISION transient call'],
  ['psycopg2.OperationalError', 'server closed the connection', 'UNAVAILABLE transient server'],
  ['psycopg2.OperationalError', 'FATAL:  database "x" does not exist', 'WRONG_DATABASE transient server'],
  ['odoo.sql_db.PoolError', 'The Connection Pool Is Full', 'UNAVAILABLE transient server'],
  ['builtins.AttributeError', "'NoneType' object has no attribute 'id'", 'BAD_DATA refused call'],
  ['builtins.UnicodeEncodeError', 'surrogates not allowed', 'BAD_DATA refused call'],
  ['requests.exceptions.ConnectTimeout', 'the fiscal service is away', 'SERVER_ERROR transient call'],
  ['', 'no name', 'SERVER_ERROR transient call'],
])('%s: %s', (name, message, meaning) => {
  const failure = exceptionFailure({ name, message })
  expect(short(failure)).toBe(meaning)
  expect(failure.text).toContain(`Odoo says: ${message.replace('  ', ' ')}`)
})
