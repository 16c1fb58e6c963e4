import { containsCardNumber } from './card.ts'
import { CARD_BRANDS, type CardBrand } from './card-brand.ts'
import { COUNTRY_CODES } from './country.ts'
import type { MandateId, MandateNotificationId } from './id.ts'
import type { MandateTerms } from './mandate-terms.ts'
import type { TerminalMethod } from './terminal.ts'
import { isPlainText } from './text.ts'

/** A card as the customer types it. It exists only in memory, from the request to the call to the processor. */
export type CardInstrument = {
  readonly type: 'card'
  /** 12 to 19 digits. */
  readonly number: string
  readonly brand: CardBrand
  /** 1 to 12. */
  readonly expiryMonth: number
  /** Four digits. */
  readonly expiryYear: number
  /** 3 or 4 digits. */
  readonly cvv: string
  readonly holderName: string
}

/** An account for ACH debits as the customer types it. It exists only in memory, as a card does. */
type AchInstrument = {
  readonly type: 'ach_debit'
  readonly accountHolderName: string
  /** 9 digits. */
  readonly routingNumber: string
  /** 4 to 17 digits. */
  readonly accountNumber: string
  readonly accountType: AchAccountType
}

/** An instrument that a processor can save for later charges. */
export type SavableInstrument = CardInstrument | AchInstrument

/** The browser of a customer who is on the merchant's page during a charge. Each fact is optional. */
export type BrowserInfo = {
  readonly userAgent?: string
  readonly acceptHeader?: string
  readonly language?: string
  readonly screenHeight?: number
  readonly screenWidth?: number
  /** Minutes, as JavaScript's `getTimezoneOffset` returns them. */
  readonly timeZoneOffset?: number
  readonly colorDepth?: number
}

/** An instrument that a processor saved earlier. The merchant starts its charges. */
export type SavedInstrument = {
  readonly type: 'saved'
  /** The processor's token. Never log it. */
  readonly token: string
  readonly facts: SavedFacts
  /**
   * True: the customer is on the merchant's page. False: the merchant charges without the customer,
   * as for a subscription.
   */
  readonly isOnSession: boolean
  readonly browserInfo?: BrowserInfo
}

/** The enrollment of a mandate by UPI: the customer approves later debits. */
export type MandateEnrollment = {
  readonly type: 'mandate_enrollment'
  readonly mandateId: MandateId
  readonly terms: MandateTerms
  readonly channel: (typeof UPI_CHANNELS)[number]
  /** Set exactly for the channel `collect`. */
  readonly upiId?: string
}

/** A debit of a mandate whose enrollment was approved. */
export type MandateDebitInstrument = {
  readonly type: 'mandate_debit'
  readonly mandateId: MandateId
  /** The notice to the customer. Undefined: a `daily` mandate, which needs none. */
  readonly notificationId?: MandateNotificationId
  /** The UPI ID of the mandate, if the processor has reported it. */
  readonly upiId?: string
}

/**
 * A card or a UPI app that the customer presents at a terminal. The terminal reads it and reports
 * its facts to Paydesk.
 */
export type TerminalInstrument = {
  readonly type: 'terminal'
  readonly terminalId: string
  /** The only method that the terminal offers. Undefined: all its methods. */
  readonly method?: TerminalMethod
  /** The maximum number of cards or codes that the customer can try before the charge is declined. */
  readonly tryCountMax: number
  /** The time at which the terminal ends the payment, in milliseconds since 1970. */
  readonly endsAtMs: number
}

/** A complete instrument. Never stored or logged: `factsOf` gives the storable part. */
export type Instrument =
  | CardInstrument
  /** `collect`: a request is sent to `upiId`. `qr` and `intent`: the customer's app reads the link. */
  | { readonly type: 'upi'; readonly channel: 'collect'; readonly upiId: string }
  | { readonly type: 'upi'; readonly channel: 'qr' | 'intent' }
  | MandateEnrollment
  | MandateDebitInstrument
  | { readonly type: 'netbanking'; readonly bankCode: string; readonly bankName: string }
  | {
      readonly type: 'wallet'
      readonly walletCode: string
      readonly walletName: string
    }
  | { readonly type: 'bank_transfer' }
  | AchInstrument
  | SavedInstrument
  | TerminalInstrument

