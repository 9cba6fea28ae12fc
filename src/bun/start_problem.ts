import type { ExitCode } from './exit_codes.ts'

/** Why the hub does not start: one line for people, and how the process ends. Nothing was touched. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem'
  readonly exitCode: ExitCode
  constructor(exitCode: ExitCode, text: string) {
    super(text)
    this.exitCode = exitCode
  }
}
