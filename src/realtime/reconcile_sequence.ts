import { compareShort, compareText } from './reconcile_json.ts'

/** In what order merged lines stand, each named by its key. */

type Keys = readonly string[]
type KeySides = { readonly base: Keys; readonly local: Keys; readonly remote: Keys }

/** Where keys stand: for old ones their own place, from 1 on; for added ones that of the old one in front of them. */
type Places = ReadonlyMap<string, number>

/**
 * All of `merged`: first the lines that the base had, in the order of the side that moved some; then each added line
 * behind the old one that it was put behind. Where both sides added some at one place, they stand by their keys: so a
 * third terminal, merging in another order, has them in the same places (but for an id that several of them added: then
 * the lines are the same, and the last merge orders them).
 */
export function orderKeys({ base, local, remote }: KeySides, merged: ReadonlySet<string>): Keys {
  const old = orderOld(
    base.filter((key) => merged.has(key)),
    [local, remote],
  )
  const spine = { ofBase: new Set(base), places: new Map(old.map((key, at) => [key, at + 1])) }
  const [left, right] = [placeAdded(local, spine), placeAdded(remote, spine)]
  const [runs, others] = [runsOf(left, right), runsOf(right, left)]
  return ['', ...old].flatMap((key, place) => {
    const run = joinRuns(runs.get(place) ?? [], others.get(place) ?? [])
    return place === 0 ? run : [key, ...run]
  })
}

/** The order of the side that moved lines; where both did, of the one that is the greater as text. */
function orderOld(old: Keys, sides: readonly Keys[]): Keys {
  const places = new Map(old.map((key, place) => [key, place]))
  const moved = sides
    .map((keys) => keys.filter((key) => places.has(key)))
    .filter((keys) => !isRising(keys.map((key) => places.get(key) ?? 0)))
    .map((keys) => fill(keys, old))
  return moved.reduce(greaterOf, moved[0] ?? old)
}

function isRising(places: readonly number[]): boolean {
  return places.every((place, at) => place >= (places[at - 1] ?? 0))
}

function greaterOf(left: Keys, right: Keys): Keys {
  return compareText(JSON.stringify(left), JSON.stringify(right)) < 0 ? right : left
}

/** Old lines that only the other side kept stand behind the line that they stood behind. */
function fill(keys: Keys, old: Keys): Keys {
  const filled = [...keys]
  const present = new Set(keys)
  for (const [at, key] of old.entries()) {
    if (!present.has(key)) filled.splice(at === 0 ? 0 : filled.indexOf(old[at - 1] ?? '') + 1, 0, key)
  }
  return filled
}

/** The lines that a side added, in its order. */
function placeAdded(keys: Keys, spine: { readonly ofBase: ReadonlySet<string>; readonly places: Places }): Places {
  const added = new Map<string, number>()
  let place = 0
  for (const key of keys) {
    if (!spine.ofBase.has(key)) added.set(key, place)
    else place = spine.places.get(key) ?? place
  }
  return added
}

/** The added lines of one side by place. One that the other side put further to the front is left to that side. */
function runsOf(added: Places, others: Places): ReadonlyMap<number, Keys> {
  const runs = new Map<number, string[]>()
  for (const [key, place] of added) {
    if ((others.get(key) ?? place) < place) continue
    const run = runs.get(place)
    if (run === undefined) runs.set(place, [key])
    else run.push(key)
  }
  return runs
}

/** One that is part of the other is heard in it already: a side that only lacks what came later does not move it. */
function joinRuns(left: Keys, right: Keys): Keys {
  if (isPartOf(left, right)) return right
  return isPartOf(right, left) ? left : [...new Set([...left, ...right])].sort(compareShort)
}

/** Whether all of `keys` stand in `others`, in that order. */
function isPartOf(keys: Keys, others: Keys): boolean {
  let found = 0
  for (const key of others) if (key === keys[found]) found++
  return found === keys.length
}
