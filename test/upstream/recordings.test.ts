import { describe, expect, test } from 'bun:test'
import { isJsonObject, type JsonObject } from '../../src/protocol/mod.ts'
import type { HttpReply } from '../../src/upstream/http.ts'
import odoo12 from '../support/odoo/12.json' with { type: 'json' }
import odoo14 from '../support/odoo/14.json' with { type: 'json' }
import odoo17 from '../support/odoo/17.json' with { type: 'json' }
import odoo19 from '../support/odoo/19.json' with { type: 'json' }
import hub12 from '../support/odoo/hub12.json' with { type: 'json' }
import hub14 from '../support/odoo/hub14.json' with { type: 'json' }
import hub17 from '../support/odoo/hub17.json' with { type: 'json' }
import hub19 from '../support/odoo/hub19.json' with { type: 'json' }
import { methodOf, order, reply, result, short, stage } from './road.ts'

/** Every answer that was recorded of a real server, and what it means as the answer to a finalize. */

type Recording = JsonObject

const REFUSED = 'VALIDATION refused call'
const BAD_DATA = 'BAD_DATA refused call'
const ACCESS = 'ACCESS unauthorised server'
const SIGN_IN = 'SIGN_IN unauthorised server'
const MISSING = 'ADDON_MISSING transient server'
const COLLISION = 'COLLISION transient call'

const MEANINGS: { readonly [name: string]: string } = {
  batch_one_bad: REFUSED,
  client_totals_trusted: 'no_order',
  concurrent_error: COLLISION,
  create_from_ui: 'no_order',
  create_from_ui_draft: 'no_order',
  create_from_ui_draft_to_paid: 'no_order',
  create_from_ui_no_server_id: 'no_order',
  create_from_ui_no_server_id_repeat: 'no_order',
  create_from_ui_repeat: 'no_order',
  create_from_ui_same_ref_other_lines: 'no_order',
  create_from_ui_twice_in_one_call: 'no_order',
  err_access_error: ACCESS,
  err_bad_field: BAD_DATA,
  err_bad_product: REFUSED,
  err_bad_session: REFUSED,
  err_create_duplicate_uuid: COLLISION,
  err_duplicate_line_uuid: REFUSED,
  err_keyerror: BAD_DATA,
  err_missing_arg: BAD_DATA,
  err_missing_method: MISSING,
  err_missing_model: MISSING,
  err_missing_record: REFUSED,
  err_private_method: ACCESS,
  err_unknown_field: BAD_DATA,
  err_user_error: REFUSED,
  err_validation: REFUSED,
  err_wrong_db: 'WRONG_DATABASE transient server',
  err_wrong_password_execute: SIGN_IN,
  err_wrong_password_login: SIGN_IN,
  http_bad_json: BAD_DATA,
  http_empty: BAD_DATA,
  http_no_params: 'BAD_JSON ambiguous call landed',
  open_session_cb: 'no_order',
  open_ui: 'no_order',
  read_order: 'looked',
  set_cashbox_pos: 'no_order',
  set_opening_control: 'no_order',
  sync_draft: 'no_order',
  sync_draft_to_paid: 'no_order',
  sync_from_ui: 'no_order',
  sync_from_ui_repeat: 'no_order',
  sync_from_ui_same_ref_other_uuid: 'no_order',
  sync_from_ui_same_uuid_other_lines: 'no_order',
  underpaid: REFUSED,
  underpaid_order: 'no_order',
}

const HUB_MEANINGS: { readonly [name: string]: string } = {
  bad_product: REFUSED,
  card: 'made',
  conflict: 'conflict',
  first: 'made',
  no_reference: REFUSED,
  no_session: 'NO_OPEN_SESSION waiting call',
  repeat: 'made',
  underpaid: REFUSED,
  wrong_total: REFUSED,
}

/** The answer as it came over the wire; one was kept as the error alone. */
function replyOf(recording: Recording): HttpReply {
  const { status, body, response, http } = recording
  if (typeof status === 'number') return reply({ status, body })
  const whole = response ?? { jsonrpc: '2.0', id: 1, error: recording }
  return reply({ status: typeof http === 'number' ? http : 200, body: whole })
}

