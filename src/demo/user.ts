import { WEB_SESSIONS_MAX } from './limits.ts'

export const MANAGER_GROUP = 'point_of_sale.group_pos_manager'
export const USER_GROUP = 'point_of_sale.group_pos_user'

export type DemoUser = {
  readonly id: number
  readonly login: string
  readonly name: string
  /** Null for somebody who has nothing to do with the point of sale. */
  readonly role: 'manager' | 'cashier' | 'waiter' | 'kitchen' | null
  readonly groups: readonly string[]
}

type Account = DemoUser & {
  readonly password: string
  /** Grows with each change of the password: what was issued before is worth nothing. */
  readonly era: number
}

export type UserOptions = {
  /** The user that a hub signs in as: a manager. */
  readonly login: string
  readonly password: string
  /** Stands for the password in the RPC of that user, and opens `/json/2`. */
  readonly apiKey: string
  /** Of manager, ana, luis, cocina and portal. */
  readonly staffPassword: string
}

const STAFF: readonly Omit<DemoUser, 'groups'>[] = [
  { id: 6, login: 'manager', name: 'Marta Manager', role: 'manager' },
  { id: 7, login: 'ana', name: 'Ana Cashier', role: 'cashier' },
  { id: 8, login: 'luis', name: 'Luis Waiter', role: 'waiter' },
  { id: 9, login: 'cocina', name: 'Cocina Kitchen', role: 'kitchen' },
  { id: 10, login: 'portal', name: 'Portal Guest', role: null },
]

const ADMIN_ID = 2

/** The people of the stand-in, what they sign in with, and their web sessions. */
export class Users {
  readonly #accounts = new Map<number, Account>()
  readonly #webSessions = new Map<string, { readonly userId: number; readonly era: number }>()
  #apiKey: string

  constructor(options: UserOptions) {
    const { login, password } = options
    this.#apiKey = options.apiKey
    this.#add({ id: ADMIN_ID, login, name: 'Mitchell Admin', role: 'manager' }, password)
    for (const person of STAFF) if (person.login !== login) this.#add(person, options.staffPassword)
  }

  /** Null: nobody has this login and password. */
  signIn(login: unknown, password: unknown): DemoUser | null {
    const account = this.#accountOf(login)
    return account !== null && this.opens(account.id, password) ? account : null
  }

  /** Whether this password, or API key, is this user's. */
  opens(id: unknown, password: unknown): boolean {
    if (typeof id !== 'number' || typeof password !== 'string') return false
    const account = this.#accounts.get(id)
    return account !== undefined && (account.password === password || (id === ADMIN_ID && password === this.#apiKey))
  }

  find(id: number): DemoUser | null {
    return this.#accounts.get(id) ?? null
  }

  list(): readonly DemoUser[] {
    return [...this.#accounts.values()].map(({ id, login, name, role, groups }) => ({ id, login, name, role, groups }))
  }

  /** Whoever an API key belongs to. */
  ownerOf(apiKey: string): DemoUser | null {
    return apiKey === this.#apiKey ? this.find(ADMIN_ID) : null
  }

  eraOf(id: number): number {
    return this.#accounts.get(id)?.era ?? 0
  }

  /** Ends the tokens and web sessions of that user. Does nothing if there is none. */
  changePassword(login: string, password: string): void {
    const account = this.#accountOf(login)
    if (account !== null) this.#accounts.set(account.id, { ...account, password, era: account.era + 1 })
  }

  changeApiKey(apiKey: string): void {
    this.#apiKey = apiKey
  }

  /** The value of the cookie `session_id`. */
  openWebSession(user: DemoUser): string {
    const bytes = crypto.getRandomValues(new Uint8Array(20))
    const id = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    for (const oldest of this.#webSessions.keys()) {
      if (this.#webSessions.size < WEB_SESSIONS_MAX) break
      this.#webSessions.delete(oldest)
    }
    this.#webSessions.set(id, { userId: user.id, era: this.eraOf(user.id) })
    return id
  }

  /** Null: no such session, or its user has another password since. */
  userOfWebSession(id: string): DemoUser | null {
    const session = this.#webSessions.get(id)
    if (session === undefined || session.era !== this.eraOf(session.userId)) return null
    return this.find(session.userId)
  }

  endWebSessions(): void {
    this.#webSessions.clear()
  }

  #accountOf(login: unknown): Account | null {
    return [...this.#accounts.values()].find((account) => account.login === login) ?? null
  }

  #add(person: Omit<DemoUser, 'groups'>, password: string): void {
    const groups = person.role === null ? [] : person.role === 'manager' ? [MANAGER_GROUP, USER_GROUP] : [USER_GROUP]
    this.#accounts.set(person.id, { ...person, groups, password, era: 1 })
  }
}
