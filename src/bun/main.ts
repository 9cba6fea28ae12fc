#!/usr/bin/env bun
import { runCli } from './cli.ts'
import { EXIT } from './exit_codes.ts'
import { stackOf } from './os_error.ts'
import { complain } from './print.ts'

/** The one place where the process is ended: everything that was printed is out by then. */
process.exit(await runCli(process.argv.slice(2)).catch(bug))

function bug(error: unknown): number {
  complain(`pos-hub: a bug: ${stackOf(error)}`)
  return EXIT.bug
}
