import type { FastifyInstance } from 'fastify'

/** The project's icon: a paid slip on a desk. */
const FAVICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#1a56db"/>
<path d="M9 5h14v16.5l-2.3 2-2.4-2-2.3 2-2.3-2-2.4 2-2.3-2z" fill="#fff"/>
<path d="m12.2 12.6 2.8 2.8 5-5.4" fill="none" stroke="#1a56db" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/>
<path d="M5 27h22" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/>
</svg>
`

/** Registers the icon that all pages link. */
export function registerFavicon(app: FastifyInstance): void {
  app.get('/favicon.svg', { schema: { hide: true } }, (_request, reply) =>
    reply
      .headers({
        'content-type': 'image/svg+xml',
        'cache-control': 'public, max-age=86400',
        // If a browser opens the icon directly, the policy applies to it as a document.
        'content-security-policy': "default-src 'none'",
        'x-content-type-options': 'nosniff',
      })
      .send(FAVICON),
  )
}
