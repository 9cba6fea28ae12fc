import { isJsonObject, type JsonObject } from '../protocol/mod.ts'
import { parseJson } from './answer.ts'

/** The add-on's tokens: JWT with HS256, so that a hub that is told the secret can check them by itself. */

const HMAC = { name: 'HMAC', hash: 'SHA-256' }
const HEADER = encodeText(JSON.stringify({ alg: 'HS256', typ: 'JWT' }))

export async function signToken(claims: JsonObject, secret: string): Promise<string> {
  const text = `${HEADER}.${encodeText(JSON.stringify(claims))}`
  const signature = await crypto.subtle.sign(HMAC, await keyOf(secret), new TextEncoder().encode(text))
  return `${text}.${encode(new Uint8Array(signature))}`
}

/** Null for whatever was not signed with this secret. Its expiry is the caller's to judge. */
export async function readToken(token: string, secret: string): Promise<JsonObject | null> {
  const [header, payload, signature, ...more] = token.split('.')
  if (header !== HEADER || payload === undefined || signature === undefined || more.length > 0) return null
  const bytes = decode(signature)
  const signed = new TextEncoder().encode(`${header}.${payload}`)
  if (bytes === null || !(await crypto.subtle.verify(HMAC, await keyOf(secret), bytes, signed))) return null
  const text = decode(payload)
  const parsed = parseJson(new TextDecoder().decode(text ?? new Uint8Array()))
  return parsed.ok && isJsonObject(parsed.value) ? parsed.value : null
}

function keyOf(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', new TextEncoder().encode(secret), HMAC, false, ['sign', 'verify'])
}

function encodeText(text: string): string {
  return encode(new TextEncoder().encode(text))
}

function encode(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

function decode(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.fromBase64(text, { alphabet: 'base64url' })
  } catch {
    return null
  }
}
