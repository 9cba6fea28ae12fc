import type { FailureCode } from '../core/odoo.ts'

/** What is wrong, and what to do. */
export type FailureWords = { readonly en: string; readonly es: string }

export const FAILURE_WORDS: { readonly [code in FailureCode]: FailureWords } = {
  CONNECTION_REFUSED: {
    en: 'Odoo does not take connections: see that it runs, and that ODOO_URL has the right address and port.',
    es: 'Odoo no acepta conexiones: compruebe que está en marcha y que ODOO_URL tiene la dirección y el puerto correctos.',
  },
  CONNECTION_LOST: {
    en: 'The connection to Odoo broke before its answer came; the hub asks again by itself.',
    es: 'La conexión con Odoo se cortó antes de su respuesta; el hub vuelve a preguntar por sí solo.',
  },
  NAME_UNKNOWN: {
    en: 'The name of the Odoo server was not found: check ODOO_URL, and the internet connection of the shop.',
    es: 'No se encontró el nombre del servidor de Odoo: revise ODOO_URL y la conexión a internet del local.',
  },
  TLS: {
    en: 'There is no secure connection to Odoo: check its certificate, the clock of the hub, and the CA file if Odoo has a certificate of your own.',
    es: 'No hay conexión segura con Odoo: revise su certificado, el reloj del hub y el archivo de CA si el certificado es propio.',
  },
  CONNECT_TIMEOUT: {
    en: 'The Odoo server does not answer to a connection: check ODOO_URL, the firewall and the internet connection of the shop.',
    es: 'El servidor de Odoo no responde a la conexión: revise ODOO_URL, el cortafuegos y la conexión a internet del local.',
  },
  TIMEOUT: {
    en: 'Odoo did not answer in time, and may still carry the call out; the hub asks again by itself.',
    es: 'Odoo no respondió a tiempo y puede que aún complete la llamada; el hub vuelve a preguntar por sí solo.',
  },
  BAD_GATEWAY: {
    en: 'The proxy before Odoo got no good answer from it: see that Odoo runs; the hub tries again by itself.',
    es: 'El proxy delante de Odoo no obtuvo de él una buena respuesta: compruebe que Odoo está en marcha; el hub reintenta por sí solo.',
  },
  UNAVAILABLE: {
    en: 'Odoo is not available just now; the hub tries again by itself.',
    es: 'Odoo no está disponible en este momento; el hub reintenta por sí solo.',
  },
  SERVER_ERROR: {
    en: 'Something broke inside Odoo: look into its log; the hub tries again by itself.',
    es: 'Algo falló dentro de Odoo: mire su registro; el hub reintenta por sí solo.',
  },
  MAINTENANCE: {
    en: 'Odoo is under maintenance; the hub tries again by itself.',
    es: 'Odoo está en mantenimiento; el hub reintenta por sí solo.',
  },
  RATE_LIMITED: {
    en: 'The server asks the hub to call less often; the hub waits, then tries again by itself.',
    es: 'El servidor pide al hub que llame con menos frecuencia; el hub espera y reintenta por sí solo.',
  },
  COLLISION: {
    en: 'Two calls met in Odoo and this one gave way; the hub tries again by itself.',
    es: 'Dos llamadas coincidieron en Odoo y esta cedió el paso; el hub reintenta por sí solo.',
  },
  TOO_LARGE: {
    en: 'The order or the answer is larger than the servers allow: raise the limit of the proxy (client_max_body_size) or of the hub.',
    es: 'El pedido o la respuesta supera lo que permiten los servidores: aumente el límite del proxy (client_max_body_size) o del hub.',
  },
  BAD_JSON: {
    en: 'The answer of Odoo was cut off or unreadable; the hub asks again by itself.',
    es: 'La respuesta de Odoo llegó cortada o ilegible; el hub vuelve a preguntar por sí solo.',
  },
  NOT_ODOO: {
    en: 'What answers at ODOO_URL is not Odoo: check the address, and whether the network of the shop asks for a sign-in page.',
    es: 'Lo que responde en ODOO_URL no es Odoo: revise la dirección y si la red del local pide una página de acceso.',
  },
  LOGIN_PAGE: {
    en: 'Odoo answered with its sign-in page: check ODOO_URL, and the path of the add-on.',
    es: 'Odoo respondió con su página de inicio de sesión: revise ODOO_URL y la ruta del módulo.',
  },
  DATABASE_SELECTOR: {
    en: 'Odoo has several databases and asks which one: set ODOO_DB, or a dbfilter in Odoo.',
    es: 'Odoo tiene varias bases de datos y pregunta cuál: configure ODOO_DB, o un dbfilter en Odoo.',
  },
  WRONG_DATABASE: {
    en: 'Odoo does not have the database that the hub asks for: check ODOO_DB.',
    es: 'Odoo no tiene la base de datos que pide el hub: revise ODOO_DB.',
  },
  ADDON_MISSING: {
    en: 'The add-on of the hub is not installed in Odoo, or is too old: install it in this database, or check the names of its path, model and methods.',
    es: 'El módulo del hub no está instalado en Odoo o es demasiado antiguo: instálelo en esta base de datos, o revise los nombres de su ruta, modelo y métodos.',
  },
  SIGN_IN: {
    en: 'Odoo does not let the hub sign in: check ODOO_USER and ODOO_PASSWORD (or ODOO_API_KEY); they may have been changed in Odoo.',
    es: 'Odoo no deja entrar al hub: revise ODOO_USER y ODOO_PASSWORD (o ODOO_API_KEY); puede que se hayan cambiado en Odoo.',
  },
  ACCESS: {
    en: 'The user of the hub lacks a right in Odoo: give it the rights of a point of sale user.',
    es: 'Al usuario del hub le falta un permiso en Odoo: dele los permisos de usuario del punto de venta.',
  },
  VALIDATION: {
    en: 'Odoo refused the order: correct it and pay again.',
    es: 'Odoo rechazó el pedido: corríjalo y vuelva a cobrarlo.',
  },
  BAD_DATA: {
    en: 'Odoo could not make sense of the order: correct it, or show this text to whoever looks after Odoo.',
    es: 'Odoo no pudo interpretar el pedido: corríjalo, o muestre este texto a quien se ocupa de Odoo.',
  },
  CLOSED_PERIOD: {
    en: 'The accounting period of the order is closed in Odoo: have it opened, or date the order anew.',
    es: 'El período contable del pedido está cerrado en Odoo: pida que lo abran, o ponga otra fecha al pedido.',
  },
  CLIENT_OUTDATED: {
    en: 'Odoo asks for a newer version of the hub or of the point of sale: update it, then finalize the order again.',
    es: 'Odoo pide una versión más nueva del hub o del punto de venta: actualícelo y finalice el pedido de nuevo.',
  },
  NO_OPEN_SESSION: {
    en: 'No session is open in Odoo for this point of sale: open one there; the order then goes by itself.',
    es: 'No hay una sesión abierta en Odoo para este punto de venta: ábrala allí; el pedido saldrá por sí solo.',
  },
}
