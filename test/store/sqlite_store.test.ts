import { join } from 'node:path'
import { createSqliteFile } from '../../src/bun/sqlite.ts'
import { createStore } from '../../src/store/store.ts'
import { openFolder } from '../support/folder.ts'
import { holdStore } from './contract.ts'
import type { Opened } from './reading.ts'

let epochs = 0

/** A store on a real file; the next one is a connection of its own to the same file. */
async function openSqlite(): Promise<Opened> {
  const folder = await openFolder()
  const openOne = () => {
    epochs++
    const epoch = `epoch-${epochs}`
    return createStore(createSqliteFile({ path: join(folder.path, 'hub.sqlite'), epoch: () => epoch }))
  }
  const stores = [openOne()]
  const next = () => {
    const store = openOne()
    stores.push(store)
    return store
  }
  const [store = openOne()] = stores
  return {
    store,
    next,
    async [Symbol.asyncDispose]() {
      for (const one of stores) one.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

holdStore('a real file', openSqlite)
