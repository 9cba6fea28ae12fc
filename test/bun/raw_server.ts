/** A TCP server whose every byte the test decides, and which counts what comes. */

export type RawServer = AsyncDisposable & {
  readonly port: number
  /** The text of each connection so far, in the order they came. */
  readonly heard: string[]
  /** Connections that ended. */
  readonly ended: number
}

export type RawPeer = { say(text: string): void; hangUp(): void; reset(): void }

export type RawManner = {
  /** A connection came. */
  readonly opened?: (peer: RawPeer) => void
  /** The first bytes of a connection came. */
  readonly asked?: (peer: RawPeer) => void
}

type State = { at: number }

export function rawServer({ opened, asked }: RawManner): RawServer {
  const heard: string[] = []
  let ended = 0
  const server = Bun.listen<State>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open(socket) {
        socket.data = { at: heard.push('') - 1 }
        opened?.(peerOf(socket))
      },
      data(socket, bytes) {
        const { at } = socket.data
        const isFirst = heard[at] === ''
        heard[at] += bytes.toString()
        if (isFirst) asked?.(peerOf(socket))
      },
      close() {
        ended++
      },
    },
  })
  return {
    port: server.port,
    heard,
    get ended() {
      return ended
    },
    [Symbol.asyncDispose]: async () => server.stop(true),
  }
}

function peerOf(socket: Bun.Socket<State>): RawPeer {
  return {
    say: (text) => void socket.write(text),
    hangUp: () => void socket.end(),
    reset: () => void socket.terminate(),
  }
}
