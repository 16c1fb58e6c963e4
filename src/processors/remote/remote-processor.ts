import { CARD_BRANDS, isCardBrand } from '../../domain/card-brand.ts'
import type { Instrument } from '../../domain/instrument.ts'
import type { Money } from '../../domain/money.ts'
import { isPlainText } from '../../domain/text.ts'
import type { PayerChoice, Processor } from '../processor.ts'
import type { CallName } from './protocol.ts'
import {
  type CallSender,
  createCallSender,
  type ProcessorServer,
  type SenderDeps,
} from './send-call.ts'

/** An unusable processor server; the message is a sentence for operators. */
export class ProcessorServerUnusable extends Error {}

/** A processor that runs in another process. */
export type RemoteProcessor = {
  /** Its answers are unchecked: only the guard may use them. */
  readonly processor: Processor
  readonly sender: CallSender
}

/**
 * Requests a processor server's description, and makes a processor that calls the server.
 *
 * A failed call returns `unknown` with the reason, and is not repeated. Throws ProcessorServerUnusable if the server
 * does not answer or its description is unusable.
 */
export async function connectProcessor(
  server: ProcessorServer,
  deps: SenderDeps,
): Promise<RemoteProcessor> {
  const sender = createCallSender(server, deps)
  try {
    const answer = await sender.send('describe', {})
    if ('failure' in answer)
      throw unusable(server, `did not return its description: ${answer.failure}`)
    return { processor: processorFrom(readDescription(answer.value, server), sender), sender }
  } catch (error) {
    sender.close()
    throw error
  }
}

type Description = Pick<Processor, 'name' | 'banks' | 'wallets' | 'cardBrands'> & {
  readonly canCancel: boolean
  readonly canSave: boolean
  readonly canOpenAccounts: boolean
  readonly canReportPayouts: boolean
  readonly canReportDisputes: boolean
  readonly hasTerminals: boolean
  readonly hasMandates: boolean
}

/** The guard checks the shape of each answer, as it does for a module's. */
type Ask = <Outcome extends { readonly kind: string }>(
  call: CallName,
  fields: object,
) => Promise<Outcome>

const askerOf =
  ({ send }: CallSender): Ask =>
  async <Outcome extends { readonly kind: string }>(call: CallName, fields: object) => {
    const answer = await send(call, fields)
    const value = 'failure' in answer ? { kind: 'unknown', reason: answer.failure } : answer.value
    return value as Outcome
  }

function processorFrom(description: Description, sender: CallSender): Processor {
  const { banks, canCancel, cardBrands, name, wallets } = description
  const ask = askerOf(sender)
  return {
    name,
    charge: ({ amount, instrument, ...request }) =>
      ask('charge', {
        ...request,
        amount: amountFields(amount),
        instrument: instrumentFields(instrument),
      }),
    findCharge: (attemptId) => ask('findCharge', { attemptId }),
    refund: ({ amount, ...request }) => ask('refund', { ...request, amount: amountFields(amount) }),
    ...(canCancel && { cancelCharge: (attemptId) => ask('cancelCharge', { attemptId }) }),
    ...capabilitiesFrom(description, ask),
    ...(banks !== undefined && { banks }),
    ...(wallets !== undefined && { wallets }),
    ...(cardBrands !== undefined && { cardBrands }),
  }
}

function capabilitiesFrom(
  description: Description,
  ask: Ask,
): Pick<
  Processor,
  'disputes' | 'mandates' | 'payouts' | 'savedInstruments' | 'terminals' | 'virtualAccounts'
