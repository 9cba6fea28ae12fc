/** What the process says when it ends; the numbers are those of sysexits.h where it has one. Never renumbered. */
export const EXIT = {
  ok: 0,
  /** What was looked for is not as it should be: orders differ, a wish was not granted, Odoo does not do its part. */
  no: 1,
  /** A flag, a setting or a verb is wrong; nothing was touched. */
  usage: 64,
  /** The port is in use, or the address is not one of this machine. */
  address: 69,
  /** This cannot be. */
  bug: 70,
  /** The data folder, or a file in it, cannot be read or written. */
  dataFolder: 73,
  /** Another hub runs on this file. */
  otherHub: 75,
  /** A newer hub has written this file. */
  newerFile: 76,
  /** The file is damaged, or no hub has written it. */
  damagedFile: 77,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
