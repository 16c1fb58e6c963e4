import type { StoredAuthority } from './certificate-authority.ts'
import { REAL_HOSTS } from './real-hosts.ts'

/** The address under which the real host names answer, and the certificate authority for these names. */
export type Impersonation = {
  /** The address to which the names must resolve. */
  readonly address: string
  readonly port: number
  readonly authority: Pick<StoredAuthority, 'name' | 'untilMs' | 'certificateFile' | 'bundleFile'>
}

const HTTPS_PORT = 443

/** Returns the setup steps for the real host names as data. */
export function impersonationFacts({ address, authority, port }: Impersonation) {
  return {
    address,
    port,
    hosts: REAL_HOSTS,
    hosts_line: `${address} ${REAL_HOSTS.join(' ')}`,
    ca_name: authority.name,
    ca_expires_at: new Date(authority.untilMs).toISOString(),
    environment: {
      NODE_EXTRA_CA_CERTS: authority.certificateFile,
      // These variables replace the machine's trusted certificates, so their file contains those too.
      SSL_CERT_FILE: authority.bundleFile,
      REQUESTS_CA_BUNDLE: authority.bundleFile,
    },
  }
}

/** Writes the setup steps for the real host names, and how to undo them. `docsUrl`: the site of the documentation. */
export function announceImpersonation(impersonation: Impersonation, docsUrl: string): string {
  const { address, authority, port } = impersonation
  const facts = impersonationFacts(impersonation)
  const variables = Object.entries(facts.environment).map(
    ([name, file]) => `  export ${name}='${file.replaceAll("'", `'\\''`)}'`,
  )
  const lead =
    port === HTTPS_PORT
      ? ''
      : `
  Redirect port ${HTTPS_PORT} of ${address} to port ${port}. On Linux, this command does it until the next restart of the machine:

  sudo iptables -t nat -A OUTPUT -d ${address} -p tcp --dport ${HTTPS_PORT} -j REDIRECT --to-ports ${port}
`
  return `
  Drop-in mode: the real host names, answered at ${address}:${port}

  Add this line to the hosts file of the application’s machine:

  ${facts.hosts_line}
${lead}
  Set these variables before the application starts, so that it trusts the certificate authority:

${variables.join('\n')}

  In a browser, import ${authority.certificateFile} as an authority for websites.
  It is valid only for these names and their subdomains, until ${facts.ca_expires_at.slice(0, 10)}. More at ${docsUrl}/guides/drop-in

  To undo this setup, take the line out of the hosts file and "${authority.name}" out of the
  browser, unset the variables, and delete the folder of the files above.
`
}
