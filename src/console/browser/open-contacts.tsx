import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { isContactField } from '../mask-contacts.ts'
import { useConsole } from './context.ts'
import { ActionButton, CopyableText, Dialog, Empty, Facts } from './parts.tsx'
import { words } from './show.ts'
import { text } from './text.ts'

type Contact = readonly [name: string, value: string]

/**
 * Shows the unmasked contacts of an object in a dialog. Nothing is shown to a role that may not open them. `read`: one
 * call of `apiWithContacts`, which the audit log records.
 */
export function OpenContacts({
  read,
}: {
  readonly read: () => Promise<unknown>
}): JSX.Element | null {
  const { may } = useConsole()
  const [contacts, setContacts] = useState<readonly Contact[]>()
  if (!may('open_contacts')) return null
  return (
    <span>
      <ActionButton onAction={async () => setContacts(contactsOf(await read()))}>
        {text('Show contacts')}
      </ActionButton>
      {contacts && (
        <Dialog title={text('Contacts')} onClose={() => setContacts(undefined)}>
          {contacts.length === 0 ? (
            <Empty title={text('No contacts.')}>
              {text('This object has no e-mail address, phone or UPI ID.')}
            </Empty>
          ) : (
            <Facts
              rows={contacts.map(([name, value]) => [
                words(name),
                <CopyableText key={name} text={value} what={words(name)} />,
              ])}
            />
          )}
          <p class="hint">{text('The audit log records that you have opened them.')}</p>
        </Dialog>
      )}
    </span>
  )
}

/** Finds the contacts in an answer, at any depth, each one once. */
function contactsOf(answer: unknown): readonly Contact[] {
  const names = new Map<string, string>()
  const search = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, field] of Object.entries(value)) {
      if (typeof field !== 'string') search(field)
      else if (field !== '' && isContactField(name)) names.set(`${name} ${field}`, name)
    }
  }
  search(answer)
  return [...names].map(([key, name]) => [name, key.slice(name.length + 1)])
}
