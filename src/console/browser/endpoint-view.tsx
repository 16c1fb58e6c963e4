import type { ComponentChildren, JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Webhook } from '../../client/types.ts'
import type { WebhookEventType } from '../../domain/webhook-event.ts'
import { api, apiReading } from './connection.ts'
import { useConsole } from './context.ts'
import { pageInAddress } from './filters.tsx'
import { List } from './list.tsx'
import { useResource } from './live.ts'
import { PagedView } from './paged-view.tsx'
import {
  ActionButton,
  Card,
  CopyableText,
  Dialog,
  Empty,
  Facts,
  Field,
  Form,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { ReplayButton } from './replay-button.tsx'
import { go, setQueryOf, viewPath } from './router.tsx'
import { showTime } from './show.ts'
import { SigningKeyNote } from './signing-key-note.tsx'
import { text } from './text.ts'
import { TypesFieldset } from './webhooks-view.tsx'

type EndpointOperation = {
  readonly path: { readonly webhook_url_id: string }
  readonly query: { readonly account_id: string }
}

/** One endpoint with all its deliveries. */
export function EndpointView({
  cards,
  id,
  noDeliveries = text(
    'While the endpoint is active, it gets each event of the types to which it subscribes.',
  ),
  signingKeys,
}: {
  readonly id: string
  /** The cards beside the facts. */
  readonly cards?: ComponentChildren
  /** The next step while the endpoint has no deliveries. */
  readonly noDeliveries?: ComponentChildren
  /** The current key and the previous one. Undefined: they are not known, so a rotation shows the new key once. */
  readonly signingKeys?: readonly string[]
}): JSX.Element {
  const { accountId } = useConsole()
  const operation = { path: { webhook_url_id: id }, query: { account_id: accountId } }
  const endpoint = useResource(apiReading('retrieveWebhook', operation))
  const details = endpoint.answer?.webhook
  return (
    <div>
      <ViewHead
        title={details?.name ?? text('Endpoint {id}', { id })}
        up={{ href: viewPath('webhooks'), text: text('Webhooks') }}
        actions={
          details && (
            <EndpointActions
              endpoint={details}
              operation={operation}
              showsKey={signingKeys === undefined}
            />
          )
        }
      />
      {
        <ResourceView
          resource={endpoint}
          children={({ webhook }) => (
            <div>
              <div class="columns">
                <Card title={text('Details')}>
                  <Facts
                    rows={[
                      [text('Status'), <Status value={webhook.status} />],
                      [text('URL'), <CopyableText text={webhook.url} what={text('URL')} />],
                      [
                        text('Signing key'),
                        signingKeys?.[0] && (
                          <CopyableText text={signingKeys[0]} what={text('signing key')} />
                        ),
                      ],
                      [
                        text('Previous key'),
                        webhook.previous_key_expiry_time &&
                          text('also signs until {time} UTC', {
                            time: showTime(webhook.previous_key_expiry_time * 1000),
                          }),
                      ],
                      [text('Events'), webhook.enabled_events.join(', ')],
                      [text('Created'), <Time atMs={webhook.created_time * 1000} />],
                      [
                        text('Id'),
                        <CopyableText text={webhook.webhook_url_id} what={text('endpoint id')} />,
                      ],
                    ]}
                  />
                </Card>
                {cards}
              </div>
              <Deliveries id={id} empty={noDeliveries} />
            </div>
          )}
        />
      }
    </div>
  )
}

function EndpointActions({
  endpoint,
  operation,
  showsKey,
}: {
  readonly endpoint: Webhook
  readonly operation: EndpointOperation
  readonly showsKey: boolean
}): JSX.Element {
  const { may } = useConsole()
  const [dialog, open] = useState<'change' | 'delete'>()
  const { name, status } = endpoint
  const isActive = status === 'active'
  const close = () => open(undefined)
  return (
    <div class="actions">
      {isActive && may('resend_webhooks') && <ReplayButton operation={operation} />}
      {may('change_webhooks') && [
        <ActionButton
          key="pause"
          successText={
            isActive
              ? text(
                  'The endpoint is paused. Events of the pause are sent only if you replay them later.',
                )
              : text('Deliveries are resumed.')
          }
          onAction={() =>
            api.call('updateWebhook', {
              ...operation,
              body: { status: isActive ? 'inactive' : 'active' },
            })
          }
        >
          {isActive ? text('Pause') : text('Activate')}
        </ActionButton>,
        <button key="change" type="button" onClick={() => open('change')}>
          {text('Change')}
        </button>,
        <NewKeyButton key="key" operation={operation} showsKey={showsKey} />,
        <button key="delete" type="button" class="danger" onClick={() => open('delete')}>
          {text('Delete')}
        </button>,
      ]}
      {dialog === 'change' && (
        <ChangeDialog endpoint={endpoint} operation={operation} onClose={close} />
      )}
      {dialog === 'delete' && (
        <Dialog title={text('Delete {name}?', { name })} onClose={close}>
          <Form
            label={text('Delete endpoint')}
            onSend={async () => {
              await api.run('deleteWebhook', operation)
              close()
              go(viewPath('webhooks'))
            }}
          >
            <p>
              {text(
                'The pending and held deliveries of the endpoint are canceled, and its log can no longer be read.',
              )}
            </p>
          </Form>
        </Dialog>
      )}
    </div>
  )
}

/** `showsKey`: shows the new key, because no later answer has it. */
function NewKeyButton({
  operation,
  showsKey,
}: {
  readonly operation: EndpointOperation
  readonly showsKey: boolean
}): JSX.Element {
  const [signingKey, setSigningKey] = useState<string>()
  const rotate = async () => {
    const { signing_key: key } = await api.call('rotateWebhookKey', operation)
    if (showsKey) setSigningKey(key)
  }
  return (
    <span>
      <ActionButton
        onAction={rotate}
        successText={text('The key was rotated. For one day the previous key also signs.')}
      >
        {text('New key')}
      </ActionButton>
      {signingKey !== undefined && (
        <Dialog title={text('Signing key')} onClose={() => setSigningKey(undefined)}>
          <SigningKeyNote signingKey={signingKey} />
        </Dialog>
      )}
    </span>
  )
}

function ChangeDialog({
  endpoint,
  onClose,
  operation,
}: {
  readonly endpoint: Webhook
  readonly operation: EndpointOperation
  readonly onClose: () => void
}): JSX.Element {
  const { say } = useConsole()
  const [name, setName] = useState(endpoint.name)
  const [url, setUrl] = useState(endpoint.url)
  const [types, setTypes] = useState<readonly WebhookEventType[]>(endpoint.enabled_events)
  const send = async () => {
    const body = {
      name,
      enabled_events: types,
      // The server sends a test event to a new URL.
      ...(url !== endpoint.url && { url }),
    }
    await api.call('updateWebhook', { ...operation, body })
    say(text('Endpoint updated.'))
    onClose()
  }
  return (
    <Dialog title={text('Change {name}', { name: endpoint.name })} onClose={onClose}>
      <Form label={text('Save changes')} onSend={send}>
        <Field label={text('Name')} value={name} onValue={setName} />
        <Field label={text('URL')} value={url} onValue={setUrl} />
        <TypesFieldset types={types} onTypes={setTypes} />
      </Form>
    </Dialog>
  )
}

function Deliveries({
  empty,
  id,
}: {
  readonly id: string
  readonly empty: ComponentChildren
}): JSX.Element {
  const { accountId } = useConsole()
  const query = new URLSearchParams(location.search)
  const status = query.get('status') ?? ''
  const deliveries = useResource(
    apiReading('listWebhookDeliveries', {
      path: { webhook_url_id: id },
      query: { account_id: accountId, status, page: pageInAddress() },
    }),
  )
  return (
    <Card
      title={text('Deliveries')}
      actions={
        <Field
          label={text('Status')}
          value={status}
          onValue={setQueryOf('status')}
          options={[['', text('all')], 'pending', 'delivered', 'given_up', 'held', 'canceled']}
          class="inline"
        />
      }
    >
      {
        <PagedView
          resource={deliveries}
          rowsOf={(answer) => answer.deliveries}
          count={['{count} delivery', '{count} deliveries']}
          empty={
            <Empty
              title={status === '' ? text('No deliveries yet.') : text('No matching deliveries.')}
            >
              {empty}
            </Empty>
          }
        >
          {(rows) => (
            <List
              label={text('Deliveries')}
              columns={[
                { title: text('Time'), class: 'when', isSorted: true },
                { title: text('Event'), class: 'main' },
                { title: text('Status') },
                { title: text('Attempts'), class: 'amount' },
                { title: text('Last answer') },
                { title: text('Next attempt'), class: 'wide' },
              ]}
              rows={rows.map((one) => ({
                key: String(one.event_id),
                cells: [
                  <Time atMs={one.created_time * 1000} />,
                  <a href={viewPath('webhooks', id, 'deliveries', String(one.event_id))}>
                    {one.event_type}
                    <span class="hidden">{` ${one.event_id}`}</span>
                  </a>,
                  <Status value={one.status} />,
                  one.attempt_count,
                  one.http_status === undefined ? (
                    one.attempt_count > 0 && <Status value="no answer" />
                  ) : (
                    <Status value={one.http_status} />
                  ),
                  one.next_attempt_time !== undefined && (
                    <Time atMs={one.next_attempt_time * 1000} />
                  ),
                ],
              }))}
            />
          )}
        </PagedView>
      }
    </Card>
  )
}
