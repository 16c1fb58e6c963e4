import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import type { Operator } from '../domain/operator.ts'
import type { Passkey, PasskeySite } from '../domain/passkey.ts'
import type { Random } from '../domain/random.ts'

/** The name of the site in the dialogs of browsers. */
const SITE_NAME = 'Paydesk'
/** The length of a challenge, in bytes. Source: Web Authentication Level 3, section 13.4.3, asks for 16 or more. */
const CHALLENGE_BYTES = 32
/** The time that a browser waits for the person, in milliseconds. */
const PROMPT_MS = 2 * 60_000
/** The signatures that are accepted: EdDSA, ES256 and RS256. Source: the IANA registry of COSE algorithms. */
const ALGORITHMS = [-8, -7, -257]
const ANSWER_LENGTH_MAX = 16_384

/** The options of a browser's dialog, and the challenge in them in base64url. */
export type PasskeyPrompt = { readonly options: object; readonly challenge: string }

/** The challenge that a browser's answer must have, and the site that it must be for. */
export type PasskeyCheck = {
  /** The browser's answer: the JSON of a `PublicKeyCredential`. */
  readonly answer: string
  readonly challenge: string
  readonly site: PasskeySite
}

// Loaded at the first use, because it loads a parser of certificates.
const load = () => import('@simplewebauthn/server')

/** Makes the dialog in which a person signs in with any passkey of the site. It names no operator. */
export async function promptSignIn(random: Random, { rpId }: PasskeySite): Promise<PasskeyPrompt> {
  const { generateAuthenticationOptions } = await load()
  const options = await generateAuthenticationOptions({
    rpID: rpId,
    challenge: challengeBytes(random),
    userVerification: 'required',
    timeout: PROMPT_MS,
  })
  return { options, challenge: options.challenge }
}

/**
 * Makes the dialog in which an operator makes a passkey. An authenticator that already has a
 * passkey of the operator makes no second one.
 */
export async function promptEnrollment(
  random: Random,
  { rpId }: PasskeySite,
  { email, id, name }: Pick<Operator, 'email' | 'id' | 'name'>,
  present: readonly Pick<Passkey, 'credentialId'>[],
): Promise<PasskeyPrompt> {
  const { generateRegistrationOptions } = await load()
  const options = await generateRegistrationOptions({
    rpName: SITE_NAME,
    rpID: rpId,
    userName: email,
    userDisplayName: name,
    userID: new TextEncoder().encode(id),
    challenge: challengeBytes(random),
    timeout: PROMPT_MS,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: present.map(({ credentialId }) => ({ id: credentialId })),
    // Discoverable, so that a sign-in needs no name.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  return { options, challenge: options.challenge }
}

/** Returns the id of the credential that an answer names. Undefined: the text is no answer of a browser. */
export function credentialIdOf(answer: string): string | undefined {
  const id: unknown = parse<{ readonly id?: unknown }>(answer)?.id
  return typeof id === 'string' && /^[\w-]{1,1400}$/.test(id) ? id : undefined
}

/**
 * Verifies that a passkey has signed the challenge for the site, and that its owner was verified by the device. Returns the
 * authenticator's count of signatures. Undefined: refused.
 */
export async function verifySignIn(
  { answer, challenge, site }: PasskeyCheck,
  { credentialId, operatorId, publicKey, signCount }: Passkey,
): Promise<{ readonly signCount: number } | undefined> {
  const { verifyAuthenticationResponse } = await load()
  const response = parse<AuthenticationResponseJSON>(answer)
  if (response === undefined) return undefined
  try {
    const { authenticationInfo, verified: isVerified } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: true,
      credential: {
        id: credentialId,
        publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
        counter: signCount,
      },
    })
    return isVerified && isHandleOf(response, operatorId)
      ? { signCount: authenticationInfo.newCounter }
      : undefined
  } catch {
    // The library throws for an answer that is malformed or does not match.
    return undefined
  }
}

/** Verifies that a browser has made a passkey for the challenge and the site. Undefined: refused. */
export async function verifyEnrollment({
  answer,
  challenge,
  site,
}: PasskeyCheck): Promise<Pick<Passkey, 'credentialId' | 'publicKey' | 'signCount'> | undefined> {
  const { verifyRegistrationResponse } = await load()
  const response = parse<RegistrationResponseJSON>(answer)
  if (response === undefined) return undefined
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    const credential = registrationInfo?.credential
    return (
      credential && {
        credentialId: credential.id,
        publicKey: Buffer.from(credential.publicKey).toString('base64url'),
        signCount: credential.counter,
      }
    )
  } catch {
    return undefined
  }
}

function challengeBytes(random: Random): Uint8Array<ArrayBuffer> {
  return new Uint8Array(random.bytes(CHALLENGE_BYTES))
}

/** Returns true if an answer names no person, or the passkey's operator. */
function isHandleOf(
  { response: { userHandle } }: AuthenticationResponseJSON,
  operatorId: string,
): boolean {
  if (userHandle === undefined || userHandle === null) return true
  return Buffer.from(String(userHandle), 'base64url').toString('utf8') === operatorId
}

/** Parses an answer. Its fields are not checked: the library refuses wrong ones. */
function parse<Answer extends object>(answer: string): Answer | undefined {
  if (answer.length > ANSWER_LENGTH_MAX) return undefined
  try {
    const value: Answer | null = JSON.parse(answer)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
