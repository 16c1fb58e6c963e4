import { h, type JSX } from 'preact'
import { useState } from 'preact/hooks'
import { useConsole } from './context.ts'
import { useResource } from './live.ts'
import { Act, Card, Dialog, Empty, Field, Form, Shown, ViewHead } from './parts.tsx'
import { ask } from './server.ts'
import { showTime } from './show.ts'
import type { KeptSnapshot, Tenant } from './wire.ts'

/** The program's sandboxes, and kept states of them. */
export function SandboxesView(): JSX.Element {
  const { facts, say } = useConsole()
  const [opened, open] = useState<'tenant' | 'snapshot' | 'reset'>()
  const tenants = useResource<{ tenants: Tenant[] }>('/tenants')
  const snapshots = useResource<{ snapshots: KeptSnapshot[] }>('/snapshots')
  const close = () => open(undefined)
  const fork = async () => {
    const { tenant } = await ask<{ tenant: Tenant }>('POST', '/fork', {})
    say(`${tenant.name} holds all that this sandbox held.`)
  }
  return h(
    'div',
    null,
    h(
      ViewHead,
      {
        title: 'Sandboxes',
        actions: [
          h(
            'button',
            { key: 'new', type: 'button', class: 'primary', onClick: () => open('tenant') },
            'New sandbox',
          ),
          facts.can_be_copied && h(Act, { key: 'fork', onAct: fork }, 'Fork this one'),
        ],
      },
      'Each has its own data, clock and credentials, at an address of its own. One for each test costs milliseconds.',
    ),
    opened === 'tenant' &&
      h(NewTenantDialog, { onClose: close, snapshots: snapshots.answer?.snapshots ?? [] }),
    opened === 'snapshot' && h(SnapshotDialog, { onClose: close }),
    opened === 'reset' &&
      h(
        Dialog,
        { title: 'Reset this sandbox?', onClose: close },
        h(
          Form,
          {
            label: 'Reset it',
            onSend: async () => {
              await ask('POST', '/reset', {})
              say('The sandbox is as new.')
              close()
            },
          },
          h(
            'p',
            null,
            'Everything that it holds goes, but its accounts and credentials: sessions, payments, endpoints, faults and the log. The clock goes on.',
          ),
        ),
      ),
    h(
      Card,
      { title: 'Sandboxes of this program' },
      h(Shown<{ tenants: Tenant[] }>, {
        of: tenants,
        children: ({ tenants: rows }) =>
          h(
            'ul',
            { class: 'lines' },
            rows.map((one) =>
              h(
                'li',
                { key: one.name },
                h(
                  'span',
                  null,
                  h('strong', null, one.name),
                  one.name === facts.name && h('span', { class: 'tag' }, 'this one'),
                ),
                h('span', { class: 'mono clip' }, one.base_url),
                one.name !== facts.name &&
                  h(
                    'a',
                    { href: `${one.base_url}/console`, target: '_blank', rel: 'noreferrer' },
                    'Open its console',
                  ),
                one.name !== 'main' &&
                  one.name !== facts.name &&
                  h(
                    Act,
                    {
                      class: 'small',
                      done: `${one.name} was thrown away.`,
                      onAct: () => ask('DELETE', `/tenants/${one.name}`, {}),
                    },
                    'Delete',
                    h('span', { class: 'hidden' }, ` ${one.name}`),
                  ),
              ),
            ),
          ),
      }),
    ),
    h(
      Card,
      {
        title: 'Snapshots',
        actions: facts.can_be_copied && [
          h(
            'button',
            { key: 'take', type: 'button', onClick: () => open('snapshot') },
            'Take a snapshot',
          ),
          h(
            'button',
            { key: 'reset', type: 'button', class: 'danger', onClick: () => open('reset') },
            'Reset this sandbox',
          ),
        ],
      },
      facts.can_be_copied
        ? h(Shown<{ snapshots: KeptSnapshot[] }>, {
            of: snapshots,
            children: ({ snapshots: rows }) =>
              rows.length === 0
                ? h(
                    Empty,
                    { title: 'No state was kept yet.' },
                    'Take a snapshot, change what you like, and bring it back. Snapshots live as long as the program.',
                  )
                : h(
                    'ul',
                    { class: 'lines' },
                    rows.map((one) => h(SnapshotRow, { key: one.name, snapshot: one })),
                  ),
          })
        : h(
            Empty,
            { title: 'This sandbox cannot be copied.' },
            'Snapshots need the embedded database, and it runs on PostgreSQL.',
          ),
    ),
  )
}

function SnapshotRow({ snapshot }: { readonly snapshot: KeptSnapshot }): JSX.Element {
  const { byte_count: byteCount, name, time } = snapshot
  return h(
    'li',
    null,
    h('strong', null, name),
    h('span', null, `${showTime(Date.parse(time))} UTC`),
    h('span', { class: 'soft' }, `${Math.round(byteCount / 1024).toLocaleString('en')} KiB`),
    h(
      Act,
      {
        class: 'small',
        done: `The sandbox is as it was in ${name}.`,
        onAct: () => ask('POST', '/restore', { name }),
      },
      'Restore',
      h('span', { class: 'hidden' }, ` ${name}`),
    ),
    h(
      Act,
      {
        class: 'small',
        done: `${name} was thrown away.`,
        onAct: () => ask('DELETE', `/snapshots/${name}`, {}),
      },
      'Delete',
      h('span', { class: 'hidden' }, ` ${name}`),
    ),
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
    const { tenant } = await ask<{ tenant: Tenant }>('POST', '/tenants', {
      ...(name !== '' && { name }),
      ...(seed !== '' && { seed }),
      ...(snapshot !== '' && { snapshot }),
    })
    say(`${tenant.name} listens at ${tenant.base_url}.`)
    onClose()
  }
  return h(
    Dialog,
    { title: 'New sandbox', onClose },
    h(
      Form,
      { label: 'Make it', onSend: send },
      h(Field, {
        label: 'Name',
        value: name,
        onValue: setName,
        hint: 'Small letters, digits and hyphens; empty: one is made up',
      }),
      h(Field, {
        label: 'Seed',
        value: seed,
        onValue: setSeed,
        hint: 'Makes ids, keys and times the same in every run; empty: none',
      }),
      h(Field, {
        label: 'Begins as',
        value: snapshot,
        onValue: setSnapshot,
        options: [['', 'empty'], ...snapshots.map((one) => [one.name, one.name] as const)],
      }),
    ),
  )
}

function SnapshotDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { say } = useConsole()
  const [name, setName] = useState('before')
  return h(
    Dialog,
    { title: 'Take a snapshot', onClose },
    h(
      Form,
      {
        label: 'Take it',
        onSend: async () => {
          await ask('POST', '/snapshots', { name })
          say(`${name} was kept.`)
          onClose()
        },
      },
      h(Field, {
        label: 'Name',
        value: name,
        onValue: setName,
        hint: 'One of the same name is replaced',
      }),
    ),
  )
}
