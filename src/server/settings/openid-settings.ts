import { isLoopbackHost } from '../../domain/loopback.ts'
import { OPERATOR_ROLES, type OperatorRole } from '../../domain/operator.ts'
import type { ProviderRules } from '../../domain/provider-access.ts'
import type { Mode } from '../../domain/scope.ts'
import { isPlainText } from '../../domain/text.ts'
import { always, type Setting, type SettingReading, text, yesOrNo } from './setting.ts'

/** The settings of sign-ins by OpenID Connect. */
export type OpenidSettings = {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** The scopes of a sign-in, separated by spaces. */
  readonly scopes: string
  /** The provider's name on the sign-in page. */
  readonly name: string
  readonly rules: ProviderRules
}

/** The maximum number of values of the role claim that are mapped. */
const ROLE_VALUES_MAX = 100
/** The longest name on the button, in characters. */
const NAME_LENGTH_MAX = 40

const issuer = (value: string): SettingReading<string> => {
  const url = URL.canParse(value) ? new URL(value) : undefined
  const isPlain =
    url !== undefined && `${url.username}${url.password}${url.search}${url.hash}` === ''
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname))
  return isPlain && isSafe && !url.pathname.includes('/.well-known/')
    ? { value }
    : {
        mustBe:
          'the issuer as the provider spells it, an https:// URL such as https://id.example.com, or http:// for this machine, without user, query, fragment and /.well-known/',
      }
}

const oneWord = (value: string): SettingReading<string> =>
  /^[\x21-\x7e]{1,200}$/.test(value)
    ? { value }
    : { mustBe: '1 to 200 visible characters without spaces' }

const scopeList = (value: string): SettingReading<string> => {
  const scopes = value.split(/[\s,]+/).filter((scope) => scope !== '')
  const isList = scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(scope))
  return isList && scopes.includes('openid') && scopes.length <= 20
    ? { value: scopes.join(' ') }
    : { mustBe: 'up to 20 scopes separated by spaces, one of them openid' }
}

const roleMapping = (value: string): SettingReading<ReadonlyMap<string, OperatorRole>> => {
  const pairs = value.split(',').map((pair) => {
    const at = pair.lastIndexOf('=')
    const role = OPERATOR_ROLES.find((one) => one === pair.slice(at + 1).trim())
    const name = pair.slice(0, Math.max(at, 0)).trim()
    return role !== undefined && isPlainText(name) ? ([name, role] as const) : undefined
  })
  const validPairs = pairs.filter((pair) => pair !== undefined)
  const isUnique = new Set(validPairs.map(([name]) => name)).size === pairs.length
  return isUnique && pairs.length <= ROLE_VALUES_MAX
    ? { value: new Map(validPairs) }
    : {
        mustBe: `pairs such as payments-admins=administrator,payments-team=support, each value once, with the roles ${OPERATOR_ROLES.join(', ')}`,
      }
}

const buttonName = (value: string): SettingReading<string> =>
  isPlainText(value, NAME_LENGTH_MAX)
    ? { value }
    : { mustBe: `1 to ${NAME_LENGTH_MAX} characters on one line` }

/** The settings of sign-ins to the live console through an identity provider. */
export const OPENID_SETTINGS = {
  oidcIssuer: {
    name: 'oidc-issuer',
    placeholder: '<url>',
    read: issuer,
    description:
      'Live mode only. Operators can sign in to the console through this OpenID Connect provider. This setting needs --public-url, or --console-url with --console-on operations. At the provider, register `/console/sign-in/callback` below that URL as the redirect URI.',
  } satisfies Setting<string>,
  oidcClientId: {
    name: 'oidc-client-id',
    placeholder: '<text>',
    read: oneWord,
    description: 'The id of this server at the provider.',
  } satisfies Setting<string>,
  oidcClientSecret: {
    name: 'oidc-client-secret',
    placeholder: '<text>',
    read: text,
    description: 'The secret of this server at the provider.',
    isSecret: true,
  } satisfies Setting<string>,
  oidcScopes: {
    name: 'oidc-scopes',
    placeholder: '<scopes>',
    read: scopeList,
    defaults: always('openid profile email'),
    description: 'The requested scopes. Many providers send groups only with the scope `groups`.',
  } satisfies Setting<string>,
  oidcRoleClaim: {
    name: 'oidc-role-claim',
    placeholder: '<name>',
    read: oneWord,
    defaults: always('groups'),
    description:
      'The claim with the roles or groups of a person, or its path, such as realm_access.roles.',
  } satisfies Setting<string>,
  oidcRoles: {
    name: 'oidc-roles',
    placeholder: '<pairs>',
    read: roleMapping,
    isRepeatable: true,
    show: (roles: ReadonlyMap<string, OperatorRole>) =>
      [...roles].map((pair) => pair.join('=')).join(','),
    description:
      'The role for each value of the claim: payments-admins=administrator,payments-team=support. Repeat the flag or separate pairs by commas. A person without one of these values is refused; with several, the role with the most permissions counts.',
  } satisfies Setting<ReadonlyMap<string, OperatorRole>>,
  oidcAccountsClaim: {
    name: 'oidc-accounts-claim',
    placeholder: '<name>',
    read: oneWord,
    description:
      'The claim that contains the ids of the accounts that a person sees, or the value `all`. Without this setting, new operators see all accounts, and `paydesk operator update --accounts` limits them.',
  } satisfies Setting<string>,
  oidcTrustEmail: {
    name: 'oidc-trust-email',
    read: yesOrNo,
    defaults: always(false),
    description:
      'Accepts e-mail addresses without the claim `email_verified`. Only for a provider where administrators set all addresses, such as Microsoft Entra ID with one tenant.',
  } satisfies Setting<boolean>,
  oidcName: {
    name: 'oidc-name',
    placeholder: '<text>',
    read: buttonName,
    defaults: always('your organization'),
    description: 'The name of the provider on the sign-in page: “Sign in with …”.',
  } satisfies Setting<string>,
} as const

