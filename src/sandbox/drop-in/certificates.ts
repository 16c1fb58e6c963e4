import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  NameConstraints,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509'
import type { Random } from '../../domain/random.ts'
import { REAL_HOSTS } from './real-hosts.ts'

/** A certificate as PEM, with its private key. */
export type Identity = { readonly certificate: string; readonly key: KeyObject }

/** The names for which our certificates are valid: the real host names and this machine. */
const DNS_NAMES: readonly string[] = [...REAL_HOSTS, 'localhost']
const ADDRESSES: readonly string[] = ['127.0.0.1', '::1']

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'
const COMMON_NAME = '2.5.4.3'
/** The tolerance for wrong clocks. */
const BEFORE_MS = 24 * 60 * 60_000
/** The validity of an authority, in days: two years. */
const AUTHORITY_LIFE_DAYS = 730
const SERIAL_BYTES = 16

/**
 * Makes a certificate authority for the names above and their subdomains only: clients check the name constraints in
 * its certificate.
 */
export function makeAuthority(random: Random, nowMs: number): Identity {
  const { privateKey, publicKey } = newKeys()
  const serial = serialFrom(random)
  // The random part makes authorities differ in a browser's list.
  const name = nameOf(`Paydesk sandbox CA ${Buffer.from(serial).toString('hex', 1, 5)}`)
  const certificate = signCertificate(privateKey, {
    serial,
    publicKey,
    issuer: name,
    subject: name,
    fromMs: nowMs - BEFORE_MS,
    untilMs: nowMs + AUTHORITY_LIFE_DAYS * 24 * 60 * 60_000,
    extensions: [
      extension(
        id_ce_basicConstraints,
        true,
        new BasicConstraints({ cA: true, pathLenConstraint: 0 }),
      ),
      extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.keyCertSign)),
      extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_serverAuth])),
      constraints(),
      extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdOf(publicKey))),
    ],
  })
  return { certificate, key: privateKey }
}

/** Makes the certificate of a server for names that the authority allows. It is valid as long as the authority. */
export function makeServerIdentity(
  authority: Identity,
  random: Random,
  nowMs: number,
  names: { readonly dns: readonly string[]; readonly addresses: readonly string[] } = {
    dns: DNS_NAMES,
    addresses: ADDRESSES,
  },
): Identity {
  const { privateKey, publicKey } = newKeys()
  const { tbsCertificate: issuer } = parse(authority.certificate)
  const alternatives = new SubjectAlternativeName([
    ...names.dns.map((dNSName) => new GeneralName({ dNSName })),
    ...names.addresses.map((iPAddress) => new GeneralName({ iPAddress })),
  ])
  const certificate = signCertificate(authority.key, {
    serial: serialFrom(random),
    publicKey,
    issuer: issuer.subject,
    subject: nameOf('Paydesk sandbox'),
    fromMs: nowMs - BEFORE_MS,
    untilMs: issuer.validity.notAfter.getTime().getTime(),
    extensions: [
      extension(id_ce_basicConstraints, true, new BasicConstraints({ cA: false })),
      extension(id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.digitalSignature)),
      extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_serverAuth])),
      extension(id_ce_subjectAltName, false, alternatives),
      extension(id_ce_subjectKeyIdentifier, false, new SubjectKeyIdentifier(keyIdOf(publicKey))),
      extension(
        id_ce_authorityKeyIdentifier,
        false,
        new AuthorityKeyIdentifier({
          keyIdentifier: new KeyIdentifier(keyIdOf(createPublicKey(authority.key))),
        }),
      ),
    ],
  })
  return { certificate, key: privateKey }
}

/** Returns true if an authority has exactly our name constraints. */
export function hasOurConstraints(certificate: string): boolean {
  const expected = Buffer.from(AsnConvert.serialize(constraints()))
  return (parse(certificate).tbsCertificate.extensions ?? []).some((one) =>
    expected.equals(Buffer.from(AsnConvert.serialize(one))),
  )
}

function constraints(): Extension {
  const permittedNames = [
    ...DNS_NAMES.map((dNSName) => new GeneralName({ dNSName })),
    // A kind of name without constraints is unlimited, so the IP addresses are constrained too.
    new GeneralName({ iPAddress: '127.0.0.1/32' }),
    new GeneralName({ iPAddress: '::1/128' }),
  ].map((base) => new GeneralSubtree({ base }))
  const permittedSubtrees = new GeneralSubtrees(permittedNames)
  return extension(id_ce_nameConstraints, true, new NameConstraints({ permittedSubtrees }))
}

function signCertificate(
  key: KeyObject,
  {
    extensions,
    fromMs,
    issuer,
    publicKey,
    serial,
    subject,
    untilMs,
  }: {
    readonly serial: Uint8Array
    readonly issuer: Name
    readonly subject: Name
    readonly publicKey: KeyObject
    readonly fromMs: number
    readonly untilMs: number
    readonly extensions: readonly Extension[]
  },
): string {
  const algorithm = new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 })
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: bytesOf(serial),
    signature: algorithm,
    issuer,
    subject,
    validity: new Validity({ notBefore: new Date(fromMs), notAfter: new Date(untilMs) }),
    subjectPublicKeyInfo: AsnConvert.parse(spkiOf(publicKey), SubjectPublicKeyInfo),
    extensions: new Extensions([...extensions]),
  })
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), {
    key,
    dsaEncoding: 'der',
  })
  const der = AsnConvert.serialize(
    new Certificate({
      tbsCertificate,
      signatureAlgorithm: algorithm,
      signatureValue: bytesOf(signature),
    }),
  )
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

const extension = (extnID: string, critical: boolean, value: unknown): Extension =>
  new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) })

const nameOf = (commonName: string): Name =>
  new Name([
    new RelativeDistinguishedName([
      new AttributeTypeAndValue({
        type: COMMON_NAME,
        value: new AttributeValue({ utf8String: commonName }),
      }),
    ]),
  ])

/** Draws a serial number: a positive number without leading zeros. */
function serialFrom(random: Random): Uint8Array {
  const bytes = Uint8Array.from(random.bytes(SERIAL_BYTES))
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes
}

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

function keyIdOf(key: KeyObject): Uint8Array {
  const { subjectPublicKey } = AsnConvert.parse(spkiOf(key), SubjectPublicKeyInfo)
  return createHash('sha1').update(new Uint8Array(subjectPublicKey)).digest()
}

/** Copies bytes into their own buffer, which the encoder needs. */
const bytesOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

function parse(pem: string): Certificate {
  const [, base64 = ''] = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(pem) ?? []
  return AsnConvert.parse(Buffer.from(base64, 'base64'), Certificate)
}
