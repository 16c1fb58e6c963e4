import { type Html, html } from '../pages/html.ts'
import type { MenuEntry } from './frame.ts'
import type { Links } from './links.ts'

/** The pages for new readers: address, title, and a sentence about the page. */
const FIRST = [
  ['start', 'First steps', 'A payment session, paid and retrieved, in ten minutes.'],
  [
    'guides/checkout',
    'Take a payment',
    'By redirect or with the widget, with a signature that proves the result.',
  ],
  [
    'guides/webhooks',
    'Receive webhooks',
    'Your server receives the results of payments and refunds.',
  ],
  ['guides/testing', 'Test your shop', 'A sandbox for each test, with faults and a clock.'],
  [
    'reference/coverage',
    'Coverage',
    'The calls of the real API that Paydesk serves, and those that it does not serve yet.',
  ],
  ['guides/production', 'Production', 'Run it in front of your own acquirer.'],
] as const

/** Renders the content of the first page. */
export function renderFirstPage(menu: readonly MenuEntry[], links: Links): Html {
  return html`<h1>Paydesk documentation</h1>
<p class="lead">Paydesk is a sandbox for the Zoho Payments API on your machine, and the checkout that you run in front of your own acquirer.</p>
<ul class="cards">${FIRST.map(
    ([id, title, text]) =>
      html`<li><a href="${links.page(id, '')}"><b>${title}</b><span>${text}</span></a></li>`,
  )}</ul>
<figure class="picture"><img src="${links.file('pictures/console.png', '')}" alt="The console shows every step of a session: the attempts, the calls to the processor, the events and the webhooks" width="1110" height="540"></figure>
<h2 id="all-pages">All pages</h2>
<div class="all">${menu.map(
    ({ pages, title }) =>
      html`<section><h3>${title}</h3><ul>${pages.map(({ id, label }) => html`<li><a href="${links.page(id, '')}">${label}</a></li>`)}</ul></section>`,
  )}</div>`
}
