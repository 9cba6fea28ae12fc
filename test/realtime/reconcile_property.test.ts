import { describe, expect, test } from 'bun:test'
import { canonical } from '../../src/protocol/mod.ts'
import { merge, reconcile } from '../../src/realtime/reconcile.ts'
import { isKitchenField } from '../../src/realtime/reconcile_field.ts'
import { lineIdOf } from '../../src/realtime/reconcile_lines.ts'
import type { Snapshot } from '../../src/realtime/transport.ts'
import { createRandom, type Random } from '../support/random.ts'
import {
  EDITS,
  type Edit,
  edited,
  KEEPING,
  type Line,
  linesOf,
  pick,
  REMOVING,
  randomOrder,
} from './reconcile_orders.ts'

const SEEDS = 400

type Sides = { readonly base: Snapshot; readonly local: Snapshot; readonly remote: Snapshot }

function sidesOf(random: Random, edits: readonly Edit[] = EDITS): Sides {
  const base = randomOrder(random)
  return { base, local: edited(random, base, { edits }), remote: edited(random, base, { edits }) }
}

function forEachSeed(check: (random: Random) => void): void {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      check(createRandom(seed))
    } catch (error) {
      throw new Error(`seed ${seed}: ${error}`)
    }
  }
}

function mergeAll(base: Snapshot, local: Snapshot, remote: Snapshot): Snapshot {
  return merge({ base, local, remote }).snapshot
}

function same(left: unknown, right: unknown): void {
  if (canonical(left) !== canonical(right)) expect(left).toEqual(right as never)
  expect(canonical(left)).toBe(canonical(right))
}

function byId(order: Snapshot): ReadonlyMap<string | null, Line> {
  return new Map(linesOf(order).map((line) => [lineIdOf(line), line]))
}

describe('merging two orders', () => {
  test('loses no line that either side added or changed, and brings none back that both let go', () => {
    forEachSeed((random) => {
      const { base, local, remote } = sidesOf(random, REMOVING)
      const [before, left, right] = [byId(base), byId(local), byId(remote)]
      const isTouched = (id: string | null, side: ReadonlyMap<string | null, Line>) =>
        side.has(id) && canonical(side.get(id)) !== canonical(before.get(id) ?? null)
      const wanted = [...new Set([...before.keys(), ...left.keys(), ...right.keys()])].filter(
        (id) => isTouched(id, left) || isTouched(id, right) || (left.has(id) && right.has(id)),
      )
      const ids = linesOf(mergeAll(base, local, remote)).map(lineIdOf)
      expect([...ids].sort()).toEqual([...wanted].sort())
    })
  })

  test('takes each field from the side that changed it', () => {
    forEachSeed((random) => {
      const { base, local, remote } = sidesOf(random, REMOVING)
      const merged = byId(mergeAll(base, local, remote))
      for (const [id, left] of byId(local)) {
        const [right, before, after] = [byId(remote).get(id), byId(base).get(id), merged.get(id)]
        if (right === undefined || before === undefined || after === undefined) continue
        for (const name of Object.keys({ ...left, ...right, ...before })) {
          const [was, here, there] = [before, left, right].map((line) => textOf(line, name))
          if (here === was) expect([name, textOf(after, name)]).toEqual([name, there])
          if (there === was) expect([name, textOf(after, name)]).toEqual([name, here])
        }
      }
    })
  })

  test('loses no field of the kitchen that either side has', () => {
    forEachSeed((random) => {
      const sides = sidesOf(random)
      const merged = merge(sides).snapshot
      for (const side of [sides.local, sides.remote]) {
        marksSurvive(side, merged)
        for (const [id, line] of byId(side)) marksSurvive(line, byId(merged).get(id) ?? null)
      }
    })
  })

  test('gives both sides the same', () => {
    forEachSeed((random) => {
      const { base, local, remote } = sidesOf(random)
      const [here, there] = [merge({ base, local, remote }), merge({ base, local: remote, remote: local })]
      same(here.snapshot, there.snapshot)
      const mirrored = there.conflicts.map((one) => ({ ...one, local: one.remote, remote: one.local }))
      expect(here.conflicts.map(canonical).sort()).toEqual(mirrored.map(canonical).sort())
    })
  })

  test('gives the same for the same orders from another text, and what it gives is JSON', () => {
    forEachSeed((random) => {
      const { base, local, remote } = sidesOf(random)
      const merged = mergeAll(base, local, remote)
      const again = [base, local, remote].map((order) => JSON.parse(JSON.stringify(order)) as Snapshot)
      expect(JSON.stringify(mergeAll(...(again as [Snapshot, Snapshot, Snapshot])))).toBe(JSON.stringify(merged))
      expect(canonical(JSON.parse(JSON.stringify(merged)))).toBe(canonical(merged))
    })
  })

  test('changes nothing where nothing changed, and is one side where the other did nothing', () => {
    forEachSeed((random) => {
      const { base, local } = sidesOf(random, REMOVING)
      same(mergeAll(base, base, base), base)
      same(mergeAll(base, local, local), local)
      same(mergeAll(base, local, base), local)
      same(mergeAll(base, base, local), local)
      expect(merge({ base, local, remote: base }).conflicts).toEqual([])
    })
  })

  test('again with either side changes nothing more', () => {
    forEachSeed((random) => {
      const { base, local, remote } = sidesOf(random)
      const merged = mergeAll(base, local, remote)
      same(mergeAll(base, merged, local), merged)
      same(mergeAll(base, remote, merged), merged)
      same(mergeAll(base, merged, merged), merged)
    })
  })
})

