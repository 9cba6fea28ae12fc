import * as z from 'zod'

/**
 * Text that survives a trip through UTF-8: a lone surrogate would become U+FFFD on the disk, and then memory and disk
 * would name two different orders.
 */
export function boundedText(charactersMin: number, charactersMax: number) {
  return z.string().min(charactersMin).max(charactersMax).refine(isWellFormed, 'is not well-formed Unicode')
}

function isWellFormed(text: string): boolean {
  return text.isWellFormed()
}

/** 0 to 2^53 - 1: tables, floors, configurations, versions and counters. */
const Natural = z.int().nonnegative()

/** The key of a sale, made by the terminal; the idempotency key towards Odoo. At most 128 characters. */
export const PosReference = boundedText(1, 128).brand<'PosReference'>()
export type PosReference = z.infer<typeof PosReference>

/** A table of the restaurant, as Odoo numbers it. */
export const TableId = Natural.brand<'TableId'>()
export type TableId = z.infer<typeof TableId>

/** A floor of the restaurant, as Odoo numbers it. */
export const FloorId = Natural.brand<'FloorId'>()
export type FloorId = z.infer<typeof FloorId>

/** A `pos.config` of Odoo. */
export const ConfigId = Natural.brand<'ConfigId'>()
export type ConfigId = z.infer<typeof ConfigId>

/** 0 before the first snapshot of an order, +1 with every accepted one. */
export const Version = Natural
export type Version = number

/** Counts every change of a group that is broadcast. */
export const Seq = Natural
export type Seq = number

/** Grows with every new grant of a lock or lease; never repeats. */
export const Fence = Natural
export type Fence = number

/** What a terminal calls its device; the hub does not trust it alone. */
export const DeviceId = boundedText(1, 128).brand<'DeviceId'>()
export type DeviceId = z.infer<typeof DeviceId>

/** A name the hub gives a terminal; public, other terminals see it as `holder`, `lockedBy`, `sourceTerminal`. */
export const TerminalId = boundedText(1, 128).brand<'TerminalId'>()
export type TerminalId = z.infer<typeof TerminalId>

/** The secret by which a v2 terminal gets its session back: 128 random bits, known to the hub only as a digest. */
export const SessionId = boundedText(1, 128).brand<'SessionId'>()
export type SessionId = z.infer<typeof SessionId>

/** Names one piece of a terminal's work, so that a resend is known as one. */
export const MsgId = boundedText(1, 128).brand<'MsgId'>()
export type MsgId = z.infer<typeof MsgId>

/** Changes when the history of the hub does: a restore, a new data folder. */
export const Epoch = boundedText(1, 64).brand<'Epoch'>()
export type Epoch = z.infer<typeof Epoch>

/** The unit of separation: terminals of different groups never see each other. */
export type GroupId = string & z.core.$brand<'GroupId'>

/** Milliseconds; a time on the hub's clock or a duration, as its name says. */
export const Ms = Natural
export type Ms = number
