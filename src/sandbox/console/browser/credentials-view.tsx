import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { useResource } from '../../../console/browser/live.ts'
import { Card, Code, CopyableText, Facts, ViewHead } from '../../../console/browser/parts.tsx'
import { viewPath } from '../../../console/browser/router.tsx'
import { useSandbox } from './sandbox-context.ts'
import { controlReading } from './server.ts'
import { LANGUAGES, type Language, sessionSnippet, webhookSnippet } from './snippets.ts'

/** The webhook key to show if there is no endpoint yet. */
const NO_KEY = 'whsec_the_signing_key_of_your_endpoint'

/** The sandbox's credentials, and code that uses them. */
export function CredentialsView(): JSX.Element {
  const { accountId } = useConsole()
  const { facts } = useSandbox()
  const [language, setLanguage] = useState<Language>('curl')
  const keys = useResource(controlReading('listWebhookKeys', { query: { account_id: accountId } }))
  const key = keys.answer?.webhook_keys[0]?.signing_keys[0]
  const values = {
    baseUrl: facts.base_url,
    accountId,
    accessToken: facts.access_token,
    currency: accountId === facts.us_account_id ? 'USD' : 'INR',
    webhookKey: key ?? NO_KEY,
  }
  const rows: readonly (readonly [string, string])[] = [
    ['Base URL', facts.base_url],
    ['Account, IN', facts.account_id],
    ['Account, US', facts.us_account_id],
    ['Access token', facts.access_token],
    ['Client id', facts.client_id],
    ['Client secret', facts.client_secret],
    ['Refresh token', facts.refresh_token],
    ['Signing key', facts.signing_key],
    ['API key', facts.api_key],
  ]
  return (
    <div>
      <ViewHead title="Credentials">
        Credentials of this sandbox. They do not work in live mode.
      </ViewHead>
      <Card title="Credentials">
        <Facts
          rows={rows.map(
            ([name, text]) => [name, <CopyableText text={text} what={name} />] as const,
          )}
        />
        <p class="soft">
          The signing key signs redirects and the widget’s answers. Each webhook endpoint has its
          own key.
        </p>
      </Card>
      <Card title="Snippets">
        <div class="tabs" role="group" aria-label="Language">
          {LANGUAGES.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === language ? 'true' : 'false'}
              onClick={() => setLanguage(one)}
            >
              {one}
            </button>
          ))}
        </div>
        <h3>Create a payment session</h3>
        <Code
          label={`${language}: create a session`}
          wraps={false}
          text={sessionSnippet(language, values)}
        />
        <h3>Verify a webhook</h3>
        <p class="soft">
          {key === undefined
            ? [
                'There is no endpoint yet: ',
                <a key="webhooks" href={viewPath('webhooks')}>
                  create one
                </a>,
                ', and its key is shown here.',
              ]
            : 'With the key of your first endpoint.'}
        </p>
        <Code
          label={`${language}: verify a webhook`}
          wraps={false}
          text={webhookSnippet(language, values)}
        />
      </Card>
    </div>
  )
}
