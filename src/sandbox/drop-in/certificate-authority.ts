import { createPrivateKey, X509Certificate } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { Random } from '../../domain/random.ts'
import { hasOurConstraints, type Identity, makeAuthority } from './certificates.ts'
import { ImpersonationRefused } from './impersonation-refused.ts'

/** A certificate authority with its files for other programs. */
export type StoredAuthority = Identity & {
  /** Its name in a browser's list: `Paydesk sandbox CA 3f2a91c0`. */
  readonly name: string
  readonly untilMs: number
  /** The file with its certificate alone. */
  readonly certificateFile: string
  /** The file with its certificate and all certificates that the machine trusts. */
  readonly bundleFile: string
}

/**
 * The file in the authority's folder. Key and certificate are in one file, so that neither can
 * exist alone.
 */
export const AUTHORITY_FILE = 'ca-key.pem'
/** The remaining life below which an authority is replaced: 30 days. */
const LIFE_LEFT_MS_MIN = 30 * 24 * 60 * 60_000
/** The files with trusted certificates on common systems. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** Returns the folder of the certificate authority. `~/` is the user's home folder. */
export function authorityFolder(folder: string): string {
  return resolve(folder.startsWith('~/') ? join(homedir(), folder.slice(2)) : folder)
}

/**
 * Returns the certificate authority of a folder. Creates it if there is none or if it expires soon, and rewrites the
 * files for other programs. Throws ImpersonationRefused.
 */
export function openAuthority(folder: string, random: Random, nowMs: number): StoredAuthority {
  const file = join(folder, AUTHORITY_FILE)
  try {
    makePrivateFolder(folder)
    if (!existsSync(file)) makeIn(file, random, nowMs)
    let authority = readIdentity(file, folder)
    if (authority.untilMs < nowMs + LIFE_LEFT_MS_MIN) {
      rmSync(file)
      makeIn(file, random, nowMs)
      authority = readIdentity(file, folder)
    }
    const certificateFile = join(folder, 'ca.pem')
    const bundleFile = join(folder, 'bundle.pem')
    replace(certificateFile, authority.certificate)
    replace(bundleFile, `${trustedAlready()}\n${authority.certificate}`)
    return { ...authority, certificateFile, bundleFile }
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    if (code === undefined || error instanceof ImpersonationRefused) throw error
    throw new ImpersonationRefused(
      `The certificate authority cannot be stored in ${folder}: ${message}. Choose a writable folder with --ca-dir.`,
    )
  }
}

/**
 * Creates a folder and its missing parents, readable only by the owner, with any umask. Existing folders keep their
 * mode, because other programs may need it.
 */
function makePrivateFolder(folder: string): void {
  if (existsSync(folder)) return
  makePrivateFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another program that starts at the same time created it.
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  }
  chmodSync(folder, 0o700)
}

/** Creates the authority's file. If two programs start at the same time, they share the first file. */
function makeIn(file: string, random: Random, nowMs: number): void {
  const { certificate, key } = makeAuthority(random, nowMs)
  const own = `${file}.${process.pid}`
  const pem = key.export({ type: 'pkcs8', format: 'pem' })
  try {
    writeFileSync(own, `${certificate}${pem}`, { mode: 0o600 })
    chmodSync(own, 0o600)
    linkSync(own, file)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  } finally {
    rmSync(own, { force: true })
  }
}

function readIdentity(
  file: string,
  folder: string,
): Identity & Pick<StoredAuthority, 'name' | 'untilMs'> {
  // Windows does not use these bits.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new ImpersonationRefused(
      `Other users of this machine can read or change the key of the certificate authority in ${file}. If nobody has used this permission, run: chmod 600 '${file}', or start with --fix-permissions. Otherwise delete ${folder}, and remove the old authority from all trust stores.`,
    )
  }
  const pem = readFileSync(file, 'utf8')
  try {
    const x509 = new X509Certificate(pem)
    const key = createPrivateKey(pem)
    const certificate = x509.toString()
    if (x509.checkPrivateKey(key) && hasOurConstraints(certificate)) {
      const name = x509.subject.replace(/^CN=/, '')
      return { certificate, key, name, untilMs: x509.validToDate.getTime() }
    }
  } catch {
    // Every problem ends in the error below.
  }
  throw new ImpersonationRefused(
    `${file} contains no certificate authority of this version of Paydesk. Delete ${folder}: the next start creates a new authority. Applications and browsers must then trust the new authority instead of the old one.`,
  )
}

/** Replaces a file at once, so that an application never reads a part of it. */
function replace(file: string, text: string): void {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, text, { mode: 0o644 })
  renameSync(aside, file)
}

/**
 * Returns the certificates that the machine trusts, or Node's if the machine has no list. The bundle replaces the
 * machine's list.
 */
function trustedAlready(): string {
  const file = SYSTEM_BUNDLES.find((one) => existsSync(one))
  return file === undefined ? rootCertificates.join('\n') : readFileSync(file, 'utf8')
}
