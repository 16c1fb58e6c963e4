import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useResource } from '../../../console/browser/live.ts'
import { Code, Dialog, ResourceView } from '../../../console/browser/parts.tsx'
import { useSandbox } from './sandbox-context.ts'
import { controlReading } from './server.ts'
import { TEST_RUNNERS, type TestRunner, testCode } from './test-code.ts'
import type { SessionStory } from './wire.ts'

/** A button that shows the test of a session. */
export function TestButton({ story }: { readonly story: SessionStory }): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  return (
    <span>
      <button type="button" onClick={() => setOpen(true)}>
        Copy as test
      </button>
      {isOpen && <TestDialog story={story} onClose={() => setOpen(false)} />}
    </span>
  )
}

function TestDialog({
  onClose,
  story,
}: {
  readonly story: SessionStory
  readonly onClose: () => void
}): JSX.Element {
  const { facts } = useSandbox()
  const [runner, setRunner] = useState<TestRunner>('Vitest')
  const requests = useResource(
    controlReading('listRequests', {
      query: {
        payments_session_id: story.payments_session.payments_session_id,
        kind: 'api',
        path: 'POST /api/v1/paymentsessions',
        status: '2xx',
        limit: 1_000,
      },
    }),
  )
  return (
    <Dialog title="Copy as test" onClose={onClose}>
      <p class="soft">
        The test makes this session in a separate sandbox, pays it with the same outcomes, and
        expects the same status and webhooks.
      </p>
      <div class="tabs" role="group" aria-label="Test runner">
        {TEST_RUNNERS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={one === runner ? 'true' : 'false'}
            onClick={() => setRunner(one)}
          >
            {one}
          </button>
        ))}
      </div>
      <ResourceView
        resource={requests}
        children={({ requests: rows }) => (
          <Code
            label={`${runner} test`}
            wraps={false}
            text={testCode(runner, {
              story,
              createBody: rows.find(({ path }) => /\/paymentsessions(?:\?|$)/.test(path))?.request
                .body,
              usAccountId: facts.us_account_id,
              connectedAccountIds: facts.connected_account_ids,
            })}
          />
        )}
      />
    </Dialog>
  )
}
