import type { JSX } from 'preact'
import { CopyableText } from './parts.tsx'
import { text } from './text.ts'

/** A new signing key, which the server shows once. */
export function SigningKeyNote({ signingKey }: { readonly signingKey: string }): JSX.Element {
  return (
    <div>
      <p>
        {text(
          'This key is shown only once. Store it now in the server that receives the webhooks.',
        )}
      </p>
      <p>
        <CopyableText text={signingKey} what={text('signing key')} />
      </p>
    </div>
  )
}
