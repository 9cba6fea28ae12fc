import { checkFinalize, checkSessions, judgeBatch } from './check_addon.ts'
import { judgeClocks } from './check_clock.ts'
import type { CheckParts, Server } from './check_parts.ts'
import { connect, findName, judgeConnection, judgeDatabases, listDatabases, recognise } from './check_server.ts'
import { type Finding, type Walk, wrong } from './check_step.ts'
import { chooseWay, judgeDatabase, judgeRights, judgeSignIn, judgeWay, sound, whyUnused } from './check_way.ts'
import { FAILURE_WORDS } from './failure_words.ts'

/**
 * Walks the road to Odoo from the name of the server to a dry call, and tells what each step shows. It stops where the
 * next step cannot be done. Nothing is created or changed in Odoo: there are sign-ins, look-ups, a batch without orders,
 * and a call of finalize without its argument.
 */
export async function checkOdoo(parts: CheckParts, walk: Walk): Promise<void> {
  if (!walk.tell('name', await findName(parts))) return walk.finish()
  const first = await connect(parts)
  const wall = parts.clock.wall()
  if (walk.tell('connection', judgeConnection(parts, first))) {
    const { finding, server } = await recognise(parts, first)
    if (walk.tell('odoo', finding) && server !== null) await walkIn(parts, { walk, server })
  }
  // Also where the walk ended early: a wrong clock may be the cause.
  if (first.ok) walk.tell('clocks', judgeClocks(first, wall))
  walk.finish()
}

async function walkIn(
  parts: CheckParts,
  { walk, server }: { readonly walk: Walk; readonly server: Server },
): Promise<void> {
  const database = await findDatabase(parts, server)
  if (database?.mark === 'wrong') {
    walk.tell('database', database)
    return
  }
  const way = await chooseWay(parts, server)
  const sounded = await sound(way, { knowsDatabase: database !== null })
  const { place, answer } = sounded
  const seen = database === null || place === 'database' ? judgeDatabase(parts, sounded) : database
  if (!walk.tell('database', seen)) return
  // The sign-in of a way that is not there was never tried.
  if (place !== 'way' && !walk.tell('sign_in', judgeSignIn(parts, sounded))) return
  const unused = await whyUnused(parts, { way, series: server.series })
  if (!walk.tell('way', judgeWay(parts, { sounded, server, unused }))) return
  const mayRead = walk.tell('rights', judgeRights(parts, sounded))
  // Without a look-up the same batch was refused already.
  if (!mayRead && way.read === null) return
  const { settings } = parts
  walk.tell('batch', judgeBatch({ settings, way, answer: way.read === null ? answer : await way.batch('[]') }))
  walk.tell('finalize', await checkFinalize(parts, way))
  walk.tell('sessions', await checkSessions(parts, way))
}

/** Null where only a sign-in can show it. */
async function findDatabase(parts: CheckParts, server: Server): Promise<Finding | null> {
  if (server.isSelecting) {
    const found = { en: 'Odoo asks which database.', es: 'Odoo pregunta qué base de datos.' }
    return wrong(found, FAILURE_WORDS.DATABASE_SELECTOR)
  }
  return server.speaksRpc ? judgeDatabases(parts, await listDatabases(parts)) : null
}
