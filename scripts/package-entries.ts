/** The entries of the package `paydesk`: their names and their sources, from the repository's root. */
export const PACKAGE_ENTRIES = {
  client: 'src/client/index.ts',
  config: 'src/server/settings/settings-file.ts',
  processor: 'src/processors/index.ts',
  'processor/suite': 'src/processors/suite.ts',
  signatures: 'src/client/signatures.ts',
  testing: 'src/testing/index.ts',
  'testing/playwright': 'src/testing/playwright.ts',
  'testing/vitest': 'src/testing/vitest.ts',
  webhooks: 'src/client/webhooks.ts',
} as const

/** The name of an entry, as it follows `paydesk/` in an import. */
export type EntryName = keyof typeof PACKAGE_ENTRIES
