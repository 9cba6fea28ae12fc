import { type Answer, html } from './answer.ts'
import { LISTED_ORDERS_MAX } from './limits.ts'
import type { World } from './plan.ts'
import { printTime } from './search.ts'

/** Pages: what people see here, and what faults put in the place of JSON. */

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ddd}
td.amount,th.amount{text-align:right;font-variant-numeric:tabular-nums}.note{background:#fff4d6;padding:.6rem 1rem;border-radius:.4rem}`

/** Comes again by itself, so that a sale is seen to arrive. */
const REFRESH_SECONDS = 3

const ORDERS_WORDS = {
  en: {
    title: 'A stand-in for Odoo',
    counts: (paid: number, all: number) => `${paid} paid, ${all} in all; the newest ${LISTED_ORDERS_MAX} are shown.`,
    heads: ['No.', 'Reference', 'State', 'Time (UTC)', 'Total', 'Fiscal number'],
    states: { draft: 'open', paid: 'paid', cancel: 'cancelled' },
    empty: 'No orders yet. Pay one at a till.',
    note: '<strong>This is a stand-in, not Odoo.</strong> It is for trying the hub: nothing here reaches a real Odoo, a bank or the tax office.',
  },
  es: {
    title: 'Un sustituto de Odoo',
    counts: (paid: number, all: number) =>
      `${paid} pagadas, ${all} en total; se muestran las ${LISTED_ORDERS_MAX} más recientes.`,
    heads: ['N.º', 'Referencia', 'Estado', 'Hora (UTC)', 'Total', 'NCF'],
    states: { draft: 'abierta', paid: 'pagada', cancel: 'anulada' },
    empty: 'Todavía no hay órdenes. Cobre una en una caja.',
    note: '<strong>Esto es un sustituto, no es Odoo.</strong> Sirve para probar el hub: nada de aquí llega a un Odoo real, a un banco ni a la DGII.',
  },
} as const

/** In the language of the browser: Spanish where it asks for that before English. */
export function ordersPage(world: World, languages: string | null): Answer {
  const lang = /^\s*es\b/i.test(/\b(?:en|es)\b.*/i.exec(languages ?? '')?.[0] ?? '') ? 'es' : 'en'
  const { title, counts, heads, states, empty, note } = ORDERS_WORDS[lang]
  const orders = world.database.orders()
  const paid = orders.filter((order) => order.state === 'paid')
  const rows = orders
    .slice(-LISTED_ORDERS_MAX)
    .toReversed()
    .map((order) => {
      const cells = [order.id, order.posReference, states[order.state], printTime(order.orderedAt)].map(cell)
      const amount = `<td class="amount">${order.amounts.total.toFixed(2)}</td>`
      return `<tr>${cells.join('')}${amount}${cell(order.ncf ?? '')}</tr>`
    })
  const head = heads.map((one, at) => `<th${at === 4 ? ' class="amount"' : ''}>${one}</th>`).join('')
  const none = `<tr><td colspan="${heads.length}">${empty}</td></tr>`
  return page({
    title,
    lang,
    refresh: true,
    body: `<p class="note">${note}</p><p>${counts(paid.length, orders.length)}</p>
<table><thead><tr>${head}</tr></thead><tbody>${rows.join('') || none}</tbody></table>`,
  })
}

const NOTE = `<p class="note"><strong>This is a stand-in, not Odoo.</strong> It is for trying the hub: nothing here reaches a real Odoo,
a bank or the tax office.<br><strong lang="es">Esto es un sustituto, no es Odoo.</strong>
<span lang="es">Sirve para probar el hub: nada de aquí llega a un Odoo real, a un banco ni a la DGII.</span></p>`

export function loginPage(): Answer {
  return page({
    title: 'Log in · Iniciar sesión | Odoo',
    refresh: false,
    body: `${NOTE}<form class="oe_login_form" action="/web/login" method="post"><p>There is nothing to sign in to here. ·
Aquí no hay dónde iniciar sesión.</p></form><p><a href="/">Orders · Órdenes</a></p>`,
  })
}

export function databaseSelectorPage(world: World): Answer {
  return page({
    title: 'Odoo - Database selector',
    refresh: false,
    body: `${NOTE}<div class="list-group"><a href="/web?db=${encodeURIComponent(world.databaseName)}">${escapeHtml(world.databaseName)}</a></div>`,
  })
}

/** As Odoo says it where a method breaks outside JSON. */
export function serverErrorPage(): Answer {
  return html(
    '<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n',
    {
      status: 500,
    },
  )
}

/** Odoo never says 502 itself: a proxy before it does. */
export function badGatewayPage(): Answer {
  const title = '<head><title>502 Bad Gateway</title></head>'
  const body = '<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>'
  return html(`<html>\r\n${title}\r\n${body}\r\n</html>\r\n`, { status: 502 })
}

export function maintenancePage(): Answer {
  const text = 'The server is down for maintenance. Back soon. · El servidor está en mantenimiento. Volvemos pronto.'
  return html(`<!doctype html><html><head><title>Maintenance</title></head><body><p>${text}</p></body></html>`, {
    status: 503,
  })
}

type Page = {
  readonly title: string
  readonly body: string
  readonly refresh: boolean
  /** Both languages stand on it unless told. */
  readonly lang?: 'en' | 'es'
}

function page({ title, body, refresh, lang = 'en' }: Page): Answer {
  const again = refresh ? `<meta http-equiv="refresh" content="${REFRESH_SECONDS}">` : ''
  return html(
    `<!doctype html><html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${again}
<title>${title}</title><style>${STYLE}</style></head><body><h1>${title}</h1>${body}</body></html>`,
    {
      headers: {
        'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
        'Cache-Control': 'no-store',
      },
    },
  )
}

function cell(value: string | number): string {
  return `<td>${escapeHtml(String(value))}</td>`
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
