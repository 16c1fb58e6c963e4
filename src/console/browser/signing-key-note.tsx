import type { JSX } from 'preact'
import { CopyableText } from './parts.tsx'

/** A new signing key, which the server shows once. */
export function SigningKeyNote({ signingKey }: { readonly signingKey: string }): JSX.Element {
  return (
    <div>
      <p>Store this key in your server now: it is shown only once.</p>
      <p>
        <CopyableText text={signingKey} what="signing key" />
      </p>
    </div>
  )
}
