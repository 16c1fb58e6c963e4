import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type MessageId, parseId } from '../../domain/id.ts'
import { writeMessage } from '../../messengers/write-message.ts'
import type { Assets } from '../../pages/assets.ts'
import { sendDocument } from '../../pages/document.ts'
import { html } from '../../pages/html.ts'
import { COMMAND_NAME } from '../../program/command-name.ts'
import { urlFlagOf } from '../announce.ts'
import { sandboxTenant } from '../tenants/tenant.ts'

/**
 * Registers the sandbox's console at `/console`: one page whose script shows every address below it. The page contains
 * no data; its script calls the control API, as every program on this machine can.
 */
export function registerConsolePage(app: FastifyInstance, assets: Assets): void {
  const send = ({ tenant }: FastifyRequest, reply: FastifyReply) =>
    sendDocument(reply, {
      title: 'Console · Paydesk sandbox',
      language: 'en',
      styles: [assets.find('console.css')],
      earlyScripts: [assets.find('console-theme.js')],
      scripts: [assets.find('console.js')],
      framesOwnPages: true,
      body: html`<div id="app" data-command="${COMMAND_NAME}" data-url-flag="${urlFlagOf(sandboxTenant(tenant).baseUrl)}"></div>
<noscript><p>The console needs JavaScript. Enable it for this page, or use the <a href="${app.basePath}/docs/control/clock">control API</a>.</p></noscript>`,
    })
  for (const path of ['/console', '/console/*']) {
    app.get(path, { schema: { hide: true } }, send)
  }
  app.get('/console/messages/:id/mail', { schema: { hide: true } }, sendMail)
}

/** Sends an e-mail of the outbox for the frame of its view: as the customer gets it, without script and files. */
async function sendMail(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const id = parseId<MessageId>((request.params as { readonly id: string }).id)
  const message = id && (await request.tenant.store.messages.find(id))
  const mail = message && writeMessage(message).html
  return reply
    .code(mail === undefined ? 404 : 200)
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .send(mail ?? '<!doctype html><title>Not found</title><p>There is no such e-mail.</p>')
}
