import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { AnswerOf } from '../../client/calls.ts'
import { ACCOUNT_KEY_NAMES, type AccountKeyName } from '../../domain/account-key-name.ts'
import type { ConsoleMethodSchemas } from '../console-methods.ts'
import { consoleCalls, consoleReading } from './console-calls.ts'
import { useConsole } from './context.ts'
import { useResource } from './live.ts'
import { CreationButtons } from './new-account.tsx'
import {
  ActionButton,
  Card,
  Checkbox,
  CopyableText,
  Dialog,
  Facts,
  Field,
  Form,
  ResourceView,
  Status,
  Time,
  ViewHead,
} from './parts.tsx'
import { showMethod } from './show.ts'
import { type PlainKey, text } from './text.ts'

type Account = AnswerOf<ConsoleMethodSchemas, 'readAccount'>['account']
type Keys = AnswerOf<ConsoleMethodSchemas, 'rotateAccountKeys'>['keys']

/** The settings, the fee rates and the keys of the chosen account. */
export function AccountView(): JSX.Element {
  const { accountId, may } = useConsole()
  const query = { account_id: accountId }
  const resource = useResource(consoleReading('readAccount', { query }))
  const account = resource.answer?.account
  return (
    <div>
      <ViewHead
        title={text('Account')}
        actions={
          <div class="actions">
            <CreationButtons />
            {account && (
              <ActionButton
                onAction={() =>
                  consoleCalls.call(account.status === 'open' ? 'closeAccount' : 'reopenAccount', {
                    query,
                  })
                }
                successText={account.status === 'open' ? text('Closed.') : text('Reopened.')}
              >
                {account.status === 'open' ? text('Close the account') : text('Reopen the account')}
              </ActionButton>
            )}
          </div>
        }
      >
        {text('Every server applies changes within 20 seconds.')}
      </ViewHead>
      <ResourceView resource={resource}>
        {({ account: one }) => (
          <div class="columns" key={one.account_id}>
            <div>
              <Card title={text('Details')}>
                <Facts
                  rows={[
                    [text('Id'), <CopyableText text={one.account_id} what={text('account id')} />],
                    [text('Edition'), one.edition],
                    [
                      text('Status'),
                      <Status value={one.status} tone={one.status === 'open' ? 'good' : 'plain'} />,
                    ],
                    [
                      text('Closed'),
                      one.closed_time && <Time atMs={Date.parse(one.closed_time)} />,
                    ],
                    [text('Methods'), one.payment_methods.map(showMethod).join(', ')],
                  ]}
                />
              </Card>
              <FeeCard account={one} mayChange={may('change_fees')} />
              <KeyCard account={one} />
            </div>
            <SettingsCard account={one} />
          </div>
        )}
      </ResourceView>
    </div>
  )
}

function SettingsCard({ account }: { readonly account: Account }): JSX.Element {
  const { say } = useConsole()
  const [name, setName] = useState(account.name)
  const [descriptor, setDescriptor] = useState(account.statement_descriptor)
  const [origins, setOrigins] = useState(account.frame_origins.join('\n'))
  const [color, setColor] = useState(account.brand_color ?? '')
  const [terms, setTerms] = useState(account.terms_url ?? '')
  const [privacy, setPrivacy] = useState(account.privacy_url ?? '')
  const [showsPoweredBy, setShowsPoweredBy] = useState(account.powered_by)
  const [logo, setLogo] = useState<string>()
  const save = async () => {
    const query = { account_id: account.account_id }
    await consoleCalls.call('updateAccount', {
      query,
      body: {
        name,
        // An unchanged descriptor is not sent: it can be the default, which is the start of the name.
        ...(descriptor !== account.statement_descriptor && {
          statement_descriptor: orNone(descriptor),
        }),
        frame_origins: origins.split(/\s+/).filter(Boolean),
        brand_color: orNone(color),
        terms_url: orNone(terms),
        privacy_url: orNone(privacy),
        powered_by: showsPoweredBy,
        ...(logo !== undefined && { logo }),
      },
    })
    say(text('Saved.'))
  }
  return (
    <Card title={text('Settings')}>
      <Form label={text('Save')} onSend={save}>
        <div class="fields">
          <Field label={text('Name')} value={name} onValue={setName} />
          <Field
            label={text('Text on statements')}
            value={descriptor}
            onValue={setDescriptor}
            hint={text('At most 22 characters. Empty: the start of the name.')}
          />
          <Field
            label={text('Sites that may show the widget')}
            value={origins}
            onValue={setOrigins}
            rows={3}
            hint={text('One origin per line, such as https://shop.example')}
          />
          <Field
            label={text('Color of the pay button')}
            value={color}
            onValue={setColor}
            hint={text('Such as #1a56db')}
          />
          <Field label={text('Address of the terms')} value={terms} onValue={setTerms} />
          <Field label={text('Address of the privacy page')} value={privacy} onValue={setPrivacy} />
          <LogoField hasLogo={account.logo !== undefined} onLogo={setLogo} />
          <Checkbox
            label={text('Show “Powered by Paydesk”')}
            isOn={showsPoweredBy}
            onChange={setShowsPoweredBy}
          />
        </div>
      </Form>
    </Card>
  )
}

