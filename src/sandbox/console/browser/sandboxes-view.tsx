import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from '../../../console/browser/context.ts'
import { useResource } from '../../../console/browser/live.ts'
import {
  ActionButton,
  Card,
  Dialog,
  Empty,
  Field,
  Form,
  ResourceView,
  ViewHead,
} from '../../../console/browser/parts.tsx'
import { showTime } from '../../../console/browser/show.ts'
import { useSandbox } from './sandbox-context.ts'
import { control, controlReading } from './server.ts'
import type { KeptSnapshot } from './wire.ts'

/** The program's sandboxes and their snapshots. */
export function SandboxesView(): JSX.Element {
  const { say } = useConsole()
  const { facts } = useSandbox()
  const [dialog, open] = useState<'tenant' | 'snapshot' | 'reset'>()
  const tenants = useResource(controlReading('listTenants', {}))
  const snapshots = useResource(controlReading('listSnapshots', {}))
  const close = () => open(undefined)
  const fork = async () => {
    const tenant = await control.call('forkTenant', {})
    say(`${tenant.name} is a copy of this sandbox.`)
  }
  return (
    <div>
      <ViewHead
        title="Sandboxes"
        actions={[
          <button key="new" type="button" class="primary" onClick={() => open('tenant')}>
            New sandbox
          </button>,
          facts.can_be_copied && (
            <ActionButton key="fork" onAction={fork}>
              Fork this one
            </ActionButton>
          ),
        ]}
      >
        Each sandbox has its own data, clock and address. It also has its own credentials, unless it
        is a copy of another sandbox. Creating one takes milliseconds.
      </ViewHead>
      {dialog === 'tenant' && (
        <NewTenantDialog onClose={close} snapshots={snapshots.answer?.snapshots ?? []} />
      )}
      {dialog === 'snapshot' && <SnapshotDialog onClose={close} />}
      {dialog === 'reset' && (
        <Dialog title="Reset this sandbox?" onClose={close}>
          <Form
            label="Reset sandbox"
            onSend={async () => {
              await control.call('resetSandbox', {})
              say('The sandbox was reset.')
              close()
            }}
          >
            <p>
              This deletes everything except the snapshots, the preset accounts and their
              credentials. The clock keeps its time.
            </p>
          </Form>
        </Dialog>
      )}
      <Card title="Sandboxes of this program">
        {
          <ResourceView
            resource={tenants}
            children={({ tenants: rows }) => (
              <ul class="lines">
                {rows.map((one) => (
                  <li key={one.name}>
                    <span>
                      <strong>{one.name}</strong>
                      {one.name === facts.name && <span class="tag">this one</span>}
                    </span>
                    <span class="mono clip">{one.base_url}</span>
                    {one.name !== facts.name && (
                      <a href={`${one.base_url}/console`} target="_blank" rel="noreferrer">
                        Open its console
                      </a>
                    )}
                    {one.name !== 'main' && one.name !== facts.name && (
                      <ActionButton
                        class="small"
                        successText={`${one.name} was deleted.`}
                        onAction={() => control.run('deleteTenant', { path: { name: one.name } })}
                      >
                        {'Delete'}
                        <span class="hidden">{` ${one.name}`}</span>
                      </ActionButton>
                    )}
                  </li>
                ))}
              </ul>
            )}
          />
        }
      </Card>
      <Card
        title="Snapshots"
        actions={
          facts.can_be_copied && [
            <button key="take" type="button" onClick={() => open('snapshot')}>
              Take a snapshot
            </button>,
            <button key="reset" type="button" class="danger" onClick={() => open('reset')}>
              Reset this sandbox
            </button>,
          ]
        }
      >
        {facts.can_be_copied ? (
          <ResourceView
            resource={snapshots}
            children={({ snapshots: rows }) =>
              rows.length === 0 ? (
                <Empty title="No snapshots.">
                  Take one with the button above before you try something, and restore it
                  afterwards. Snapshots are lost when the program stops.
                </Empty>
              ) : (
                <ul class="lines">
                  {rows.map((one) => (
                    <SnapshotRow key={one.name} snapshot={one} />
                  ))}
                </ul>
              )
            }
          />
        ) : (
          <Empty title="This sandbox cannot be copied.">
            Snapshots need the embedded database; this sandbox runs on PostgreSQL.
          </Empty>
        )}
      </Card>
    </div>
  )
}

function SnapshotRow({ snapshot }: { readonly snapshot: KeptSnapshot }): JSX.Element {
  const { byte_count: byteCount, name, time } = snapshot
  return (
    <li>
      <strong>{name}</strong>
      <span>{`${showTime(Date.parse(time))} UTC`}</span>
      <span class="soft">{`${Math.round(byteCount / 1024).toLocaleString('en')} KiB`}</span>
      <ActionButton
        class="small"
        successText={`The sandbox was restored from ${name}.`}
        onAction={() => control.call('restoreSnapshot', { body: { name } })}
      >
        {'Restore'}
        <span class="hidden">{` ${name}`}</span>
      </ActionButton>
      <ActionButton
        class="small"
        successText={`${name} was deleted.`}
        onAction={() => control.run('deleteSnapshot', { path: { name } })}
      >
        {'Delete'}
        <span class="hidden">{` ${name}`}</span>
      </ActionButton>
    </li>
  )
}

function NewTenantDialog({
  onClose,
  snapshots,
}: {
  readonly onClose: () => void
  readonly snapshots: readonly KeptSnapshot[]
}): JSX.Element {
  const { say } = useConsole()
  const [name, setName] = useState('')
  const [seed, setSeed] = useState('')
  const [snapshot, setSnapshot] = useState('')
  const send = async () => {
    const body = {
      ...(name !== '' && { name }),
      ...(seed !== '' && { seed }),
      ...(snapshot !== '' && { snapshot }),
    }
    const tenant = await control.call('createTenant', { body })
    say(`${tenant.name} listens at ${tenant.base_url}.`)
    onClose()
  }
  return (
    <Dialog title="New sandbox" onClose={onClose}>
      <Form label="Create sandbox" onSend={send}>
        <Field
          label="Name"
          value={name}
          onValue={setName}
          hint="Lowercase letters, digits and hyphens; empty: the next free name, such as tenant-1"
        />
        <Field
          label="Seed"
          value={seed}
          onValue={setSeed}
          hint="Makes ids, keys and times repeatable; empty: random"
        />
        <Field
          label="Start from"
          value={snapshot}
          onValue={setSnapshot}
          options={[['', 'empty'], ...snapshots.map((one) => [one.name, one.name] as const)]}
        />
      </Form>
    </Dialog>
  )
}

function SnapshotDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { say } = useConsole()
  const [name, setName] = useState('before')
  return (
    <Dialog title="Take a snapshot" onClose={onClose}>
      <Form
        label="Save snapshot"
        onSend={async () => {
          await control.call('takeSnapshot', { body: { name } })
          say(`${name} was saved.`)
          onClose()
        }}
      >
        <Field
          label="Name"
          value={name}
          onValue={setName}
          hint="A snapshot with the same name is replaced"
        />
      </Form>
    </Dialog>
  )
}