type OpenidValues = {
  readonly oidcIssuer?: string
  readonly oidcClientId?: string
  readonly oidcClientSecret?: string
  readonly oidcScopes?: string
  readonly oidcRoleClaim?: string
  readonly oidcRoles?: ReadonlyMap<string, OperatorRole>
  readonly oidcAccountsClaim?: string
  readonly oidcTrustEmail?: boolean
  readonly oidcName?: string
  readonly consoleOn?: 'public' | 'operations'
}

/** The settings that mean nothing without an issuer, with their flags. */
const OTHER_FLAGS = [
  ['oidcClientId', '--oidc-client-id'],
  ['oidcClientSecret', 'PAYDESK_OIDC_CLIENT_SECRET'],
  ['oidcScopes', '--oidc-scopes'],
  ['oidcRoleClaim', '--oidc-role-claim'],
  ['oidcRoles', '--oidc-roles'],
  ['oidcAccountsClaim', '--oidc-accounts-claim'],
  ['oidcTrustEmail', '--oidc-trust-email'],
  ['oidcName', '--oidc-name'],
] as const

/**
 * Reads the settings of OpenID Connect, and adds their problems. `givenSettings` has the keys that have a source, even
 * with a wrong value. Undefined: no provider is set, or it has problems.
 */
export function readOpenid(
  values: OpenidValues,
  mode: Mode,
  givenSettings: ReadonlySet<string>,
  problems: string[],
): OpenidSettings | undefined {
  const { oidcClientId: clientId, oidcClientSecret: clientSecret, oidcRoles: roles } = values
  if (!givenSettings.has('oidcIssuer')) {
    for (const [key, flag] of OTHER_FLAGS) {
      if (values[key] !== undefined && values[key] !== false) {
        problems.push(`${flag} needs --oidc-issuer: add it, or remove ${flag}.`)
      }
    }
    return undefined
  }
  if (mode === 'sandbox') {
    problems.push(
      '--oidc-issuer works only in live mode, because the console of a sandbox has no operators: remove it.',
    )
    return undefined
  }
  const isMissing = (key: string) => !givenSettings.has(key)
  if (isMissing('oidcClientId')) problems.push('--oidc-issuer needs --oidc-client-id.')
  if (isMissing('oidcClientSecret')) {
    problems.push(
      '--oidc-issuer needs PAYDESK_OIDC_CLIENT_SECRET or PAYDESK_OIDC_CLIENT_SECRET_FILE.',
    )
  }
  if (isMissing('oidcRoles')) {
    problems.push('--oidc-issuer needs --oidc-roles: without a mapped role nobody may sign in.')
  }
  const [urlKey, urlFlag] =
    values.consoleOn === 'operations'
      ? ['consoleUrl', '--console-url']
      : ['publicUrl', '--public-url']
  if (isMissing(urlKey)) {
    problems.push(`--oidc-issuer needs ${urlFlag}: the provider sends people back to it.`)
  }
  const { oidcIssuer } = values
  if (oidcIssuer === undefined || roles === undefined) return undefined
  if (clientId === undefined || clientSecret === undefined) return undefined
  const { oidcName, oidcRoleClaim, oidcScopes, oidcTrustEmail } = OPENID_SETTINGS
  return {
    issuer: oidcIssuer,
    clientId,
    clientSecret,
    scopes: values.oidcScopes ?? oidcScopes.defaults.live,
    name: values.oidcName ?? oidcName.defaults.live,
    rules: {
      roleClaim: values.oidcRoleClaim ?? oidcRoleClaim.defaults.live,
      roles,
      accountsClaim: values.oidcAccountsClaim,
      trustsEmails: values.oidcTrustEmail ?? oidcTrustEmail.defaults.live,
    },
  }
}
