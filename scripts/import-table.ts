/**
 * The folders of `src/`, and the folders and files that each may import beside itself. The house rules
 * check it; ARCHITECTURE.md shows it.
 */
export const IMPORT_TABLE: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  pages: [],
  webhooks: ['domain'],
  processors: ['domain', 'webhooks'],
  wire: ['domain'],
  operations: ['domain', 'webhooks', 'processors', 'wire'],
  store: ['domain', 'operations/store.ts', 'processors/sandbox-charge.ts'],
  api: ['domain', 'webhooks', 'operations', 'wire'],
  oauth: ['domain', 'operations', 'pages'],
  checkout: ['domain', 'operations', 'pages', 'processors/processor.ts'],
  // From `api` and `sandbox` the client imports only the types of their schemas.
  client: ['domain', 'api', 'sandbox'],
  sandbox: [
    'domain',
    'pages',
    'webhooks',
    'processors',
    'wire',
    'operations',
    'store',
    'api',
    'client',
    'server',
  ],
  server: [
    'domain',
    'pages',
    'webhooks',
    'processors',
    'operations',
    'store',
    'api',
    'oauth',
    'checkout',
    'sandbox',
  ],
  testing: ['domain', 'wire', 'client', 'sandbox', 'server'],
  cli: [
    'domain',
    'processors',
    'wire',
    'operations',
    'store',
    'client',
    'sandbox',
    'server',
    'testing',
  ],
}
