import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** The options of a browser's dialog, as the server sends them. */
export type PromptOptions = {
  readonly challenge: string
  readonly rp?: { readonly id: string }
  readonly rpId?: string
  readonly user?: { readonly id: string }
}

/** The parts of an answer that a test can make wrong. */
type AnswerChange = {
  readonly origin?: string
  readonly rpId?: string
  readonly signCount?: number
  readonly isVerified?: boolean
  readonly userHandle?: string
  readonly signer?: KeyObject
}

const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
const HAS_CREDENTIAL = 0x40

/** A passkey in software, with a key on P-256. It answers as a browser does. Source: Web Authentication Level 3, section 6. */
export type TestPasskey = ReturnType<typeof createPasskey>

/** Makes a passkey for a browser's page at an origin. */
export function createPasskey(origin: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  let count = 0
  let userHandle = ''

  function clientData(type: string, challenge: string, at = origin): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: at, crossOrigin: false }))
  }
  function authenticatorData(rpId: string, flags: number, signCount: number): Buffer {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(signCount)
    return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.of(flags), counter])
  }
  const answer = (response: object) =>
    JSON.stringify({
      id: id.toString('base64url'),
      rawId: id.toString('base64url'),
      type: 'public-key',
      clientExtensionResults: {},
      response,
    })

  return {
    id: id.toString('base64url'),
    /** Answers a dialog that makes the passkey. */
    create: ({ challenge, rp, user }: PromptOptions, change: AnswerChange = {}): string => {
      userHandle = user?.id ?? ''
      const flags =
        USER_PRESENT | HAS_CREDENTIAL | (change.isVerified === false ? 0 : USER_VERIFIED)
      const data = Buffer.concat([
        authenticatorData(change.rpId ?? rp?.id ?? '', flags, 0),
        Buffer.alloc(16),
        Buffer.of(0, id.length),
        id,
        coseKey(publicKey),
      ])
      const attestation = Buffer.concat([
        Buffer.of(0xa3),
        cborText('fmt'),
        cborText('none'),
        cborText('attStmt'),
        Buffer.of(0xa0),
        cborText('authData'),
        Buffer.of(0x58, data.length),
        data,
      ])
      return answer({
        clientDataJSON: clientData('webauthn.create', challenge, change.origin).toString(
          'base64url',
        ),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      })
    },
    /** Answers a dialog that signs in. */
    get: ({ challenge, rpId = '' }: PromptOptions, change: AnswerChange = {}): string => {
      count += 1
      const flags = USER_PRESENT | (change.isVerified === false ? 0 : USER_VERIFIED)
      const data = authenticatorData(change.rpId ?? rpId, flags, change.signCount ?? count)
      const client = clientData('webauthn.get', challenge, change.origin)
      const message = Buffer.concat([data, createHash('sha256').update(client).digest()])
      return answer({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', message, change.signer ?? privateKey).toString('base64url'),
        userHandle: change.userHandle ?? userHandle,
      })
    },
  }
}

/** Encodes a public key: kty EC2, alg ES256, crv P-256, x, y. Source: RFC 9053, section 7.1. */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const coordinate = (label: number, value: string) =>
    Buffer.concat([Buffer.of(label, 0x58, 32), Buffer.from(value, 'base64url')])
  return Buffer.concat([
    Buffer.of(0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01),
    coordinate(0x21, x),
    coordinate(0x22, y),
  ])
}

function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.of(0x60 + text.length), Buffer.from(text)])
}
