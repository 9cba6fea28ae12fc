import * as z from 'zod'
import { type Ended, type Environment, type HubProcess, hubEnvironment, runToEnd } from './hub_process.ts'

/** Runs `pos-hub VERB FLAG...` beside the hub, as its own user does. */
export function posHub(
  hub: Pick<HubProcess, 'folder'>,
  [verb, ...flags]: readonly [string, ...string[]],
  env: Environment = {},
): Promise<Ended> {
  return runToEnd(hubEnvironment(hub.folder, env), { verb, flags })
}

const Parked = z.array(
  z.object({
    posReference: z.string(),
    cause: z.string(),
    text: z.string(),
    amount: z.number().nullable(),
    since: z.number(),
    actions: z.array(z.string()),
  }),
)

/** What `pos-hub orders --parked --json` prints: the orders that need a person. */
export async function parked(hub: Pick<HubProcess, 'folder'>): Promise<z.infer<typeof Parked>> {
  const { code, stdout, stderr } = await posHub(hub, ['orders', '--parked', '--json'])
  if (code !== 0) throw new Error(`pos-hub orders ended with ${code}: ${stderr}`)
  return Parked.parse(JSON.parse(stdout))
}

/** Each with its cause: "Order 1: REFUSED". */
export async function causes(hub: Pick<HubProcess, 'folder'>): Promise<string[]> {
  return (await parked(hub)).map(({ posReference, cause }) => `${posReference}: ${cause}`)
}

/** What `pos-hub orders REFERENCE` prints. */
export async function story(hub: Pick<HubProcess, 'folder'>, posReference: string): Promise<unknown> {
  const { code, stdout, stderr } = await posHub(hub, ['orders', posReference])
  if (code !== 0) throw new Error(`pos-hub orders ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}
