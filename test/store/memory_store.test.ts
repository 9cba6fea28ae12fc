import { createMemoryFile } from '../../src/store/memory_file.ts'
import { createStore } from '../../src/store/store.ts'
import { holdStore } from './contract.ts'
import type { Opened } from './reading.ts'

let epochs = 0

function openMemory(): Promise<Opened> {
  epochs++
  const file = createMemoryFile(`epoch-${epochs}`)
  const store = createStore(file)
  return Promise.resolve({
    store,
    next: () => createStore(file),
    [Symbol.asyncDispose]: () => Promise.resolve(store.close()),
  })
}

holdStore('tables in memory', openMemory)
