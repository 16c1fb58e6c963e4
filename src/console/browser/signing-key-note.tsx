import type { JSX } from 'preact'
import { CopyableText } from './parts.tsx'
import { text } from './text.ts'

/** A new signing key, which the server shows once. */
export function SigningKeyNote({ signingKey }: { readonly signingKey: string }): JSX.Element {
  return (
    <div>
      <p>{text('Store this key in your server now: it is shown only once.')}</p>
      <p>
        <CopyableText text={signingKey} what={text('signing key')} />
      </p>
    </div>
  )
}
