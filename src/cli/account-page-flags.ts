import { type Command, InvalidArgumentError, Option } from 'commander'
import { type AccountPage, isPageUrl } from '../domain/account.ts'
import { isBrandColor } from '../domain/brand-color.ts'
import type { Logo } from '../domain/logo.ts'
import type { AccountChange } from '../operations/update-account.ts'
import { readLogoFile } from '../server/read-logo-file.ts'

/** The flags of an account's checkout page, as their parsers give them. `none` removes a setting. */
export type PageFlags = {
  readonly brandColor?: string | typeof NONE
  readonly logo?: Logo | typeof NONE
  readonly termsUrl?: string | typeof NONE
  readonly privacyUrl?: string | typeof NONE
  readonly poweredBy?: 'on' | 'off'
}

/** The value of a flag that removes a setting. */
export const NONE = 'none'

/** Gives a command the flags of an account's checkout page. */
export function withPageFlags(command: Command): Command {
  return command
    .option('--brand-color <hex>', 'the color of the pay button, such as #1a56db', brandColorFrom)
    .option(
      '--logo <file>',
      'the merchant’s logo on the checkout: PNG, JPEG or WebP, at most 64 KiB and 1024 × 1024 pixels',
      logoFrom,
    )
    .option('--terms-url <url>', 'the merchant’s terms, linked from the checkout', pageUrlFrom)
    .option(
      '--privacy-url <url>',
      'the merchant’s privacy page, linked from the checkout',
      pageUrlFrom,
    )
    .addOption(
      new Option(
        '--powered-by <on|off>',
        'show “Powered by Paydesk” on the checkout. Default for new accounts: on',
      ).choices(['on', 'off']),
    )
}

/** A change of an account's page. Undefined removes a setting. */
type PageChange = Pick<AccountChange, keyof AccountPage | 'logo'>

/** Returns the change that the flags ask for, without fields if there are no flags. */
export function pageChangeOf(flags: PageFlags): PageChange {
  const { brandColor, logo, poweredBy, privacyUrl, termsUrl } = flags
  return {
    ...(brandColor !== undefined && { brandColor: settingOf(brandColor) }),
    ...(logo !== undefined && { logoFile: logo === NONE ? undefined : logo.file }),
    ...(logo !== undefined && logo !== NONE && { logo }),
    ...(termsUrl !== undefined && { termsUrl: settingOf(termsUrl) }),
    ...(privacyUrl !== undefined && { privacyUrl: settingOf(privacyUrl) }),
    ...(poweredBy !== undefined && { hidesPoweredBy: poweredBy === 'off' }),
  }
}

/** Returns the text of a flag. Undefined: the flag is `none`, which removes the setting. */
export function settingOf(flag: string): string | undefined {
  return flag === NONE ? undefined : flag
}

/** Returns the page of a new account. */
export function newPageOf(flags: PageFlags): AccountPage & Pick<PageChange, 'logo'> {
  const { brandColor, hidesPoweredBy, logo, logoFile, privacyUrl, termsUrl } = pageChangeOf(flags)
  return {
    ...(brandColor !== undefined && { brandColor }),
    ...(logo !== undefined && { logo }),
    ...(logoFile !== undefined && { logoFile }),
    ...(termsUrl !== undefined && { termsUrl }),
    ...(privacyUrl !== undefined && { privacyUrl }),
    ...(hidesPoweredBy !== undefined && { hidesPoweredBy }),
  }
}

function brandColorFrom(value: string): string {
  const color = value.toLowerCase()
  if (color !== NONE && !isBrandColor(color)) {
    throw new InvalidArgumentError('It must be a color such as #1a56db.')
  }
  return color
}

function pageUrlFrom(value: string): string {
  if (value !== NONE && !isPageUrl(value)) {
    throw new InvalidArgumentError(
      'It must be a complete http or https URL without a password, at most 500 characters.',
    )
  }
  return value
}

function logoFrom(path: string): Logo | typeof NONE {
  if (path === NONE) return NONE
  let logo: ReturnType<typeof readLogoFile>
  try {
    logo = readLogoFile(path)
  } catch {
    throw new InvalidArgumentError('The file cannot be read.')
  }
  if ('refused' in logo) throw new InvalidArgumentError(logo.refused)
  return logo
}
