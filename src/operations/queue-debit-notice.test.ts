import { expect, test } from 'vitest'
import { openMemoryStore } from '../../test/support/memory-store.ts'
import {
  ACCOUNT,
  account,
  customerOf,
  mandateNotificationOf,
  mandateOf,
} from '../../test/support/stored-rows.ts'
import type { CustomerRecord } from '../domain/customer.ts'
import { MESSAGE_CHANNELS, type MessageChannel } from '../domain/message.ts'
import { queueDebitNotice } from './queue-debit-notice.ts'

const EMAIL = 'asha@shop.test'
const PHONE = { digits: '9000000001', dialingCode: '+91' }
const NOTHING_ELSE = ['upi_app success@paydesk']

const withoutContact = (more: Partial<CustomerRecord>): CustomerRecord => {
  const { email: _, phone: __, ...customer } = customerOf(ACCOUNT)
  return { ...customer, ...more }
}

type Row = readonly [
  customer: Partial<CustomerRecord>,
  channels: readonly MessageChannel[],
  messages: readonly string[],
]
const ROWS: readonly Row[] = [
  [{ email: EMAIL, phone: PHONE }, MESSAGE_CHANNELS, [`email ${EMAIL}`, ...NOTHING_ELSE]],
  [{ phone: PHONE }, MESSAGE_CHANNELS, ['sms +919000000001', ...NOTHING_ELSE]],
  [{ email: EMAIL, phone: PHONE }, ['email'], [`email ${EMAIL}`]],
  [{ email: EMAIL, phone: PHONE }, ['sms'], ['sms +919000000001']],
  [{ email: EMAIL, phone: { digits: '9000000001' } }, ['sms'], ['sms +919000000001']],
  [{ email: EMAIL }, ['sms'], []],
  [{}, MESSAGE_CHANNELS, NOTHING_ELSE],
  [{ email: EMAIL, phone: PHONE }, [], []],
]

test.each(ROWS)(
  'a customer with %o and the channels %j gets %j, once',
  async (more, messageChannels, expected) => {
    const { clock, ids, store } = await openMemoryStore()
    try {
      const mandate = mandateOf({ upiId: 'success@paydesk' })
      const notification = mandateNotificationOf(mandate)
      const customer = withoutContact(more)
      const facts = { account: account(ACCOUNT), mandate, customer, language: 'hi' } as const
      const deps = { clock, ids, messageChannels, mode: 'live' } as const
      await store.transaction((tx) => tx.accounts.insert(account(ACCOUNT), clock.nowMs()))
      for (let time = 0; time < 2; time += 1) {
        await store.transaction((tx) => queueDebitNotice(tx, deps, notification, facts))
      }
      const messages = await store.messages.listBySubject(notification.id, 10)
      expect(messages.map(({ channel, recipient }) => `${channel} ${recipient}`).sort()).toEqual(
        expected,
      )
      for (const { content, language, status } of messages) {
        expect([content.kind, language, status]).toEqual(['mandate_notice', 'hi', 'queued'])
      }
    } finally {
      await store.close()
    }
  },
)
