/**
 * The client snippets of the Zoho Payments API reference (seen 2026-11-22), word for word in `test/snippets/`, and
 * the few words that are replaced before a run.
 */
import { readFileSync } from 'node:fs'
import { TOKEN } from './server.ts'

/** The action of a snippet. */
export type SnippetAction = 'create' | 'retrieve'

/** The clients, by the end of their snippets' file names. */
export type SnippetClient = 'curl.sh' | 'fetch.js' | 'http-client.py' | 'node-https.js' | 'xhr.js'

/** A text of the snippet, which must occur exactly once, and its replacement. */
export type Replacement = { readonly from: string; readonly to: string }

/** The replaced texts by kind: `host`, `token`. */
export type Replacements = { readonly [What in string]: Replacement }

/** Returns a snippet of the reference, unchanged. */
export function readSnippet(action: SnippetAction, client: SnippetClient): string {
  return readFileSync(new URL(`../snippets/${action}-${client}`, import.meta.url), 'utf8')
}

/** Returns a sample of the reference as JSON text. */
export function readSample(name: 'create-request'): string {
  return readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8')
}

/** Replaces the reference's host, and https with http, because a server on the loopback address has no TLS. */
export function hostReplacements(client: SnippetClient, baseUrl: string): Replacements {
  const { host, hostname, port } = new URL(baseUrl)
  switch (client) {
    case 'curl.sh':
    case 'fetch.js':
    case 'xhr.js':
      return { host: { from: 'https://payments.zoho.in', to: baseUrl } }
    case 'http-client.py':
      return {
        host: { from: 'HTTPSConnection("payments.zoho.in")', to: `HTTPConnection("${host}")` },
      }
    case 'node-https.js':
      return {
        scheme: { from: 'require("https")', to: 'require("http")' },
        host: { from: '"hostname": "payments.zoho.in"', to: `"hostname": "${hostname}"` },
        port: { from: '"port": null', to: `"port": ${port}` },
      }
  }
}

/** Replaces the reference's token, which has masked letters. */
export const TOKEN_REPLACEMENT: Replacements = {
  token: {
    from: '1000.41d9xxxxxxxxxxxxxxxxxxxxxxxxc2d1.8fccxxxxxxxxxxxxxxxxxxxxxxxx125f',
    to: TOKEN,
  },
}

/** Replaces the id of the reference's session, which exists only there. */
export function sessionReplacement(paymentSessionId: string): Replacements {
  return { 'session id': { from: '173000002315107', to: paymentSessionId } }
}

/** Replaces the body in a create snippet by a real one, in the snippet's language. */
export function bodyReplacement(client: SnippetClient, json: string): Replacements {
  // JavaScript and Python read a JSON text in quotes in the same way. JavaScript also reads JSON as a value.
  const quotedJson = JSON.stringify(json)
  switch (client) {
    case 'curl.sh':
      return { body: { from: '{"field1":"value1","field2":"value2"}', to: json } }
    case 'http-client.py':
      return {
        body: { from: String.raw`"{\"field1\":\"value1\",\"field2\":\"value2\"}"`, to: quotedJson },
      }
    case 'fetch.js':
      return { body: { from: `'{"field1":"value1","field2":"value2"}'`, to: quotedJson } }
    case 'node-https.js':
      return { body: { from: `{field1: 'value1', field2: 'value2'}`, to: json } }
    case 'xhr.js':
      return { body: { from: '{\n"field1": "value1",\n"field2": "value2"\n}', to: json } }
  }
}

/** Makes the replacements, and throws unless each text occurs exactly once. */
export function withReplacements(snippet: string, replacements: Replacements): string {
  return Object.entries(replacements).reduce((text, [what, { from, to }]) => {
    const parts = text.split(from)
    if (parts.length !== 2) throw new Error(`the ${what} stands ${parts.length - 1} times in it`)
    return parts.join(to)
  }, snippet)
}

/** Undoes the replacements. The result is the original snippet, if nothing else has changed. */
export function withoutReplacements(text: string, replacements: Replacements): string {
  const reverseReplacements = Object.entries(replacements).map(
    ([what, { from, to }]) => [what, { from: to, to: from }] as const,
  )
  return withReplacements(text, Object.fromEntries(reverseReplacements))
}
