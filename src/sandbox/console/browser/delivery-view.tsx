import { h, type JSX } from 'preact'
import { useState } from 'preact/hooks'
import { FaultSwitches, WEBHOOK_SWITCHES } from './fault-switches.tsx'
import { useResource } from './live.ts'
import { Act, Card, Code, Copied, Empty, Facts, Shown, Status, Time, ViewHead } from './parts.tsx'
import { IdLink, to } from './router.tsx'
import { ask, withQuery } from './server.ts'
import { prettyJson, showDuration, showTime } from './show.ts'
import type { InspectedDelivery, Post, SignatureSteps } from './wire.ts'

/** The inspector: one event for one endpoint, each POST of it, and how that was signed. */
export function DeliveryView({
  endpointId,
  eventId,
}: {
  readonly endpointId: string
  readonly eventId: string
}): JSX.Element {
  const path = `/webhooks/${encodeURIComponent(endpointId)}/deliveries/${encodeURIComponent(eventId)}`
  const delivery = useResource<{ delivery: InspectedDelivery }>(path)
  const [chosen, choose] = useState<number>()
  const told = delivery.answer?.delivery
  return h(
    'div',
    null,
    h(ViewHead, {
      title: told?.event_type ?? `Event ${eventId}`,
      up: { href: to('webhooks', endpointId), text: told?.webhook.name ?? 'Endpoint' },
      actions:
        told &&
        h(
          Act,
          {
            class: 'primary',
            done: 'It is sent again.',
            onAct: async () => {
              choose(undefined)
              await ask(
                'POST',
                withQuery(`/api${path}/resend`, { account_id: told.account_id }),
                {},
              )
            },
          },
          'Resend',
        ),
    }),
    h(Shown<{ delivery: InspectedDelivery }>, {
      of: delivery,
      children: ({ delivery: one }) => {
        const post = one.posts.find(({ number }) => number === chosen) ?? one.posts[0]
        return h(
          'div',
          null,
          h(
            'div',
            { class: 'columns' },
            h(
              Card,
              { title: 'Delivery' },
              h(Facts, {
                rows: [
                  ['Status', h(Status, { value: one.status })],
                  ['To', h('span', { class: 'mono anywhere' }, one.webhook.url)],
                  ['Event id', h(Copied, { text: String(one.event_id), what: 'event id' })],
                  ['Session', h(IdLink, { of: 'sessions', id: one.payments_session_id })],
                  [
                    'Next try',
                    one.next_attempt_time && `${showTime(one.next_attempt_time * 1000)} UTC`,
                  ],
                ],
              }),
              h('h3', null, 'Tries'),
              one.posts.length === 0
                ? h(
                    Empty,
                    { title: 'It was not sent yet.' },
                    'It waits for its endpoint, or its time.',
                  )
                : h(
                    'ul',
                    { class: 'lines tries' },
                    one.posts.map((tried) =>
                      h(
                        'li',
                        { key: tried.number },
                        h(
                          'button',
                          {
                            type: 'button',
                            class: 'small',
                            'aria-pressed': tried === post ? 'true' : 'false',
                            onClick: () => choose(tried.number),
                          },
                          `Try ${tried.number}`,
                        ),
                        h(Time, { atMs: tried.time_ms }),
                        h(Status, { value: tried.http_status ?? 'no answer' }),
                        tried.fault_id !== undefined &&
                          h('a', { href: to('faults') }, `by ${tried.fault_id}`),
                      ),
                    ),
                  ),
            ),
            h(
              Card,
              { title: 'Break it' },
              h('p', { class: 'soft' }, 'Switch something on, then press Resend.'),
              h(FaultSwitches, { switches: WEBHOOK_SWITCHES }),
            ),
          ),
          post && h(PostDetail, { post, key: post.number }),
        )
      },
    }),
  )
}

