import type { FastifyInstance } from 'fastify'
import type { Assets } from './assets.ts'
import { sendDocument } from './document.ts'
import { html } from './html.ts'

/** Registers the page at `/` of a live server. It shows no facts about the server, because anybody can open it. */
export function registerLivePage(app: FastifyInstance, assets: Assets): void {
  app.get('/', { schema: { hide: true } }, (_request, reply) =>
    sendDocument(reply, {
      title: 'Payments',
      language: 'en',
      styles: [assets.find('start.css')],
      body: html`<main>
<h1>Nothing to pay here</h1>
<p class="lead">This server takes payments for online shops. To pay, use the link or the button of your shop.</p>
</main>`,
    }),
  )
}
