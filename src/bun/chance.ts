import { createHash, randomBytes } from 'node:crypto'
import type { Chance } from '../engine/ports.ts'

export function createChance(): Chance {
  return {
    secret: () => randomBytes(16).toString('base64url'),
    name: () => `t-${randomBytes(6).toString('hex')}`,
    digest: (text) => createHash('sha256').update(text).digest('base64url'),
    fraction: () => Math.random(),
  }
}
