import { expect, test } from 'vitest'
import { flagOfField } from './flag-of-field.ts'
import { makeProgram } from './program.ts'

const program = makeProgram({})

test.each([
  ['clock advance', 'by', '<duration>'],
  ['event resend', 'webhook_url_id', '--endpoint'],
  ['fault delete', 'id', '<fault_id>'],
  ['link create', 'expires_at', '--expires-at'],
  ['link create', 'notify_customer.email', '--notify'],
  ['mandate enroll', 'mandate_details.end_date', '--end'],
  ['mandate enroll', 'mandate_details.max_amount', '--max'],
  ['mandate enroll', 'mandate_details.start_date', '--start'],
  ['mandate execute', 'mandate_notification_id', '--notification'],
  ['mandate notify', 'execution_date', '--on'],
  ['message list', 'payment_link_id', '--link'],
  ['payment-method save', 'card_name', '--name'],
  ['payment-method save', 'last_four_digits', '--last-four'],
  ['payout fail', 'failure_code', '--code'],
  ['virtual-account create', 'expires_at', '--expires'],
  ['virtual-account create', 'maximum_amount', '--maximum'],
  ['virtual-account create', 'minimum_amount', '--minimum'],
  ['virtual-account list', 'account_number', '--number'],
  ['virtual-account transfer', 'account_number', '<account_number>'],
  ['virtual-account transfer', 'payer_name', '--payer'],
])('an error of %s about the field %s names %s', (path, field, name) => {
  const [group, word] = path.split(' ')
  const command = program.commands
    .find((one) => one.name() === group)
    ?.commands.find((one) => one.name() === word)
  expect(command && flagOfField(field, command)?.name).toBe(name)
})
