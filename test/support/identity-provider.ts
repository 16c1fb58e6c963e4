import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AdapterPayload, Configuration, default as Provider } from 'oidc-provider'
import { vi } from 'vitest'

/** The claims of a person at the test's provider. */
type Claims = Readonly<Record<string, unknown>>

/** The parts of an ID token that a test changes before it is signed again. */
type Tamper = (token: { header: Record<string, unknown>; claims: Record<string, unknown> }) => void

/** A real OpenID provider on this machine, whose people sign in without a form. */
export type TestIdentityProvider = Awaited<ReturnType<typeof startIdentityProvider>>

export const CLIENT_ID = 'paydesk-console'
export const CLIENT_SECRET = 'a-client-secret-of-32-characters'

/** Loads `oidc-provider` without its warning about a Node that is no long-term release. */
async function loadProvider(): Promise<typeof Provider> {
  const warning = vi.spyOn(console, 'warn').mockReturnValue()
  try {
    return (await import('oidc-provider')).default
  } finally {
    warning.mockRestore()
  }
}

/** Starts a provider with `oidc-provider`. */
export async function startIdentityProvider(redirectUri: string) {
  const OpenidProvider = await loadProvider()
  const people = new Map<string, Claims>()
  const state = {
    /** The subject of the next sign-in. */
    subject: 'asha',
    /** Changes the next ID tokens, before they are signed again. */
    tamper: undefined as Tamper | undefined,
    /** The key that signs changed tokens. Undefined: the provider's own. */
    foreignKey: undefined as KeyObject | undefined,
    /** True: the provider accepts connections and does not answer. */
    isSilent: false,
  }
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown = () => undefined
  const server = createServer((request, response) => {
    if (!state.isSilent) void handle(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let keyCount = 0

  /** Replaces the signing key. The old key is no longer published. */
  function rotate(): void {
    keyCount += 1
    const kid = `key-${keyCount}`
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }
    const provider = new OpenidProvider(issuer, configurationOf(redirectUri, jwk, people))
    provider.use(async (ctx, next) => {
      if (ctx.path.startsWith('/interaction/')) {
        const login = { accountId: state.subject }
        await provider.interactionFinished(ctx.req, ctx.res, { login })
        ctx.respond = false
        return
      }
      await next()
      const body = ctx.body as { id_token?: string } | undefined
      if (state.tamper !== undefined && typeof body?.id_token === 'string') {
        body.id_token = signAgain(body.id_token, state.tamper, state.foreignKey ?? privateKey)
      }
    })
    handle = provider.callback()
  }
  rotate()

  return {
    issuer,
    people,
    state,
    rotate,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function configurationOf(
  redirectUri: string,
  jwk: object,
  people: ReadonlyMap<string, Claims>,
): Configuration {
  return {
    adapter: createAdapter(),
    ttl: { AccessToken: 3600, Grant: 3600, IdToken: 3600, Interaction: 3600, Session: 3600 },
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
        redirect_uris: [redirectUri],
      },
    ],
    jwks: { keys: [jwk] } as Configuration['jwks'] & object,
    cookies: { keys: ['a key of the provider’s cookies'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    claims: {
      openid: ['sub', 'groups', 'accounts'],
      email: ['email', 'email_verified'],
      profile: ['name'],
    },
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, ...people.get(accountId) }),
    }),
    loadExistingGrant: async (ctx) => {
      const { client, provider, session } = ctx.oidc
      const grant = new provider.Grant({
        accountId: session?.accountId ?? '',
        clientId: client?.clientId ?? '',
      })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  }
}

/** Makes a storage in memory. The provider’s own one prints a warning. */
function createAdapter(): Configuration['adapter'] & object {
  const rows = new Map<string, AdapterPayload>()
  const findBy = (field: 'uid' | 'userCode', value: string) =>
    Promise.resolve([...rows.values()].find((row) => row[field] === value))
  return (model: string) => ({
    upsert: async (id: string, payload: AdapterPayload) => {
      rows.set(`${model} ${id}`, payload)
    },
    find: async (id: string) => rows.get(`${model} ${id}`),
    findByUid: (uid: string) => findBy('uid', uid),
    findByUserCode: (userCode: string) => findBy('userCode', userCode),
    destroy: async (id: string) => {
      rows.delete(`${model} ${id}`)
    },
    consume: async (id: string) => {
      const row = rows.get(`${model} ${id}`)
      if (row !== undefined) row.consumed = Date.now() / 1000
    },
    revokeByGrantId: async (grantId: string) => {
      for (const [key, row] of rows) if (row.grantId === grantId) rows.delete(key)
    },
  })
}

/** Changes an ID token and signs it with a key. */
function signAgain(token: string, tamper: Tamper, key: KeyObject): string {
  const [header, claims] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')))
  tamper({ header, claims })
  const body = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${body}.${createSign('sha256').update(body).sign(key, 'base64url')}`
}

/** Visits the provider's pages as a browser does, until they lead away. Returns the address to which they lead. */
export async function visitProvider(url: string, { issuer }: { readonly issuer: string }) {
  const cookies = new Map<string, string>()
  let next = url
  for (let count = 0; count < 10; count += 1) {
    if (!next.startsWith(issuer)) return new URL(next)
    const answer = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
    })
    for (const cookie of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=')
      cookies.set(name, value)
    }
    const location = answer.headers.get('location')
    if (location === null)
      throw new Error(`the provider answers ${answer.status}: ${await answer.text()}`)
    next = new URL(location, issuer).href
  }
  throw new Error('the provider redirects without an end')
}
