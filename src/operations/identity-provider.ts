import type { ProviderClaims, ProviderRules } from '../domain/provider-access.ts'

/** The secrets of one sign-in through a provider, which the browser carries in a sealed cookie. */
export type ProviderChallenge = {
  /** Binds the provider's answer to the browser. */
  readonly state: string
  /** Binds the ID token to the sign-in. */
  readonly nonce: string
  /** The verifier of PKCE, which binds the code to the sign-in. Source: RFC 7636. */
  readonly verifier: string
}

/** An identity provider, through which operators sign in. */
export type IdentityProvider = {
  /** The name on the button of the sign-in page. */
  readonly name: string
  /** The provider's identifier, a URL. */
  readonly issuer: string
  readonly rules: ProviderRules
  /** Begins a sign-in, and returns the page of the provider to visit. Throws ProviderUnavailable. */
  readonly begin: (
    redirectUri: string,
  ) => Promise<{ readonly url: string; readonly challenge: ProviderChallenge }>
  /**
   * Ends a sign-in with the address at which the browser came back, and returns the verified claims. Throws
   * ProviderUnavailable, and ProviderAnswerRefused.
   */
  readonly finish: (returnUrl: URL, challenge: ProviderChallenge) => Promise<ProviderClaims>
}

/**
 * The provider does not answer, or does not answer as an identity provider. The message is for the
 * log.
 */
export class ProviderUnavailable extends Error {}

/** The provider's answer is refused: it is not for this sign-in, not signed by the provider, or an error. The message is for the log. */
export class ProviderAnswerRefused extends Error {}
