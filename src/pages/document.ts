import { gzipSync } from 'node:zlib'
import type { FastifyReply } from 'fastify'
import { Html, html } from './html.ts'

/** A whole page. */
export type PageDocument = {
  readonly title: string
  /** A language tag of BCP 47. */
  readonly language: string
  readonly direction?: 'ltr' | 'rtl'
  readonly styles: readonly { readonly path: string; readonly integrity?: string }[]
  readonly scripts?: readonly { readonly path: string; readonly integrity: string }[]
  /** Scripts that run before the page is painted, in the order given. */
  readonly earlyScripts?: readonly { readonly path: string; readonly integrity: string }[]
  readonly body: Html
  /** The automatic redirect of a browser without JavaScript, and its delay in seconds. */
  readonly refreshWithoutScript?: { readonly seconds: number; readonly url: string }
  /** Empty: no page may embed this one. */
  readonly frameAncestors?: readonly string[]
  /** Other origins that the page's forms may be sent to. */
  readonly formTargets?: readonly string[]
  /**
   * True: forms to the page's own server have its origin in the `Origin` header; otherwise browsers send `Origin: null`.
   * Not for pages whose address is a secret.
   */
  readonly sendsOriginToOwnServer?: boolean
  /** True: the page may frame pages of its own origin. */
  readonly framesOwnPages?: boolean
}

/**
 * The policy of a page: it loads only its own files, runs no inline script, cannot be framed unless it allows that,
 * and sends no referrer to other sites.
 */
function headersOf({
  formTargets = [],
  frameAncestors = [],
  framesOwnPages,
  sendsOriginToOwnServer = false,
}: PageDocument) {
  const ancestors = frameAncestors.length === 0 ? "'none'" : frameAncestors.join(' ')
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      ...(framesOwnPages === true ? ["frame-src 'self'"] : []),
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      `frame-ancestors ${ancestors}`,
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
    'referrer-policy': sendsOriginToOwnServer ? 'same-origin' : 'no-referrer',
    'x-content-type-options': 'nosniff',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  }
}

/**
 * Sends a page with headers against caching and framing, compressed if the browser accepts it.
 * Compression reveals nothing, because other sites cannot request a page with its secrets: they are in its URL, or the
 * request needs a cookie that browsers send only from our own pages.
 */
export function sendDocument(reply: FastifyReply, page: PageDocument, status = 200): FastifyReply {
  const { text } = renderDocument(page, reply.server.basePath)
  reply.code(status).headers({ ...headersOf(page), vary: 'accept-encoding' })
  return reply.request.headers['accept-encoding']?.includes('gzip') === true
    ? reply.header('content-encoding', 'gzip').send(gzipSync(text))
    : reply.send(text)
}

function renderDocument(page: PageDocument, basePath: string): Html {
  const { direction = 'ltr', refreshWithoutScript: refresh } = page
  return html`<!doctype html>
<html lang="${page.language}" dir="${direction}"${basePath === '' ? undefined : html` data-base-path="${basePath}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${page.title}</title>
<link rel="icon" href="${basePath}/favicon.svg" type="image/svg+xml">
${page.styles.map(
  ({ integrity, path }) =>
    html`<link rel="stylesheet" href="${path}"${integrity === undefined ? undefined : html` integrity="${integrity}"`}>`,
)}
${(page.earlyScripts ?? []).map(
  ({ integrity, path }) => html`<script src="${path}" integrity="${integrity}"></script>`,
)}
${(page.scripts ?? []).map(
  ({ integrity, path }) =>
    html`<script type="module" src="${path}" integrity="${integrity}"></script>`,
)}
${
  refresh === undefined
    ? undefined
    : html`<noscript><meta http-equiv="refresh" content="${refresh.seconds};url=${refresh.url}"></noscript>`
}
</head>
<body>${page.body}</body>
</html>
`
}

/** Renders data for a page's script. The script reads it from the element with this id. */
export function dataElement(id: string, data: unknown): Html {
  // A text like `</script>` inside must not end the element.
  const json = JSON.stringify(data).replaceAll('<', '\\u003c')
  return new Html(`<script type="application/json" id="${id}">${json}</script>`)
}
