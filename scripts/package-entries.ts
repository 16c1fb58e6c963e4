/** The entries of the package `paydesk`: their names and their sources, from the repository's root. */
export const PACKAGE_ENTRIES = {
  client: 'src/client/index.ts',
  config: 'src/server/settings/settings-file.ts',
  messenger: 'src/messengers/index.ts',
  'messenger/suite': 'src/messengers/suite.ts',
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

/** Returns the name of an entry's files, without their ending: `processor-suite`. */
export function fileNameOf(entry: EntryName): string {
  return entry.replaceAll('/', '-')
}

/** The entries that exist for CommonJS too. Vitest itself exists only as ES modules. */
export const COMMON_JS_ENTRIES = [
  'client',
  'config',
  'messenger',
  'messenger/suite',
  'processor',
  'processor/suite',
  'signatures',
  'testing',
  'testing/playwright',
  'webhooks',
] as const satisfies readonly EntryName[]

/** The entries of the package `paydesk-client` by the names of their files. `index` is the package itself. */
export const CLIENT_ENTRIES = {
  index: PACKAGE_ENTRIES.client,
  signatures: PACKAGE_ENTRIES.signatures,
  webhooks: PACKAGE_ENTRIES.webhooks,
} as const
