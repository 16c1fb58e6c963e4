/** The pages of the documentation: their order, and their places in the menu. */

/** A page as the menu names it. */
export type MenuPage = {
  /** The page's address below the site, without an ending: `guides/webhooks`. Empty: the first page. */
  readonly id: string
  /** The Markdown or text file, from the root of the package. */
  readonly file: string
  readonly label: string
}

/** A part of the menu. Its pages follow each other. */
export type MenuSection = { readonly title: string; readonly pages: readonly MenuPage[] }

/** The pages with text, by section. The pages of the API's calls come between guides and reference. */
export const GUIDE_SECTIONS: readonly MenuSection[] = [
  {
    title: 'Integrate',
    pages: [
      { id: 'start', file: 'docs/start.md', label: 'First steps' },
      guide('checkout', 'Take a payment'),
      guide('payment-links', 'Payment links'),
      guide('webhooks', 'Receive webhooks'),
      guide('security', 'Verify signatures'),
      guide('money', 'Refunds and transfers'),
      guide('payouts', 'Payouts and balance'),
      guide('customers', 'Customers'),
      guide('virtual-accounts', 'Virtual accounts'),
      guide('saved-methods', 'Saved payment methods'),
      guide('mandates', 'Mandates'),
      guide('in-person', 'In-person payments'),
      guide('disputes', 'Disputes'),
      guide('languages', 'Eight languages'),
      guide('client', 'The TypeScript client'),
    ],
  },
  {
    title: 'Test',
    pages: [
      guide('sandbox', 'Control a sandbox'),
      guide('testing', 'Test your shop'),
      guide('without-node', 'Without Node'),
      guide('pytest', 'Test in Python'),
      guide('phpunit', 'Test in PHP'),
      guide('go-testing', 'Test in Go'),
      guide('junit', 'Test in Java'),
      guide('ci', 'A sandbox in CI'),
      guide('scenarios', 'Scenarios'),
      guide('drop-in', 'Drop-in mode'),
      guide('conformance', 'Conformance'),
      guide('agents', 'Coding agents'),
    ],
  },
  {
    title: 'Run',
    pages: [
      guide('production', 'Production'),
      guide('console', 'The live console'),
      guide('capacity', 'Capacity'),
      guide('deploy', 'Deployment'),
      guide('citus', 'Many machines'),
      guide('backup', 'Backup and restore'),
      guide('retention', 'Retention'),
      guide('telemetry', 'Traces'),
      guide('processor', 'Write a processor'),
      guide('messenger', 'Send messages'),
    ],
  },
]

/** The pages after those of the API's calls. */
export const REFERENCE_SECTIONS: readonly MenuSection[] = [
  {
    title: 'Reference',
    pages: [
      reference('coverage', 'Coverage'),
      reference('sdk-coverage', 'Official SDKs'),
      reference('api', 'All routes'),
      reference('errors', 'Errors'),
      reference('sandbox', 'Test instruments'),
      reference('settings', 'Settings'),
      reference('metrics', 'Metrics'),
      reference('permissions', 'Permissions of operators'),
      reference('cli', 'Command line'),
      reference('payment-session', 'Life of a session'),
      reference('payment-link', 'Life of a payment link'),
      reference('mandate', 'Life of a mandate'),
      reference('saved-payment-method', 'Life of a saved payment method'),
      reference('refund', 'Life of a refund'),
      reference('payout', 'Life of a payout'),
      reference('dispute', 'Life of a dispute'),
      reference('webhook-delivery', 'Life of a delivery'),
      reference('webhook-endpoint', 'Life of an endpoint'),
      reference('scenario-steps', 'Steps of scenarios'),
    ],
  },
  {
    title: 'Project',
    pages: [
      { id: 'decisions', file: 'docs/decisions/README.md', label: 'Decisions' },
      { id: 'project/architecture', file: 'ARCHITECTURE.md', label: 'Architecture' },
      { id: 'project/benchmarks', file: 'docs/benchmarks.md', label: 'Benchmarks' },
      { id: 'project/security', file: 'SECURITY.md', label: 'Security' },
      { id: 'project/changes', file: 'CHANGELOG.md', label: 'Changes' },
      { id: 'project/contributing', file: 'CONTRIBUTING.md', label: 'Contributing' },
    ],
  },
]

/** The folder whose pages are not in the menu; the list of decisions links to them. */
export const DECISIONS_FOLDER = 'docs/decisions/'

/** Files that pages link to. Each is shown as a separate page. */
export const SOURCE_FILES: readonly string[] = [
  'LICENSE',
  'docs/reference/processor-openapi.json',
  'docs/reference/conformance-report.schema.json',
  'examples/settings/paydesk.config.ts',
  'examples/settings/paydesk.config.yaml',
  'examples/settings/live/paydesk.config.ts',
  'examples/settings/live/paydesk.config.yaml',
  'sql/schema.sql',
]

/** Files whose content the site shows as the page of a resource. */
export const FILES_OF_RESOURCES: ReadonlyMap<string, string> = new Map([
  ['src/sandbox/control/routes.ts', 'control/clock'],
])

/** The paths of the pictures, which are served under the same names. */
export const PICTURES = /^docs\/pictures\/[\w-]+\.png$/

function guide(name: string, label: string): MenuPage {
  return { id: `guides/${name}`, file: `docs/guides/${name}.md`, label }
}

function reference(name: string, label: string): MenuPage {
  return { id: `reference/${name}`, file: `docs/reference/${name}.md`, label }
}
