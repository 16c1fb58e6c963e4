import { consoleTokenOf } from '../../src/console/console-token.ts'
import type { Operator } from '../../src/domain/operator.ts'
import { hashSecret } from '../../src/domain/secret.ts'
import type { Server } from '../../src/server/start-server.ts'

/** A call of the console by a signed-in operator: its status, and its body as JSON. */
type Answer = {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests state the shape that they expect.
  readonly body: any
}

/** A signed-in operator of a live server. */
export type SignedInOperator = {
  readonly operator: Operator
  /** The cookie of the session: its name and its value. */
  readonly cookie: { readonly name: string; readonly value: string }
  readonly call: (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>
}

let operatorCount = 0

/** Stores an operator with a session, without the sign-in: its password hash would cost a tenth of a second each. */
export async function signInOperatorOf(
  server: Server,
  more: Partial<Pick<Operator, 'accountIds' | 'email' | 'refundMaxMinor' | 'role'>> = {},
): Promise<SignedInOperator> {
  operatorCount += 1
  const { clock, keys, random, store } = server.tenant
  const nowMs = clock.nowMs()
  const token = Buffer.from(random.bytes(32)).toString('base64url')
  const operator = {
    id: `op_${Buffer.from(random.bytes(8)).toString('hex')}`,
    name: `Operator ${operatorCount}`,
    email: `operator${operatorCount}@example.com`,
    role: 'administrator' as const,
    accountIds: undefined,
    refundMaxMinor: undefined,
    disabledAtMs: undefined,
    ...more,
  }
  const session = {
    tokenHash: hashSecret(token),
    operatorId: operator.id,
    createdAtMs: nowMs,
    seenAtMs: nowMs,
  }
  await store.transaction(async (tx) => {
    await tx.operators.insert({
      ...operator,
      createdAtMs: nowMs,
      credentials: undefined,
      identity: undefined,
      invitation: undefined,
    })
    await tx.operators.insertSession(session)
  })
  const cookie = { name: '__Host-paydesk-operator', value: token }
  return {
    operator,
    cookie,
    call: async (method, path, body, headers = {}) => {
      const answer = await fetch(`${server.baseUrl}/console/api/v1${path}`, {
        method,
        headers: {
          cookie: `${cookie.name}=${cookie.value}`,
          'x-console-token': consoleTokenOf(session.tokenHash, keys),
          ...(method !== 'GET' && { origin: new URL(server.baseUrl).origin }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : { text } }
    },
  }
}
