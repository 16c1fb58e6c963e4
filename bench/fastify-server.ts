/** The limit of the framework: Fastify reads the request and sends a fixed answer. */
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { SampleAnswer } from './sample.ts'
import { answerParent } from './worker.ts'

answerParent(async ({ status, headers, body }: SampleAnswer) => {
  const app = Fastify({ logger: false })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, read, done) => done(null, read))
  app.post('/api/v1/paymentsessions', (_request, reply) => {
    reply.code(status).headers(headers).send(body)
  })
  app.get('/api/v1/paymentsessions/:payments_session_id', (_request, reply) => {
    reply.code(status).headers(headers).send(body)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
})