> {
  const { canOpenAccounts, canReportDisputes, canReportPayouts, canSave } = description
  const { hasMandates, hasTerminals } = description
  return {
    ...(canReportDisputes && {
      disputes: { listDisputes: (after) => ask('listDisputes', positionFields(after)) },
    }),
    ...(hasMandates && {
      mandates: {
        notify: ({ amount, ...request }) =>
          ask('notifyOfDebit', { ...request, amount: amountFields(amount) }),
        findMandate: (mandateId) => ask('findMandate', { mandateId }),
        cancelMandate: (mandateId) => ask('cancelMandate', { mandateId }),
      },
    }),
    ...(hasTerminals && {
      terminals: { find: (terminalId) => ask('findTerminal', { terminalId }) },
    }),
    ...(canSave && {
      savedInstruments: {
        save: (request) => ask('save', request),
        findSaved: (paymentMethodId) => ask('findSaved', { paymentMethodId }),
        forget: (request) => ask('forget', request),
      },
    }),
    ...(canOpenAccounts && {
      virtualAccounts: {
        open: (request) => ask('openVirtualAccount', request),
        close: (virtualAccountId) => ask('closeVirtualAccount', { virtualAccountId }),
        listTransfers: (after) => ask('listTransfers', positionFields(after)),
        decideTransfer: (decision) => ask('decideTransfer', decision),
      },
    }),
    ...(canReportPayouts && {
      payouts: {
        listPayouts: (after) => ask('listPayouts', positionFields(after)),
        listTransactions: (payoutReference, after) =>
          ask('listPayoutTransactions', { payoutReference, ...positionFields(after) }),
      },
    }),
  }
}

const positionFields = (after: string | undefined) => (after === undefined ? {} : { after })

/** An amount is at most 10^12 minor units, so every JSON parser reads it exactly. */
function amountFields({ amountMinor, currency }: Money) {
  return { amountMinor: Number(amountMinor), currency }
}

/** On the wire the amount of a mandate's terms is a number. */
function instrumentFields(instrument: Instrument) {
  if (instrument.type !== 'mandate_enrollment') return instrument
  const { terms, ...fields } = instrument
  return { ...fields, terms: { ...terms, amountMinor: Number(terms.amountMinor) } }
}

const CHOICE_COUNT_MAX = 2_000

function readDescription(value: unknown, server: ProcessorServer): Description {
  const field = (name: string): unknown =>
    typeof value === 'object' && value !== null
      ? (Reflect.get(value, name) ?? undefined)
      : undefined
  const wrong = (name: string, mustBe: string) =>
    unusable(server, `returned a wrong description: ${name} must be ${mustBe}`)
  const name = field('name')
  if (!isPlainText(name)) throw wrong('name', 'a text of 1 to 200 characters')
  const can = (ability: string): boolean => {
    const value = field(ability) ?? false
    if (typeof value !== 'boolean') throw wrong(ability, 'true or false')
    return value
  }
  const [banks, wallets] = ['banks', 'wallets'].map((list) => {
    const value = field(list)
    if (value === undefined) return undefined
    const choices = readChoices(value)
    if (choices !== undefined) return choices
    throw wrong(list, `a list of at most ${CHOICE_COUNT_MAX} { code, name }`)
  })
  const cardBrands = field('cardBrands')
  if (cardBrands !== undefined && !(Array.isArray(cardBrands) && cardBrands.every(isCardBrand))) {
    throw wrong('cardBrands', `a list of ${CARD_BRANDS.join(', ')}`)
  }
  return {
    name,
    canCancel: can('canCancel'),
    canSave: can('canSave'),
    canOpenAccounts: can('canOpenAccounts'),
    canReportPayouts: can('canReportPayouts'),
    canReportDisputes: can('canReportDisputes'),
    hasTerminals: can('hasTerminals'),
    hasMandates: can('hasMandates'),
    ...(banks !== undefined && { banks }),
    ...(wallets !== undefined && { wallets }),
    ...(cardBrands !== undefined && { cardBrands }),
  }
}

function readChoices(value: unknown): readonly PayerChoice[] | undefined {
  if (!Array.isArray(value) || value.length > CHOICE_COUNT_MAX) return undefined
  const choices = value.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return []
    const [code, name] = [Reflect.get(one, 'code'), Reflect.get(one, 'name')]
    return isPlainText(code) && isPlainText(name) ? [{ code, name }] : []
  })
  return choices.length === value.length ? choices : undefined
}

function unusable({ url }: ProcessorServer, what: string): ProcessorServerUnusable {
  return new ProcessorServerUnusable(`The processor at ${url} ${what}. Check --processor.`)
}