/** The kinds of cards, by their names on the wire. */
export const CARD_FUNDINGS = ['credit', 'debit'] as const
/** The ways in which a payment reaches the customer's UPI app. */
export const UPI_CHANNELS = ['collect', 'qr', 'intent'] as const
/** The sources of the money in a UPI app. */
export const UPI_ACCOUNT_TYPES = ['bank_account', 'card', 'wallet', 'credit_line'] as const
/** The kinds of bank accounts in the United States. */
export const ACH_ACCOUNT_TYPES = ['checking', 'savings'] as const
type AchAccountType = (typeof ACH_ACCOUNT_TYPES)[number]
/** The kinds of holders of those accounts. */
export const ACH_HOLDER_TYPES = ['individual', 'company'] as const

/**
 * The storable part of an instrument: enough for a receipt and for the wire's `payment_method`, too
 * little to pay with.
 */
export type InstrumentFacts =
  | {
      readonly type: 'card'
      readonly brand: CardBrand
      readonly lastFourDigits: string
      readonly expiryMonth: number
      readonly expiryYear: number
      readonly holderName: string
      readonly funding?: (typeof CARD_FUNDINGS)[number]
      /** The issuer's country, ISO 3166-1 alpha-2. */
      readonly country?: string
    }
  | {
      readonly type: 'upi'
      readonly channel: (typeof UPI_CHANNELS)[number]
      readonly upiId?: string
      /** The source of the money in the customer's UPI app. */
      readonly accountType?: (typeof UPI_ACCOUNT_TYPES)[number]
    }
  | { readonly type: 'netbanking'; readonly bankName: string }
  | { readonly type: 'wallet'; readonly walletName: string }
  | {
      readonly type: 'bank_transfer'
      /** The receiving account: one that was created for this attempt, or a virtual account of the merchant. */
      readonly virtualAccountNumber?: string
      readonly mode?: BankTransferMode
      readonly payerName?: string
      /** Shape: `HDFC0000001`. The payer's account number is not stored. */
      readonly payerIfscCode?: string
    }
  | {
      readonly type: 'ach_debit'
      readonly accountHolderName: string
      readonly lastFourDigits: string
      readonly accountType: AchAccountType
      readonly routingNumber: string
      /** `business` is another word for `company`, in processors' answers and older rows. */
      readonly accountHolderType?: (typeof ACH_HOLDER_TYPES)[number] | 'business'
      readonly bankName?: string
    }
  /** A payment at a terminal before its decision: the customer has presented nothing yet. */
  | { readonly type: 'terminal' }

/** The storable part of an instrument that can be saved. */
export type SavedFacts = Extract<InstrumentFacts, { readonly type: SavableInstrument['type'] }>

/** The kinds of Indian bank transfers, by their names on the wire. */
export const BANK_TRANSFER_MODES = ['NEFT', 'RTGS', 'IMPS'] as const
/** A kind of Indian bank transfer. */
export type BankTransferMode = (typeof BANK_TRANSFER_MODES)[number]

const lastFour = (digits: string) => digits.slice(-4)

