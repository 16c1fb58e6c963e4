import { createHash, X509Certificate } from 'node:crypto'
import { type Browser, chromium } from 'playwright-core'
import { inject } from 'vitest'

/** Starts the system's Chromium, cut off from its maker's services. `environment` adds to that of the tests. */
export function launchChromium(
  more: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Browser> {
  return chromium.launch({
    executablePath: inject('chromium'),
    env: { ...process.env, ...environment },
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
      ...more,
    ],
  })
}

/** Gives Chromium's flag for servers with these certificates, in PEM: it takes them from nobody else. */
export function trustKeysOf(...certificates: readonly string[]): string {
  const digests = certificates.map((certificate) => {
    const { publicKey } = new X509Certificate(certificate)
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    return createHash('sha256').update(spki).digest('base64')
  })
  return `--ignore-certificate-errors-spki-list=${digests.join(',')}`
}
