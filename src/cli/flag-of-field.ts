import type { Command } from 'commander'

/** The flags and arguments of the API's fields whose names differ, the most exact first. */
const NAMES_BY_FIELD: ReadonlyMap<string, readonly string[]> = new Map([
  ['account_id', ['account']],
  ['account_number', ['number']],
  ['allowed_payment_methods', ['methods']],
  // `session pay` makes one attempt on the session of its argument.
  ['attempts', ['payments_session_id']],
  ['by', ['duration']],
  ['call', ['match']],
  ['card_name', ['name']],
  ['customer_id', ['customer']],
  ['enabled_events', ['events']],
  ['end_date', ['end']],
  ['event_id', ['id', 'event']],
  ['event_type', ['type', 'match']],
  ['event_types', ['events']],
  ['execution_date', ['on']],
  ['expires_at', ['expires']],
  ['failure_code', ['code']],
  ['from_date', ['from']],
  ['id', ['fault_id']],
  ['invoice_number', ['invoice']],
  ['last_four_digits', ['last_four']],
  ['mandate_notification_id', ['notification']],
  ['max_amount', ['max']],
  ['maximum_amount', ['maximum']],
  ['minimum_amount', ['minimum']],
  ['notify_customer', ['notify']],
  ['payer_name', ['payer']],
  ['payment_id', ['payment']],
  ['payment_link_id', ['link']],
  ['payment_method_type', ['method']],
  ['payments_session_id', ['session']],
  ['phone_country_code', ['country']],
  ['reference_id', ['reference']],
  ['reference_number', ['reference']],
  ['route', ['match']],
  ['search_text', ['search']],
  ['start_date', ['start']],
  ['to_date', ['to']],
  // The flag --url names the server.
  ['url', ['receiver_url']],
  ['webhook_url_id', ['endpoint']],
])

/** A flag or an argument. `isWhole`: it sets more than the field, such as a list with the field in one of its items. */
type FieldFlag = { readonly name: string; readonly isWhole: boolean }

/**
 * Returns the flag or the argument of a command that sets a field of the API: `--reference` for `reference_number`,
 * `<payment_id>` for `payment_id`, `--attempts` for `attempts[0].method`. Undefined: none does.
 */
export function flagOfField(field: string, command: Command): FieldFlag | undefined {
  const segments = field.replaceAll(/\[\d+\]/g, '').split('.')
  for (const [index, segment] of segments.toReversed().entries()) {
    // The channel `email` is a value of --notify. The flag --email sets the address.
    if (index === 0 && segments.at(-2) === 'notify_customer') continue
    const isWhole = index > 0
    const names = [segment, ...(NAMES_BY_FIELD.get(segment) ?? [])]
    const argument = command.registeredArguments.find((one) => names.includes(one.name()))
    if (argument !== undefined) return { name: `<${argument.name()}>`, isWhole }
    const flags = names
      .filter((name) => name !== 'url')
      .map((name) => `--${name.replaceAll('_', '-')}`)
    const option = command.options.find(({ long }) => flags.some((flag) => flag === long))
    if (option?.long != null) return { name: option.long, isWhole }
  }
  return undefined
}