/** Returns the storable part of an instrument. */
export function factsOf(instrument: Instrument): InstrumentFacts {
  switch (instrument.type) {
    case 'card': {
      const { type, brand, expiryMonth, expiryYear, holderName, number } = instrument
      return { type, brand, lastFourDigits: lastFour(number), expiryMonth, expiryYear, holderName }
    }
    case 'upi':
      return instrument
    case 'mandate_enrollment':
    case 'mandate_debit': {
      const { upiId } = instrument
      const channel = instrument.type === 'mandate_enrollment' ? instrument.channel : 'collect'
      return { type: 'upi', channel, ...(upiId !== undefined && { upiId }) }
    }
    case 'netbanking':
      return { type: 'netbanking', bankName: instrument.bankName }
    case 'wallet':
      return { type: 'wallet', walletName: instrument.walletName }
    case 'bank_transfer':
      return { type: 'bank_transfer' }
    case 'ach_debit': {
      const { type, accountHolderName, accountNumber, accountType, routingNumber } = instrument
      return {
        type,
        accountHolderName,
        lastFourDigits: lastFour(accountNumber),
        accountType,
        routingNumber,
      }
    }
    case 'saved':
      return instrument.facts
    case 'terminal':
      return { type: 'terminal' }
  }
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => isPlainText(value) && !containsCardNumber(value)
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.some((one) => one === value)
const digits =
  (count: number): Check =>
  (value) =>
    typeof value === 'string' && value.length === count && /^\d+$/.test(value)
const between =
  (min: number, max: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

/** A bank branch in India. */
const IFSC = /^[A-Z]{4}0[A-Z0-9]{6}$/

/** The format of each fact, by the type of the instrument. Only these facts are stored. */
const FACTS: {
  readonly [Type in InstrumentFacts['type']]: {
    readonly [Name in Exclude<
      keyof Extract<InstrumentFacts, { readonly type: Type }>,
      'type'
    >]-?: Check
  }
} = {
  card: {
    brand: oneOf(...CARD_BRANDS),
    lastFourDigits: digits(4),
    expiryMonth: between(1, 12),
    expiryYear: between(1000, 9999),
    holderName: isText,
    funding: optional(oneOf(...CARD_FUNDINGS)),
    country: optional((value) => typeof value === 'string' && COUNTRY_CODES.has(value)),
  },
  upi: {
    channel: oneOf(...UPI_CHANNELS),
    upiId: optional(isText),
    accountType: optional(oneOf(...UPI_ACCOUNT_TYPES)),
  },
  netbanking: { bankName: isText },
  wallet: { walletName: isText },
  bank_transfer: {
    virtualAccountNumber: optional(isText),
    mode: optional(oneOf(...BANK_TRANSFER_MODES)),
    payerName: optional(isText),
    payerIfscCode: optional((value) => typeof value === 'string' && IFSC.test(value)),
  },
  ach_debit: {
    accountHolderName: isText,
    lastFourDigits: digits(4),
    accountType: oneOf(...ACH_ACCOUNT_TYPES),
    routingNumber: digits(9),
    accountHolderType: optional(oneOf(...ACH_HOLDER_TYPES, 'business')),
    bankName: optional(isText),
  },
  terminal: {},
}

/**
 * Returns the storable part of facts from outside: only the known ones.
 * Undefined: the type is unknown, or a fact is missing, has the wrong format or contains a card number.
 */
export function keptFacts(facts: unknown): InstrumentFacts | undefined {
  if (typeof facts !== 'object' || facts === null) return undefined
  const values = facts as Readonly<Record<string, unknown>>
  const { type } = values
  if (typeof type !== 'string' || !Object.hasOwn(FACTS, type)) return undefined
  const storableFacts: Record<string, unknown> = { type }
  for (const [name, check] of Object.entries<Check>(FACTS[type as InstrumentFacts['type']])) {
    const value = values[name]
    if (!check(value)) return undefined
    if (value !== undefined) storableFacts[name] = value
  }
  return storableFacts as InstrumentFacts
}

/**
 * Returns the facts for a receipt: without the payer's names, UPI ID and IFSC code, and without the number of a virtual
 * account.
 */
export function withoutPayer(instrument: InstrumentFacts): InstrumentFacts {
  switch (instrument.type) {
    case 'card':
      return { ...instrument, holderName: '' }
    case 'upi': {
      const { upiId: _, ...rest } = instrument
      return rest
    }
    case 'ach_debit':
      return { ...instrument, accountHolderName: '' }
    case 'bank_transfer': {
      const { payerIfscCode: _, payerName: __, virtualAccountNumber: ___, ...rest } = instrument
      return rest
    }
    default:
      return instrument
  }
}