function PostDetail({ post }: { readonly post: Post }): JSX.Element {
  const { body, changed_at: changedAt, headers, number } = post
  return h(
    'div',
    null,
    changedAt !== undefined &&
      h(
        'p',
        { class: 'notice bad' },
        h('strong', null, 'This body is not the one that was signed. '),
        `Character ${changedAt + 1} was changed on its way: “${body.slice(Math.max(0, changedAt - 20), changedAt + 20)}”. A receiver must refuse it.`,
      ),
    h(
      'div',
      { class: 'columns' },
      h(
        Card,
        { title: `Try ${number}: raw body` },
        h(Code, { label: 'raw body', text: body }),
        h('p', { class: 'soft' }, 'These bytes are signed: spaces, order and digits count.'),
        h(
          'details',
          null,
          h('summary', null, 'Over several lines, to read'),
          h(Code, { label: 'body, formatted', text: prettyJson(body) }),
        ),
      ),
      h(
        'div',
        null,
        h(
          Card,
          { title: 'Headers' },
          !post.is_logged &&
            h(
              'p',
              { class: 'soft' },
              'The log holds this try no more. These are made anew from the event, its time and the keys of now.',
            ),
          h(
            'dl',
            { class: 'facts headers' },
            Object.entries(headers).map(([name, value]) =>
              h('div', { key: name }, h('dt', null, name), h('dd', null, value)),
            ),
          ),
        ),
        h(
          Card,
          { title: 'Answer' },
          h(Facts, {
            rows: [
              ['Status', h(Status, { value: post.http_status ?? 'no answer' })],
              ['Why', post.failure],
              ['Took', showDuration(post.duration_ms)],
              [
                'Log',
                post.request_ids.length > 0 &&
                  h(
                    'span',
                    null,
                    post.request_ids.map((id, index) => [
                      index > 0 && ', ',
                      h('a', { key: id, href: to('requests', id) }, `request ${id}`),
                    ]),
                    post.request_ids.length > 1 && ` (sent ${post.request_ids.length} times)`,
                  ),
              ],
            ],
          }),
          post.response_body !== undefined &&
            post.response_body !== '' &&
            h(Code, { label: 'answer body', text: post.response_body }),
        ),
      ),
    ),
    h(
      'div',
      { class: 'columns' },
      post.signatures.map((steps, index) => h(Steps, { key: index, body, steps })),
    ),
  )
}

const FAMILIES = { zoho: 'Zoho’s signature', standard: 'Standard Webhooks’ signature' } as const
/** How much of a long body the message shows. */
const SHOWN_CHARACTERS = 60

function Steps({
  body,
  steps,
}: {
  readonly steps: SignatureSteps
  readonly body: string
}): JSX.Element {
  const {
    agrees,
    encoding,
    family,
    header,
    hmac,
    key,
    key_use: keyUse,
    prefix,
    sent,
    value,
  } = steps
  const shown = body.length > SHOWN_CHARACTERS ? `${body.slice(0, SHOWN_CHARACTERS)}…` : body
  return h(
    Card,
    { title: FAMILIES[family], class: 'steps' },
    h(
      'ol',
      null,
      h(
        'li',
        null,
        h(
          'p',
          null,
          h('strong', null, 'The message: '),
          `${steps.prefix_parts}, then the raw body.`,
        ),
        h('pre', { class: 'wraps' }, h('code', null, h('mark', null, prefix), shown)),
      ),
      h(
        'li',
        null,
        h('p', null, h('strong', null, 'The key: '), `${keyUse}.`),
        h(Copied, { text: key, what: `key of ${FAMILIES[family]}` }),
      ),
      h(
        'li',
        null,
        h(
          'p',
          null,
          h('strong', null, 'HMAC-SHA256'),
          ` of the message with the key, in ${encoding}.`,
        ),
        h(Copied, { text: hmac, what: `HMAC of ${FAMILIES[family]}` }),
      ),
      h(
        'li',
        null,
        h(
          'p',
          null,
          h('strong', null, 'The header '),
          h('code', null, header),
          ', as it was sent.',
        ),
        h('pre', { class: 'wraps' }, h('code', null, marked(sent, value))),
      ),
    ),
    h(
      'p',
      { class: `verdict ${agrees ? 'good' : 'bad'}` },
      agrees
        ? 'They agree: the webhook is ours, and nobody has changed it.'
        : 'They do not agree: the body was changed, or another key has signed it.',
    ),
  )
}

/** Marks the part of a text that another is. */
function marked(text: string, part: string) {
  const at = text.indexOf(part)
  return at < 0
    ? text
    : [text.slice(0, at), h('mark', { key: 'part' }, part), text.slice(at + part.length)]
}