function textOf(line: Line, name: string): string | undefined {
  const field = Object.entries(line).find(([key]) => key === name)
  return field === undefined ? undefined : canonical(field[1])
}

function marksSurvive(before: Line, after: Line | null): void {
  if (after === null) return
  const names = Object.keys(before).filter(isKitchenField)
  expect(Object.keys(after)).toEqual(expect.arrayContaining(names))
}

/** Without the order of the lines. */
function sorted(order: Snapshot): Snapshot {
  return { ...order, lines: [...linesOf(order)].sort((left, right) => (canonical(left) < canonical(right) ? -1 : 1)) }
}

describe('a third terminal', () => {
  test('comes to the same whichever two merged first', () => {
    forEachSeed((random) => {
      const { base, local, remote } = sidesOf(random, KEEPING)
      const third = edited(random, base, { edits: KEEPING })
      const first = mergeAll(base, mergeAll(base, local, remote), third)
      same(first, mergeAll(base, local, mergeAll(base, remote, third)))
      same(first, mergeAll(base, remote, mergeAll(base, third, local)))
    })
  })

  test('comes to the same lines where lines were removed and moved too', () => {
    forEachSeed((random) => {
      const { base, local, remote } = sidesOf(random)
      const third = edited(random, base, { edits: EDITS })
      const first = mergeAll(base, mergeAll(base, local, remote), third)
      same(sorted(first), sorted(mergeAll(base, local, mergeAll(base, remote, third))))
    })
  })
})

type Till = { base: Snapshot; version: number; local: Snapshot }

/** What a till does when the stored order is not the one that it began with. The result: whether it has to send. */
function meet(till: Till, stored: { readonly version: number; readonly snapshot: Snapshot }): boolean {
  const met = reconcile({
    base: till.base,
    local: till.local,
    remote: stored.snapshot,
    localVersion: till.version,
    remoteVersion: stored.version,
    remoteState: 'open',
  })
  till.base = stored.snapshot
  till.version = stored.version
  if (met.kind === 'merged') till.local = met.snapshot
  if (met.kind === 'accept_remote') till.local = stored.snapshot
  return met.kind === 'merged' && canonical(met.snapshot) !== canonical(stored.snapshot)
}

test('tills that edit offline and come back in any order all end with the same order, and soon', () => {
  forEachSeed((random) => {
    const stored = { version: 1, snapshot: randomOrder(random) }
    const tills = Array.from({ length: 4 }, (): Till => {
      const local = edited(random, stored.snapshot, { edits: EDITS })
      return { base: stored.snapshot, version: 1, local }
    })
    const added = tills.flatMap((till) => [...byId(till.local).keys()].filter((id) => !byId(till.base).has(id)))
    for (let left = 12; left > 0; left--) comeBack(pick(random, tills), stored)
    for (const till of tills) comeBack(till, stored)
    const { version } = stored
    for (const till of tills) comeBack(till, stored)
    expect(stored.version).toBe(version)
    for (const till of tills) same(till.local, stored.snapshot)
    expect(linesOf(stored.snapshot).map(lineIdOf)).toEqual(expect.arrayContaining(added))
  })
})

/** As the hub judges: from the stored version it is taken, from an older one it is a conflict. */
function comeBack(till: Till, stored: { version: number; snapshot: Snapshot }): void {
  if (canonical(till.local) === canonical(till.base) && till.version === stored.version) return
  if (till.version !== stored.version && !meet(till, stored)) return
  stored.version++
  stored.snapshot = till.local
  till.base = till.local
  till.version = stored.version
}
