import { type Finding, fine, wrong } from './check_step.ts'
import type { OdooSettings } from './settings.ts'

/** Whether the settings can lead to Odoo at all; null: ODOO_URL is not set. */
export function judgeSettings(settings: OdooSettings | null): Finding {
  if (settings === null) {
    return wrong(
      { en: 'ODOO_URL is not set.', es: 'Falta ODOO_URL.' },
      {
        en: 'Set ODOO_URL to the address of Odoo, like https://odoo.example.com.',
        es: 'Ponga en ODOO_URL la dirección de Odoo, por ejemplo https://odoo.example.com.',
      },
    )
  }
  const { api, user, password, apiKey, url } = settings
  const hasLogin = user !== null && password !== null
  const isEnough = {
    auto: hasLogin || apiKey !== null,
    rest: hasLogin,
    jsonrpc: user !== null && (password ?? apiKey) !== null,
    json2: (apiKey ?? password) !== null,
  }
  if (isEnough[api])
    return fine({
      en: `ODOO_URL is ${url}; ${accessOf(settings).en}.`,
      es: `ODOO_URL es ${url}; ${accessOf(settings).es}.`,
    })
  return wrong(...NEEDS[api])
}

function accessOf({ user, apiKey }: OdooSettings): Finding['found'] {
  if (user === null) return { en: 'the hub has an API key', es: 'el hub tiene una clave de API' }
  const by = apiKey === null ? { en: 'a password', es: 'contraseña' } : { en: 'an API key', es: 'clave de API' }
  return { en: `the hub is ${user}, with ${by.en}`, es: `el hub es ${user}, con ${by.es}` }
}

type Need = readonly [found: Finding['found'], advice: Finding['found']]

const LOGIN: Finding['found'] = {
  en: 'Set ODOO_USER and ODOO_PASSWORD_FILE (or ODOO_PASSWORD).',
  es: 'Configure ODOO_USER y ODOO_PASSWORD_FILE (u ODOO_PASSWORD).',
}

const NEEDS: { readonly [api in OdooSettings['api']]: Need } = {
  auto: [
    { en: 'The hub has nothing to sign in to Odoo with.', es: 'El hub no tiene con qué entrar en Odoo.' },
    {
      en: 'Set ODOO_USER and ODOO_PASSWORD_FILE (or ODOO_PASSWORD); for Odoo 19 an API key too: ODOO_API_KEY_FILE (or ODOO_API_KEY).',
      es: 'Configure ODOO_USER y ODOO_PASSWORD_FILE (u ODOO_PASSWORD); para Odoo 19 también una clave de API: ODOO_API_KEY_FILE (u ODOO_API_KEY).',
    },
  ],
  rest: [
    {
      en: 'ODOO_API is rest, which needs a user and a password.',
      es: 'ODOO_API es rest, que necesita usuario y contraseña.',
    },
    LOGIN,
  ],
  jsonrpc: [
    {
      en: 'ODOO_API is jsonrpc, which needs a user, and a password or an API key.',
      es: 'ODOO_API es jsonrpc, que necesita usuario y una contraseña o clave de API.',
    },
    LOGIN,
  ],
  json2: [
    { en: 'ODOO_API is json2, which needs an API key.', es: 'ODOO_API es json2, que necesita una clave de API.' },
    {
      en: 'Make an API key in Odoo for the user of the hub, and set ODOO_API_KEY_FILE (or ODOO_API_KEY).',
      es: 'Cree en Odoo una clave de API para el usuario del hub y configure ODOO_API_KEY_FILE (u ODOO_API_KEY).',
    },
  ],
}