/** The choice of a logo. `onLogo` gets the image in Base64, or `none`. */
function LogoField({
  hasLogo,
  onLogo,
}: {
  readonly hasLogo: boolean
  readonly onLogo: (logo: string) => void
}): JSX.Element {
  const choose = async (event: Event) => {
    const file = (event.currentTarget as HTMLInputElement).files?.[0]
    if (file === undefined) return
    const bytes = new Uint8Array(await file.arrayBuffer())
    onLogo(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')))
  }
  return (
    <div class="field">
      <label for="logo">{text('Logo')}</label>
      <input id="logo" type="file" accept="image/png,image/jpeg,image/webp" onChange={choose} />
      <p class="hint">
        {text(
          'PNG, JPEG or WebP, at most 44 KiB. The command paydesk account update accepts files of up to 64 KiB.',
        )}
      </p>
      {hasLogo && (
        <Checkbox label={text('Remove the logo')} isOn={false} onChange={() => onLogo('none')} />
      )}
    </div>
  )
}

function FeeCard({
  account,
  mayChange,
}: {
  readonly account: Account
  readonly mayChange: boolean
}): JSX.Element {
  const { say } = useConsole()
  const last = account.rate_changes?.at(-1) ?? account
  const [fee, setFee] = useState(last.fee_rate)
  const [tax, setTax] = useState(last.tax_rate)
  const [from, setFrom] = useState('')
  const save = async () => {
    await consoleCalls.call('changeFeeRates', {
      query: { account_id: account.account_id },
      body: { fee_rate: fee, tax_rate: tax, ...(from !== '' && { from }) },
    })
    say(text('Saved the fee rates.'))
  }
  const rows = [{ from: undefined, ...account }, ...(account.rate_changes ?? [])]
  return (
    <Card title={text('Fee rates')}>
      <Facts
        rows={rows.map((one) => [
          one.from === undefined
            ? text('From the start')
            : text('From {time}', { time: `${one.from.slice(0, 16)}Z` }),
          text('{fee} %, and {tax} % tax on the fee', { fee: one.fee_rate, tax: one.tax_rate }),
        ])}
      />
      {mayChange && (
        <Form label={text('Change the rates')} onSend={save}>
          <div class="fields">
            <Field label={text('Fee in percent')} value={fee} onValue={setFee} />
            <Field label={text('Tax on the fee in percent')} value={tax} onValue={setTax} />
            <Field
              label={text('First day')}
              value={from}
              onValue={setFrom}
              input={{ type: 'date' }}
              hint={text('Empty: from now on')}
            />
          </div>
        </Form>
      )}
    </Card>
  )
}

const KEY_TITLES: Readonly<Record<AccountKeyName, PlainKey>> = {
  signing: 'Signing key',
  api: 'API key',
  owner: 'Owner key',
}
const PREVIOUS_KEY_TITLES: Readonly<Record<AccountKeyName, PlainKey>> = {
  signing: 'Previous signing key',
  api: 'Previous API key',
  owner: 'Previous owner key',
}

function KeyCard({ account }: { readonly account: Account }): JSX.Element {
  const [names, setNames] = useState<readonly AccountKeyName[]>([])
  const [overlap, setOverlap] = useState('24h')
  const [keys, setKeys] = useState<Keys>()
  const rotate = async () => {
    const query = { account_id: account.account_id }
    const body = { keys: names, overlap }
    setKeys(await consoleCalls.call('rotateAccountKeys', { query, body }))
    setNames([])
  }
  return (
    <Card title={text('Keys')}>
      <Facts
        rows={ACCOUNT_KEY_NAMES.map((name) => {
          const end = account[`previous_${name}_key_expires`]
          return [
            text(PREVIOUS_KEY_TITLES[name]),
            end && (
              <span key={name}>
                {text('valid until {time}', { time: <Time atMs={Date.parse(end)} /> })}
              </span>
            ),
          ]
        })}
      />
      <Form label={text('Replace the chosen keys')} onSend={rotate}>
        <fieldset>
          <legend>{text('Keys to replace')}</legend>
          {ACCOUNT_KEY_NAMES.map((name) => (
            <Checkbox
              key={name}
              label={text(KEY_TITLES[name])}
              isOn={names.includes(name)}
              onChange={(isOn) =>
                setNames((before) => [
                  ...before.filter((one) => one !== name),
                  ...(isOn ? [name] : []),
                ])
              }
            />
          ))}
        </fieldset>
        <Field
          label={text('The replaced keys stay valid for')}
          value={overlap}
          onValue={setOverlap}
          hint={text('Such as 2h or 7d, at most 30d. 0 for a leaked key.')}
        />
      </Form>
      {keys && (
        <Dialog title={text('The new keys')} onClose={() => setKeys(undefined)}>
          <p>{text('They are not shown again: store them now.')}</p>
          <Facts
            rows={ACCOUNT_KEY_NAMES.map((name) => {
              const key = keys[`${name}_key`]
              return [
                text(KEY_TITLES[name]),
                key && <CopyableText key={name} text={key} what={text(KEY_TITLES[name])} />,
              ]
            })}
          />
        </Dialog>
      )}
    </Card>
  )
}

function orNone(text: string): string {
  return text.trim() || 'none'
}
