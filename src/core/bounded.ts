/** Drops the oldest entries of a map beyond `sizeMax`: maps keep the order of insertion. */
export function trimOldest<K>(map: Map<K, unknown>, sizeMax: number): void {
  for (const key of map.keys()) {
    if (map.size <= sizeMax) return
    map.delete(key)
  }
}
