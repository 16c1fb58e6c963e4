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

/** A certificate authority with the files that others trust it by. */
export type KeptAuthority = Identity & {
  /** What a browser's list shows: `Paydesk sandbox CA 3f2a91c0`. */
  readonly name: string
  readonly untilMs: number
  /** The file of its certificate alone. */
  readonly certificateFile: string
  /** The file of all that the machine trusts, and of it. */
  readonly bundleFile: string
}

/** The file in the authority's folder. Key and certificate are one file, so that there is never one without the other. */
export const AUTHORITY_FILE = 'ca-key.pem'
/** One that would end sooner is made anew, in milliseconds: 30 days. */
const LIFE_LEFT_MS_MIN = 30 * 24 * 60 * 60_000
/** Where systems keep what they trust, as one file. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** The folder of the certificate authority. `named`: what the user has chosen; undefined: the default. */
export function authorityFolder(named: string): string {
  return resolve(named.startsWith('~/') ? join(homedir(), named.slice(2)) : named)
}

/**
 * Gives the certificate authority of a folder, which is made when there is none, or when its time is
 * over. Writes what others trust it by anew. Throws ImpersonationRefused.
 */
export function keepAuthority(folder: string, random: Random, nowMs: number): KeptAuthority {
  const file = join(folder, AUTHORITY_FILE)
  try {
    makePrivateFolder(folder)
    if (!existsSync(file)) makeIn(file, random, nowMs)
    let authority = readFrom(file, folder)
    if (authority.untilMs < nowMs + LIFE_LEFT_MS_MIN) {
      rmSync(file)
      makeIn(file, random, nowMs)
      authority = readFrom(file, folder)
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
      `The certificate authority cannot be kept in ${folder}: ${message}. Name a folder that this user can write with --ca-dir.`,
    )
  }
}

/**
 * Makes a folder, and those above it that are missing, each for its owner alone whatever the umask is. A
 * folder that is there keeps its mode: others may need it.
 */
function makePrivateFolder(folder: string): void {
  if (existsSync(folder)) return
  makePrivateFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another program that starts at the same time has made it.
    if ((error as { code?: string }).code !== 'EEXIST') throw error
  }
  chmodSync(folder, 0o700)
}

/** Two programs that start at once make one authority: whose file is there first wins. */
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

function readFrom(
  file: string,
  folder: string,
): Identity & Pick<KeptAuthority, 'name' | 'untilMs'> {
  // Windows has other means than these bits, and shows none of them.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) {
    throw new ImpersonationRefused(
      `Others on this machine can read or change the key of the certificate authority in ${file}. If nobody has, run: chmod 600 '${file}', or start with --fix-permissions. Else delete ${folder}, and distrust the old one.`,
    )
  }
  const pem = readFileSync(file, 'utf8')
  try {
    const parsed = new X509Certificate(pem)
    const key = createPrivateKey(pem)
    const certificate = parsed.toString()
    if (parsed.checkPrivateKey(key) && hasOurConstraints(certificate)) {
      const name = parsed.subject.replace(/^CN=/, '')
      return { certificate, key, name, untilMs: parsed.validToDate.getTime() }
    }
  } catch {
    // Whatever is wrong with it, there is one way on.
  }
  throw new ImpersonationRefused(
    `${file} holds no certificate authority as this version of Paydesk makes it. Delete ${folder}, and a new one is made at the next start; whatever trusted the old one has to trust the new one.`,
  )
}

/** Written aside first: an application that starts at this moment finds all of it. */
function replace(file: string, text: string): void {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, text, { mode: 0o644 })
  renameSync(aside, file)
}

/** What the machine trusts, else what Node does: a list that replaces the machine's has to be whole. */
function trustedAlready(): string {
  const file = SYSTEM_BUNDLES.find((one) => existsSync(one))
  return file === undefined ? rootCertificates.join('\n') : readFileSync(file, 'utf8')
}
