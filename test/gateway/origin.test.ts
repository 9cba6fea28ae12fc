import { describe, expect, test } from 'bun:test'
import { isPrivateAddress, type OriginPolicy, whyRefused } from '../../src/gateway/origin.ts'

const POLICY: OriginPolicy = {
  origins: ['https://pos.shop.example'],
  hosts: ['hub.shop.example'],
  odooOrigin: 'https://odoo.shop.example',
  ownNames: ['till-server'],
}

/** A name under which the hub may always be reached. */
const HOST = '127.0.0.1:8766'

function mayOrigin(origin: string | null, host: string = HOST, policy: Partial<OriginPolicy> = {}): boolean {
  return whyRefused({ ...POLICY, ...policy }, origin, host) === null
}

function mayHost(host: string | null, policy: Partial<OriginPolicy> = {}): boolean {
  return whyRefused({ ...POLICY, ...policy }, null, host) === null
}

describe('a page', () => {
  test.each([
    [null],
    ['http://localhost'],
    ['http://localhost:5173'],
    ['https://localhost:8443'],
    ['http://app.localhost:3000'],
    ['http://127.0.0.1'],
    ['http://127.255.255.254:1'],
    ['http://10.0.0.0'],
    ['http://10.255.255.255:8069'],
    ['http://172.16.0.0'],
    ['https://172.31.255.255'],
    ['http://192.168.0.0'],
    ['http://192.168.255.255:8069'],
    ['http://169.254.0.1'],
    ['http://100.64.0.0'],
    ['http://100.127.255.255'],
    ['http://[::1]'],
    ['http://[::1]:8766'],
    ['http://[fe80::1]'],
    ['http://[febf::1]:8766'],
    ['http://[fc00::1]'],
    ['http://[fdff:ffff::1]:80'],
    ['http://[::ffff:192.168.1.20]:8069'],
    ['http://hub.local'],
    ['https://kitchen-pi.local:8766'],
    ['https://odoo.shop.example'],
    ['https://pos.shop.example'],
    ['tauri://localhost'],
    ['http://tauri.localhost'],
    ['https://tauri.localhost'],
  ])('from %s may speak with the hub', (origin) => {
    expect(mayOrigin(origin)).toBe(true)
  })

  test.each([
    [''],
    ['null'],
    ['undefined'],
    ['*'],
    ['localhost'],
    ['https://evil.example'],
    ['http://evil.example:8766'],
    ['http://localhost.evil.example'],
    ['http://evil-localhost'],
    ['http://evillocalhost'],
    ['http://localhost@evil.example'],
    ['http://localhost:80@evil.example'],
    ['http://127.0.0.1@evil.example'],
    ['http://localhost%2f@evil.example'],
    ['http://evil.example#@localhost'],
    ['http://evil.example?@localhost'],
    ['http://evil.example/http://localhost'],
    ['http://evil.example\\@localhost'],
    ['http://127.0.0.1.evil.example'],
    ['http://192.168.1.20.evil.example'],
    ['http://10.0.0.1.nip.io'],
    ['http://evil.local.example'],
    ['http://evillocal'],
    ['http://9.255.255.255'],
    ['http://11.0.0.0'],
    ['http://126.255.255.255'],
    ['http://128.0.0.1'],
    ['http://172.15.255.255'],
    ['http://172.32.0.0'],
    ['http://192.167.255.255'],
    ['http://192.169.0.0'],
    ['http://169.253.0.1'],
    ['http://100.63.255.255'],
    ['http://100.128.0.0'],
    ['http://8.8.8.8'],
    ['http://[2001:db8::1]'],
    ['http://[fe7f::1]'],
    ['http://[fec0::1]'],
    ['http://[fbff::1]'],
    ['http://[fe00::1]'],
    ['http://[fc::1]'],
    ['http://[::ffff:8.8.8.8]'],
    ['http://[::2]'],
    ['https://odoo.shop.example:8443'],
    ['http://odoo.shop.example'],
    ['https://odoo.shop.example.evil.example'],
    ['https://evil.example/https://odoo.shop.example'],
    ['https://xodoo.shop.example'],
    ['https://shop.example'],
    ['https://pos.shop.example:8443'],
    ['tauri://evil.example'],
    ['tauri://localhost.evil.example'],
    ['ftp://localhost'],
    ['file://localhost'],
    ['file://'],
    ['chrome-extension://abcdefghijklmnop'],
    ['data:text/html,hello'],
    ['javascript://localhost'],
    ['http://'],
    ['http://localhost http://evil.example'],
    ['http://evil.example, http://localhost'],
  ])('from %s may not', (origin) => {
    expect(mayOrigin(origin)).toBe(false)
  })

  test('of the host that it speaks with may do so, on the same port alone', () => {
    const host = 'hub.shop.example:8766'
    expect(mayOrigin('http://hub.shop.example:8766', host)).toBe(true)
    expect(mayOrigin('https://hub.shop.example:8766', host)).toBe(true)
    expect(mayOrigin('http://hub.shop.example', host)).toBe(false)
    expect(mayOrigin('http://hub.shop.example:8767', host)).toBe(false)
    expect(mayOrigin('http://hub.shop.example', 'hub.shop.example')).toBe(true)
    // However the name is written: names know no case.
    expect(mayOrigin('http://hub.shop.example:8766', 'HUB.Shop.Example:8766')).toBe(true)
    expect(mayOrigin('http://till-server:8766', 'till-server:8766')).toBe(true)
  })

  test('of any origin may where all are let in, but not under any name', () => {
    expect(mayOrigin('https://evil.example', HOST, { origins: ['*'] })).toBe(true)
    expect(mayOrigin('null', HOST, { origins: ['*'] })).toBe(true)
    expect(mayOrigin('https://evil.example', 'evil.example', { origins: ['*'] })).toBe(false)
  })

  test('with a name as long as a book may not', () => {
    expect(mayOrigin(`http://${'a'.repeat(100_000)}.example`)).toBe(false)
  })

  test('of Odoo is a stranger where no Odoo is set', () => {
    expect(mayOrigin('https://odoo.shop.example', HOST, { odooOrigin: null })).toBe(false)
    expect(mayOrigin('null', HOST, { odooOrigin: null })).toBe(false)
  })
})

