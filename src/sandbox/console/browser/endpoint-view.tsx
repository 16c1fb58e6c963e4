import type { JSX } from 'preact'
import { useConsole } from '../../../console/browser/context.ts'
import { EndpointView } from '../../../console/browser/endpoint-view.tsx'
import { useResource } from '../../../console/browser/live.ts'
import { Card } from '../../../console/browser/parts.tsx'
import { viewPath } from '../../../console/browser/router.tsx'
import { FaultSwitches, WEBHOOK_SWITCHES } from './fault-switches.tsx'
import { controlReading } from './server.ts'

/** One endpoint with its signing keys and the faults of webhooks, which only a sandbox shows. */
export function SandboxEndpoint({ id }: { readonly id: string }): JSX.Element {
  const { accountId } = useConsole()
  const keys = useResource(controlReading('listWebhookKeys', { query: { account_id: accountId } }))
  const endpoint = keys.answer?.webhook_keys.find((one) => one.webhook_url_id === id)
  return (
    <EndpointView
      id={id}
      signingKeys={endpoint?.signing_keys ?? []}
      noDeliveries={[
        'Pay a session, or send a test event in ',
        <a key="webhooks" href={viewPath('webhooks')}>
          Webhooks
        </a>,
        '.',
      ]}
      cards={
        <Card title="Inject failures">
          <p class="soft">
            These failures affect all webhooks of this sandbox. Your server should handle each kind
            of failure.
          </p>
          <FaultSwitches switches={WEBHOOK_SWITCHES} />
        </Card>
      }
    />
  )
}
