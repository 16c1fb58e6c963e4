import { once } from 'node:events'
import { createServer } from 'node:http'

type Charge = { state: string; reference: string; reason?: string }

/** The results of the test cards in the guide to processors. */
const RESULTS: ReadonlyMap<string, string> = new Map([
  ['4000000000000002', 'APPROVED'],
  ['4000000000000010', 'DECLINED'],
  ['4000000000000028', 'WAITING'],
])

/** Starts the test system of the fictional company in the guide to processors. */
export async function startAcme(): Promise<{ readonly url: string; readonly close: () => void }> {
  const charges = new Map<string, Charge>()
  const refunds = new Set<string>()

  /** Returns the answer of a path. Undefined: there is no such charge. */
  function answerTo(method: string, path: string, body: string): object | undefined {
    const [, kind = '', id = '', act = ''] = path.split('/')
    if (kind === 'refunds') {
      refunds.add(id)
      return { state: 'DONE' }
    }
    if (kind === 'test') {
      const charge = charges.get(act)
      if (charge?.state === 'WAITING') charge.state = 'APPROVED'
      return {}
    }
    const charge = charges.get(id)
    if (method === 'PUT' && charge === undefined) {
      const { card } = JSON.parse(body)
      const state = RESULTS.get(card.number) ?? 'DECLINED'
      charges.set(id, {
        state,
        reference: `acme-${id}`,
        ...(state === 'DECLINED' && { reason: '51' }),
      })
    }
    if (act === 'cancel' && (charge === undefined || charge.state === 'WAITING')) {
      charges.set(id, { state: 'DECLINED', reference: `acme-${id}`, reason: 'canceled' })
    }
    return charges.get(id)
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '' } = request
    const answer = answerTo(method, url, Buffer.concat(chunks).toString())
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
