import type { JSX } from 'preact'
import { LinkView } from '../../../console/browser/link-view.tsx'
import { LinksView } from '../../../console/browser/links-view.tsx'
import { ActionButton, Card, Field } from '../../../console/browser/parts.tsx'
import { MessageLines } from './messages-view.tsx'
import { control, controlReading, readObject } from './server.ts'
import type { LinkStory } from './wire.ts'

/** All payment links of the account. A developer can add any member to the request for a new one. */
export function SandboxLinks(): JSX.Element {
  return (
    <LinksView
      example={{ amount: '1499.90', description: 'Order 8841' }}
      more={{
        read: (text) => readObject('more fields', text),
        field: (text, onText) => (
          <details>
            <summary>More</summary>
            <Field
              label="More fields of the request, as JSON"
              value={text}
              onValue={onText}
              rows={4}
              hint={'Such as {"expires_at": "2027-01-31"}'}
            />
          </details>
        ),
      }}
    />
  )
}

/** One payment link, which a developer can let expire. */
export function SandboxLink({ id }: { readonly id: string }): JSX.Element {
  return (
    <LinkView
      id={id}
      reading={controlReading('readLinkTimeline', { path: { payment_link_id: id } })}
      actionsOf={(story) => <ExpireButton story={story} />}
      factsOf={({ stored_id: storedId }) => [['Stored id', <span class="mono">{storedId}</span>]]}
      cards={
        <Card title="Messages">
          <MessageLines query={{ payment_link_id: id }} />
        </Card>
      }
    />
  )
}

function ExpireButton({ story }: { readonly story: LinkStory }): JSX.Element | null {
  const { payment_link_id: id, status } = story.payment_links
  if (status !== 'active') return null
  return (
    <ActionButton
      successText={
        story.is_processing
          ? 'The link expires when its payment is decided, unless the payment succeeds.'
          : 'The payment link has expired.'
      }
      onAction={() => control.call('expirePaymentLink', { path: { payment_link_id: id } })}
    >
      Expire
    </ActionButton>
  )
}
