import { setTimeout } from 'node:timers'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AccountId } from '../domain/id.ts'
import { mayActFor } from '../domain/operator.ts'
import type { Tenant } from '../operations/tenant.ts'
import { beginEventStream } from '../pages/event-stream.ts'
import { signedInOf } from './signed-in-request.ts'

/**
 * The time between two reads of an account's newest rows. The server reads these rows and waits for no notification,
 * because another server can make the change.
 */
const READ_MS = 3_000
/** The time between two lines that keep proxies from closing the connection. */
const HEARTBEAT_MS = 15_000
/** The longest life of a stream; then the page connects again. */
const STREAM_MS_MAX = 30 * 60_000
/** The largest backlog of a slow page. Above it the stream ends. */
const STREAM_BYTES_MAX = 4_096
/** The maximum number of streams of a process; further pages only poll. */
const STREAM_COUNT_MAX = 200
/** The maximum number of streams of one operator, such as one for each window that is visible. */
const STREAMS_PER_OPERATOR_MAX = 10

type Stream = {
  readonly operatorId: string
  readonly accountId: AccountId
  /** Sends a change or a sign of life, or ends the stream. Called once in `READ_MS`. */
  readonly tick: (hasChanged: boolean) => Promise<void>
  readonly end: () => void
}

/**
 * Registers the stream that tells a page of the console that something of its account has changed, so that the page
 * reads again. The stream has events without content, ends with the session, and does not keep the session alive.
 */
export function registerChangeStream(routes: FastifyInstance): void {
  const streams = new Set<Stream>()
  const watchedIds = new Set<AccountId>()
  routes.addHook('preClose', (done) => {
    for (const { end } of streams) end()
    done()
  })
  routes.get(
    '/changes',
    { exposeHeadRoute: false, schema: { hide: true }, config: { isStream: true } },
    (request, reply) => {
      const { account, operator } = request
      if (account === undefined || operator === undefined) throw new Error('no hook has run')
      const ownCount = [...streams].filter(({ operatorId }) => operatorId === operator.id).length
      if (streams.size >= STREAM_COUNT_MAX || ownCount >= STREAMS_PER_OPERATOR_MAX) {
        // 204 tells a browser not to reconnect; the page then polls.
        void reply.code(204).send()
        return
      }
      const accountId = account.id
      openStream(request, reply, { accountId, operatorId: operator.id, streams })
      if (watchedIds.has(accountId)) return
      watchedIds.add(accountId)
      void watchAccount(request.tenant, accountId, streams).finally(() =>
        watchedIds.delete(accountId),
      )
    },
  )
}

/** All streams of an account in this process share the reads. */
async function watchAccount(
  tenant: Tenant,
  accountId: AccountId,
  streams: ReadonlySet<Stream>,
): Promise<void> {
  const streamsOf = () => [...streams].filter((stream) => stream.accountId === accountId)
  let version: string | undefined
  for (let own = streamsOf(); own.length > 0; own = streamsOf()) {
    // During an outage the streams stay open: the page shows the outage when it polls.
    const nextVersion = await tenant.store.accountChanges
      .findVersion(accountId)
      .catch(() => version)
    const hasChanged = version !== undefined && nextVersion !== version
    version = nextVersion
    await Promise.all(own.map(({ tick }) => tick(hasChanged)))
    await new Promise((resolve) => setTimeout(resolve, READ_MS))
  }
}

function openStream(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    accountId,
    operatorId,
    streams,
  }: Pick<Stream, 'accountId' | 'operatorId'> & { readonly streams: Set<Stream> },
): void {
  const raw = beginEventStream(reply)
  raw.write(':\n\n')
  let livedMs = 0
  let quietMs = 0
  const stream: Stream = {
    accountId,
    operatorId,
    tick: async (hasChanged) => {
      livedMs += READ_MS
      quietMs += READ_MS
      const isSlow = raw.writableLength > STREAM_BYTES_MAX
      if (isSlow || livedMs > STREAM_MS_MAX || !(await isStillAllowed(request))) {
        stream.end()
        return
      }
      if (!hasChanged && quietMs < HEARTBEAT_MS) return
      raw.write(hasChanged ? 'data: changed\n\n' : ':\n\n')
      quietMs = 0
    },
    end: () => {
      streams.delete(stream)
      raw.end()
    },
  }
  streams.add(stream)
  // The socket can outlive the stream, with more streams on it.
  raw.once('close', stream.end)
}

/** Returns true if the session is alive and the operator still sees the account, or if an outage prevents the check. */
async function isStillAllowed(request: FastifyRequest): Promise<boolean> {
  const { account } = request
  try {
    const signedIn = await signedInOf(request, { keepsAlive: false })
    return (
      signedIn !== undefined && account !== undefined && mayActFor(signedIn.operator, account.id)
    )
  } catch {
    return true
  }
}
