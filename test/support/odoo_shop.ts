import { DEMO_ACCESS, type DemoServer, type DemoServerOptions, startDemoServer } from '../../src/bun/demo_server.ts'
import type { Environment } from './hub_process.ts'
import { Shop } from './shop.ts'

/** What a hub needs to reach the stand-in, in the way that is asked for. */
export function odooEnvironment(
  server: Pick<DemoServer, 'url'>,
  api: 'auto' | 'rest' | 'jsonrpc' | 'json2' = 'auto',
): Environment {
  return {
    ODOO_URL: server.url,
    ODOO_DB: DEMO_ACCESS.database,
    ODOO_USER: DEMO_ACCESS.login,
    ODOO_PASSWORD: DEMO_ACCESS.password,
    ODOO_API_KEY: DEMO_ACCESS.apiKey,
    ODOO_API: api,
  }
}

export type OdooShopOptions = {
  readonly env?: Environment
  readonly api?: 'auto' | 'rest' | 'jsonrpc' | 'json2'
  readonly odoo?: DemoServerOptions
}

/** A hub in a process of its own, and a stand-in for Odoo in this one. */
export class OdooShop {
  readonly shop: Shop
  readonly server: DemoServer

  private constructor(shop: Shop, server: DemoServer) {
    this.shop = shop
    this.server = server
  }

  static async open({ env = {}, api = 'auto', odoo = {} }: OdooShopOptions = {}): Promise<OdooShop> {
    const server = await startDemoServer(odoo)
    try {
      return new OdooShop(await Shop.open({ ...odooEnvironment(server, api), ...env }), server)
    } catch (error) {
      await server.stop({ hard: true })
      throw error
    }
  }

  get odoo(): DemoServer['odoo'] {
    return this.server.odoo
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.shop[Symbol.asyncDispose]()
    } finally {
      await this.server.stop({ hard: true })
    }
  }
}