describe('a name', () => {
  test.each([
    ['localhost'],
    ['localhost:8766'],
    ['LOCALHOST:8766'],
    ['127.0.0.1:8766'],
    ['192.168.1.9'],
    ['192.168.1.9:8766'],
    ['[::1]:8766'],
    ['[fe80::1]:8766'],
    ['[fd12:3456::1]:8766'],
    ['[::ffff:192.168.1.20]:8766'],
    ['hub.local'],
    ['HUB.local:8766'],
    ['till-server:8766'],
    ['TILL-SERVER:8766'],
    ['hub.shop.example'],
    ['hub.shop.example:8766'],
    ['Hub.Shop.Example:8766'],
    ['tauri.localhost'],
  ])('%s is one of the hub', (host) => {
    expect(mayHost(host)).toBe(true)
  })

  test.each([
    [null],
    [''],
    [' '],
    ['evil.example'],
    ['evil.example:8766'],
    ['rebind.evil.example:8766'],
    ['127.0.0.1.nip.io:8766'],
    ['192-168-1-9.evil.example'],
    ['localhost.evil.example'],
    ['hub.shop.example.evil.example'],
    ['xhub.shop.example'],
    ['localhost@evil.example'],
    ['localhost:8766@evil.example'],
    ['evil.example#localhost'],
    ['evil.example/localhost'],
    ['evil.example\\localhost'],
    ['8.8.8.8'],
    ['[2001:db8::1]:8766'],
    ['till-server.evil.example'],
    ['localhost, evil.example'],
    ['[::1'],
    ['localhost:99999'],
  ])('%s is none', (host) => {
    expect(mayHost(host)).toBe(false)
  })

  test('that an attacker made to point here is refused with its own page too', () => {
    expect(mayOrigin('http://rebind.evil.example:8766', 'rebind.evil.example:8766')).toBe(false)
  })

  test('of any kind is one where all are taken; even none at all', () => {
    for (const host of ['evil.example', null]) expect(mayHost(host, { hosts: ['*'] })).toBe(true)
    expect(mayOrigin('https://evil.example', 'other.example', { hosts: ['*'] })).toBe(false)
  })

  test.each([['localhost.'], ['localhost.:8766'], ['hub.local.'], ['evil.example.'], ['hub.shop.example.']])(
    'with a dot at its end is never more than without: %s',
    (host) => {
      const bare = host.replace(/\.(?=:|$)/, '')
      if (mayHost(host)) expect(mayHost(bare)).toBe(true)
      expect(mayOrigin(`http://${host}`) && !mayOrigin(`http://${bare}`)).toBe(false)
    },
  )
})

describe('a refusal', () => {
  test('says what was seen, quoted and cut, and which setting is meant', () => {
    expect(whyRefused(POLICY, 'https://evil.example', HOST)).toBe(
      'Pages from "https://evil.example" may not speak with the hub. If it is right, add it to HUB_ORIGINS.',
    )
    expect(whyRefused(POLICY, null, 'evil.example')).toBe(
      'The hub does not answer under the name "evil.example". If it is right, add it to HUB_HOSTS.',
    )
    expect(whyRefused(POLICY, 'http://a\nb', HOST)).not.toContain('\n')
    expect(whyRefused(POLICY, `http://${'a'.repeat(100_000)}`, HOST)?.length).toBeLessThan(400)
  })
})

test.each([
  ['127.0.0.1', true],
  ['10.1.2.3', true],
  ['::1', true],
  ['[::1]', true],
  ['::ffff:10.1.2.3', true],
  ['::FFFF:192.168.1.1', true],
  ['::ffff:8.8.8.8', false],
  ['FD00::1', true],
  ['0.0.0.0', false],
  ['1.2.3', false],
  ['1010.0.0.1', false],
  ['10.0.0', false],
  ['ten.0.0.1', false],
  ['fd00.example', false],
  ['fe80.local', false],
  ['', false],
])('%p is private: %p', (address, isPrivate) => {
  expect(isPrivateAddress(address)).toBe(isPrivate)
})
