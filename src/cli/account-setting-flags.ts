import { type Command, InvalidArgumentError, Option } from 'commander'
import { type Account, isStatementDescriptor } from '../domain/account.ts'
import { accountDayStartMs } from '../domain/account-day.ts'
import { FEE_RATES_DEFAULT, type FeeRates, parsePercent, percentOf } from '../domain/fee.ts'
import { isOrigin } from '../domain/origin.ts'
import type { Edition } from '../domain/payment-method.ts'
import type { AccountChange } from '../operations/update-account.ts'
import { NONE, type PageFlags, pageChangeOf, settingOf } from './account-page-flags.ts'

/** The flags of an account's settings that are not of its checkout page. `none` removes a setting. */
export type SettingFlags = {
  readonly frameOrigin?: readonly string[]
  readonly statementDescriptor?: string
  /** Basis points. */
  readonly feeRate?: number
  /** Basis points. */
  readonly taxRate?: number
}

/** Gives a command the flags of the widget's origins and of the text on statements. */
export function withSettingFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--frame-origin <origin...>',
        'an origin whose pages may show the widget, such as https://shop.example. `account update` replaces all origins with those of the flag. Default for new accounts: none',
      ).argParser(frameOriginsFrom),
    )
    .option(
      '--statement-descriptor <text>',
      'the text on customers’ statements, at most 22 characters. Default for new accounts: the start of the name',
      statementDescriptorFrom,
    )
}

/** Gives a command the flags of the fee rates. */
export function withFeeFlags(command: Command): Command {
  const { feeRateBps, taxRateBps } = FEE_RATES_DEFAULT
  return command
    .option(
      '--fee-rate <percent>',
      `the fee on each payment, such as 1.95. Default for new accounts: ${percentOf(feeRateBps)}`,
      percentFrom,
    )
    .option(
      '--tax-rate <percent>',
      `the tax on the fee. Default for new accounts: ${percentOf(taxRateBps)}`,
      percentFrom,
    )
}

/** Returns the settings of a new account. */
export function createSettingsOf(
  flags: SettingFlags,
): Partial<Pick<Account, 'frameOrigins' | 'statementDescriptor' | 'feeRates'>> {
  const { statementDescriptor: descriptor } = flags
  const statementDescriptor = descriptor === undefined ? undefined : settingOf(descriptor)
  return {
    ...(flags.frameOrigin !== undefined && { frameOrigins: flags.frameOrigin }),
    ...(statementDescriptor !== undefined && { statementDescriptor }),
    ...(hasRates(flags) && { feeRates: ratesOf(flags, FEE_RATES_DEFAULT) }),
  }
}

/**
 * Returns the change that the flags ask for, without fields if there are no flags. `rates`: the
 * current ones.
 */
export function settingChangeOf(
  flags: SettingFlags & PageFlags & { readonly name?: string; readonly ratesFrom?: Date },
  rates: FeeRates,
  edition: Edition,
): AccountChange {
  const { frameOrigin, name, ratesFrom: from, statementDescriptor } = flags
  const fromMs =
    from &&
    accountDayStartMs(edition, {
      year: from.getUTCFullYear(),
      month: from.getUTCMonth(),
      day: from.getUTCDate(),
    })
  return {
    ...pageChangeOf(flags),
    ...(name !== undefined && { name }),
    ...(frameOrigin !== undefined && { frameOrigins: frameOrigin }),
    ...(statementDescriptor !== undefined && {
      statementDescriptor: settingOf(statementDescriptor),
    }),
    ...(hasRates(flags) && { feeRates: { ...ratesOf(flags, rates), fromMs } }),
  }
}

function hasRates({ feeRate, taxRate }: SettingFlags): boolean {
  return feeRate !== undefined || taxRate !== undefined
}

function ratesOf({ feeRate, taxRate }: SettingFlags, rates: FeeRates): FeeRates {
  return { feeRateBps: feeRate ?? rates.feeRateBps, taxRateBps: taxRate ?? rates.taxRateBps }
}

function frameOriginsFrom(value: string, before: readonly string[] = []): readonly string[] {
  if (value === NONE) return []
  if (!isOrigin(value)) {
    throw new InvalidArgumentError(
      'It must be an origin: scheme, host and port, without a slash at the end.',
    )
  }
  return [...before, value]
}

function statementDescriptorFrom(value: string): string {
  if (!isStatementDescriptor(value)) {
    throw new InvalidArgumentError('It must have 1 to 22 characters on one line.')
  }
  return value
}

function percentFrom(value: string): number {
  const bps = parsePercent(value)
  if (bps === undefined) {
    throw new InvalidArgumentError('It must be a percentage from 0 to 100 with up to two decimals.')
  }
  return bps
}
