import { ok } from '../api/answer.ts'
import { notFound } from '../api/errors.ts'
import { mandateStoryOf } from '../api/mandates/story.ts'
import { linkStoryOf } from '../api/payment-links/story.ts'
import { sessionStoryOf } from '../api/payment-sessions/story.ts'
import { renderOne } from '../api/render-envelope.ts'
import { type MandateId, type PaymentLinkId, type PaymentSessionId, parseId } from '../domain/id.ts'
import { isShownSession } from '../domain/records.ts'
import type { TimelineEntry } from '../wire/timeline-entry.ts'
import { accountRoute } from './console-route.ts'
import { maskRecipient } from './mask-contacts.ts'
import { LinkStoryAnswer, MandateStoryAnswer, SessionStoryAnswer } from './story-schemas.ts'

const tag = 'Timelines'

const readSessionStory = accountRoute({
  method: 'GET',
  url: '/paymentsessions/{payments_session_id}/story',
  operationId: 'readSessionStory',
  tag,
  summary: 'Retrieve a session with its timeline',
  description:
    'Returns the session, its payments and refunds, and a timeline of its status changes, processor results, messages, events and webhooks, oldest first.',
  answers: { 200: SessionStoryAnswer },
  handle: async ({ account, path, tenant: { clock, store } }) => {
    const id = parseId<PaymentSessionId>(path.payments_session_id)
    const session = id && (await store.paymentSessions.find(id))
    if (session?.accountId !== account.id || !isShownSession(session)) {
      throw notFound('payment session', 'payments_session_id')
    }
    const story = await sessionStoryOf({ store }, session, clock.nowMs())
    return ok(renderOne('session', withMaskedRecipients(story)))
  },
})

const readLinkStory = accountRoute({
  method: 'GET',
  url: '/paymentlinks/{payment_link_id}/story',
  operationId: 'readLinkStory',
  tag,
  summary: 'Retrieve a payment link with its timeline',
  description:
    'Returns the link with its payments, sessions and refunds. The timeline has the status changes, messages, events and webhooks of the link and of its sessions, oldest first.',
  answers: { 200: LinkStoryAnswer },
  handle: async ({ account, path, tenant: { clock, store } }) => {
    const id = parseId<PaymentLinkId>(path.payment_link_id)
    const link = id && (await store.paymentLinks.find(id))
    if (link?.accountId !== account.id) throw notFound('payment link', 'payment_link_id')
    const story = await linkStoryOf({ store }, link, account, clock.nowMs())
    return ok(renderOne('payment_link', withMaskedRecipients(story)))
  },
})

const readMandateStory = accountRoute({
  method: 'GET',
  url: '/mandates/{mandate_id}/story',
  operationId: 'readMandateStory',
  tag,
  summary: 'Retrieve a mandate with its enrollment and payments',
  description:
    'Returns the mandate with the session of its enrollment, the notices of its debits, and its payments.',
  answers: { 200: MandateStoryAnswer },
  handle: async ({ account, path, tenant: { clock, store } }) => {
    const id = parseId<MandateId>(path.mandate_id)
    const mandate = id && (await store.mandates.find(id))
    if (mandate?.accountId !== account.id) throw notFound('mandate', 'mandate_id')
    return ok(renderOne('mandate_story', await mandateStoryOf({ store }, mandate, clock.nowMs())))
  },
})

/** The console's routes that return an object with its timeline. */
export const STORY_ROUTES = [readSessionStory, readLinkStory, readMandateStory]

/** The recipients are in the field `detail` of entries, which `maskContacts` does not mask. */
function withMaskedRecipients<Story extends { readonly timeline: readonly TimelineEntry[] }>(
  story: Story,
): Story {
  const timeline = story.timeline.map((entry) =>
    entry.kind === 'message'
      ? { ...entry, detail: entry.detail && maskRecipient(entry.detail) }
      : entry,
  )
  return { ...story, timeline }
}
