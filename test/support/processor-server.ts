import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { CallName } from '../../src/processors/remote/protocol.ts'
import type { ExampleBank } from './example-bank.ts'
import { exampleMandates } from './example-mandates.ts'

/**
 * A processor server with a bank, for tests of a whole Paydesk. It approves every charge, has mandates, and
 * checks no signature.
 */
export async function startProcessorServer(
  bank: ExampleBank,
  { mandates }: ReturnType<typeof exampleMandates> = exampleMandates(),
  /** Other answers to calls. */
  others: Answers = {},
): Promise<{
  readonly url: string
  readonly close: () => void
  /** The names of the calls, in order. */
  readonly calls: readonly CallName[]
  /** The headers of the last call of each name. */
  readonly headers: ReadonlyMap<CallName, IncomingHttpHeaders>
}> {
  const calls: CallName[] = []
  const headers = new Map<CallName, IncomingHttpHeaders>()
  const answers: Answers = {
    describe: () => ({
      name: 'acme',
      canOpenAccounts: true,
      canReportPayouts: true,
      hasMandates: true,
    }),
    charge: () => ({ kind: 'approved', processorReference: 'r1' }),
    findCharge: () => ({ kind: 'approved', processorReference: 'r1' }),
    refund: () => ({ kind: 'succeeded' }),
    openVirtualAccount: (body) => bank.virtualAccounts.open(body as never),
    closeVirtualAccount: ({ virtualAccountId }) => bank.virtualAccounts.close(virtualAccountId),
    listTransfers: ({ after }) => bank.virtualAccounts.listTransfers(after),
    decideTransfer: (body) => bank.virtualAccounts.decideTransfer(body as never),
    listPayouts: ({ after }) => bank.payouts.listPayouts(after),
    listPayoutTransactions: ({ after, payoutReference }) =>
      bank.payouts.listTransactions(payoutReference, after),
    notifyOfDebit: (body) => mandates.notify(body as never),
    findMandate: ({ mandateId }) => mandates.findMandate(mandateId),
    cancelMandate: ({ mandateId }) => mandates.cancelMandate(mandateId),
    ...others,
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Body
    calls.push(body.call)
    headers.set(body.call, request.headers)
    const answer = await answers[body.call]?.(body)
    response.statusCode = answer === undefined ? 404 : 200
    response.end(
      JSON.stringify(answer ?? {}, (_name, value) =>
        typeof value === 'bigint' ? Number(value) : value,
      ),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    headers,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The answers to calls by name. Undefined: the server has none, so the outcome of the call is unknown. */
type Answers = Partial<Record<CallName, (body: Body) => unknown>>

// biome-ignore lint/suspicious/noExplicitAny: a server reads the fields that the call has.
type Body = { readonly call: CallName } & Readonly<Record<string, any>>
