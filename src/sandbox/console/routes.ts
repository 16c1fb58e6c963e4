import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Assets } from '../../pages/assets.ts'
import { sendDocument } from '../../pages/document.ts'
import { html } from '../../pages/html.ts'
import { COMMAND_NAME } from '../../program/command-name.ts'

/**
 * Registers the sandbox's console at `/console`: one page whose script shows every address below it. The page contains
 * no data; its script calls the control API, as every program on this machine can.
 */
export function registerConsolePage(app: FastifyInstance, assets: Assets): void {
  const send = (_request: FastifyRequest, reply: FastifyReply) =>
    sendDocument(reply, {
      title: 'Console · Paydesk sandbox',
      language: 'en',
      styles: [assets.find('console.css')],
      earlyScripts: [assets.find('console-theme.js')],
      scripts: [assets.find('console.js')],
      body: html`<div id="app" data-command="${COMMAND_NAME}"></div>
<noscript><p>The console needs JavaScript. Enable it for this page, or use the <a href="${app.basePath}/docs/control/clock">control API</a>.</p></noscript>`,
    })
  for (const path of ['/console', '/console/*']) {
    app.get(path, { schema: { hide: true } }, send)
  }
}