function requestOf({ request }: Recording): JsonObject {
  const params = isJsonObject(request) ? request['params'] : undefined
  return isJsonObject(params) ? params : {}
}

function referenceOf(recording: Recording): string {
  const { args } = requestOf(recording)
  const [snapshot] = Array.isArray(args) && Array.isArray(args[5]) ? args[5] : []
  return isJsonObject(snapshot) && typeof snapshot['posReference'] === 'string' ? snapshot['posReference'] : 'A-1'
}

/** The recorded answer, come to a hub that finalizes an order (or looks one up). */
async function meaningOf(name: string, recording: Recording) {
  const isLogin = requestOf(recording)['method'] === 'login'
  const { road } = stage({ api: 'jsonrpc' }, (call) => {
    const isSignIn = methodOf(call) === 'common.authenticate'
    return isSignIn && !isLogin ? result(2) : replyOf(recording)
  })
  return name === 'read_order' ? road.look(['A-1']) : road.finalize(order(referenceOf(recording)))
}

async function inShort(name: string, recording: Recording): Promise<string> {
  const answer = await meaningOf(name, recording)
  return answer.kind === 'failed' ? short(answer.failure) : answer.kind
}

const ALL: readonly (readonly [series: string, recordings: { readonly [name: string]: Recording }])[] = [
  ['12', odoo12],
  ['14', odoo14],
  ['17', odoo17],
  ['19', odoo19],
  ['hub12', hub12],
  ['hub14', hub14],
  ['hub17', hub17],
  ['hub19', hub19],
]

describe.each(ALL)('recorded of %s', (series, recordings) => {
  const meanings = series.startsWith('hub') ? HUB_MEANINGS : MEANINGS
  test.each(Object.keys(recordings))('%s', async (name) => {
    const recording = recordings[name] ?? {}
    expect(await inShort(name, recording)).toBe(meanings[name] ?? 'is not in the table of this test')
  })
})

test('every meaning in the tables was recorded', () => {
  const recorded = new Set(ALL.flatMap(([, recordings]) => Object.keys(recordings)))
  expect([...Object.keys(MEANINGS), ...Object.keys(HUB_MEANINGS)].filter((name) => !recorded.has(name))).toEqual([])
})

describe('what is taken from the answers', () => {
  test('an order that was made', async () => {
    expect(await meaningOf('first', hub12.first)).toEqual({
      kind: 'made',
      orderId: 28,
      created: true,
      lineIdMap: expect.objectContaining({ json: '{"L1":53,"L2":54}' }),
      fiscal: expect.objectContaining({ json: JSON.stringify(hub12.first.response.result.fiscal) }),
    })
    expect(await meaningOf('repeat', hub19.repeat)).toMatchObject({ kind: 'made', orderId: 41, created: false })
  })

  test('other content', async () => {
    expect(await meaningOf('conflict', hub17.conflict)).toEqual({
      kind: 'conflict',
      orderId: 38,
      theirs: expect.objectContaining({ json: JSON.stringify(hub17.conflict.response.result) }),
      text: 'Odoo has this reference with other content (order 38). Compare both, and decide which one counts.',
    })
  })

  test('reasons in Odoo’s own words, on one line and without the line that Odoo 12 adds', async () => {
    const refusal = await meaningOf('err_validation', odoo12.err_validation)
    expect(refusal).toMatchObject({
      failure: {
        text: 'Odoo refused the order: correct it and pay again. Odoo says: Another session is already opened for this point of sale.',
      },
    })
    const waiting = await meaningOf('no_session', hub14.no_session)
    expect(waiting).toMatchObject({
      failure: { text: expect.stringMatching(/ Odoo says: no open POS session for config 9999$/) },
    })
  })

  test('an order that was looked up', async () => {
    expect(await meaningOf('read_order', odoo17.read_order)).toMatchObject({
      kind: 'looked',
      orders: [{ posReference: 'Order 00006-001-3316', orderId: 13, state: 'paid', amountTotal: 370.76 }],
    })
  })
})
