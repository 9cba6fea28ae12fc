import type { OutboxDevice, OutboxSurroundings } from './outbox_device.ts'
import type { OutboxStorage } from './outbox_storage.ts'
import { LeaseContender } from './tab_lease.ts'

/** The turn of one tab to send what all tabs have written down. */

export type Turn = {
  readonly run: () => void
  readonly stop: () => void
}

export type TurnOptions = {
  readonly name: string
  readonly storage: OutboxStorage
  readonly device: Pick<OutboxDevice, 'locks' | 'onLeave'>
  readonly surroundings: OutboxSurroundings
}

export interface TurnKeeper {
  /** Another tab has said that something happened. */
  look(): void
  /** Calls `stop` if it was this tab's turn, and lets the next one have it. Settles when that is known to them. */
  leave(): Promise<void>
}

/**
 * Entries in memory are this page's alone, so it is always its turn. Those on the disk belong to all tabs: the browser's
 * own lock decides where there is one, because it falls free the moment a tab is gone; else a lease on the disk.
 */
export function awaitTurn(turn: Turn, options: TurnOptions): TurnKeeper {
  if (options.storage.kind === 'memory') return ownTurn(turn)
  const { locks } = options.device
  return locks === undefined ? leaseTurn(turn, options) : lockTurn(turn, { ...options, locks })
}

function ownTurn(turn: Turn): TurnKeeper {
  let hasLeft = false
  turn.run()
  return {
    look: () => undefined,
    leave: async () => {
      if (!hasLeft) turn.stop()
      hasLeft = true
    },
  }
}

function leaseTurn(turn: Turn, options: TurnOptions): TurnKeeper {
  const { storage, device, surroundings } = options
  const contender = new LeaseContender({
    swap: (swap) => storage.swapLease(swap),
    token: surroundings.uuid(),
    now: () => surroundings.now(),
    at: (time, wake) => surroundings.at(time, wake),
    run: turn.run,
    stop: turn.stop,
  })
  const stopVisible = surroundings.onVisible(() => contender.look())
  const stopLeave = device.onLeave(() => void contender.rest())
  contender.look()
  return {
    look: () => contender.look(),
    leave: async () => {
      stopVisible()
      stopLeave()
      await contender.leave()
    },
  }
}

function lockTurn(turn: Turn, options: TurnOptions & { readonly locks: LockManager }): TurnKeeper {
  const away = new AbortController()
  let isMine = false
  let hasLeft = false
  let instead: TurnKeeper | undefined
  let giveBack: () => void = () => undefined
  const end = () => {
    if (isMine) turn.stop()
    isMine = false
  }
  options.locks
    .request(`${options.name}.send`, { signal: away.signal }, () => {
      if (hasLeft) return
      isMine = true
      turn.run()
      return new Promise<void>((resolve) => {
        giveBack = resolve
      })
    })
    .catch(() => {
      // The browser has the lock and refuses it to this page, or somebody took it by force.
      end()
      if (!hasLeft) instead = leaseTurn(turn, options)
    })
  return {
    look: () => instead?.look(),
    leave: async () => {
      hasLeft = true
      away.abort()
      end()
      giveBack()
      await instead?.leave()
    },
  }
}
