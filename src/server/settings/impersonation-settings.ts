import { type Setting, text, wholeNumber, yesOrNo } from './setting.ts'

/** The settings of the drop-in mode. */
export const IMPERSONATION_SETTINGS = {
  impersonate: {
    name: 'impersonate',
    read: yesOrNo,
    defaultText: 'off',
    description:
      'Sandbox only. Also listens with TLS as the real hosts (payments.zoho.in and others), for applications whose URLs cannot be changed, and prints what they need to come here.',
  } satisfies Setting<boolean>,
  impersonatePort: {
    name: 'impersonate-port',
    placeholder: '<number>',
    read: wholeNumber(0, 65_535),
    defaultText: '`443`',
    description: 'The TCP port for that; 0 picks a free one. Whatever is not 443 has to be led to.',
  } satisfies Setting<number>,
  caDir: {
    name: 'ca-dir',
    placeholder: '<folder>',
    read: text,
    defaultText: '`~/.paydesk/ca`',
    description:
      'Where the certificate authority for that is kept. It is made when there is none, and vouches for those hosts alone.',
  } satisfies Setting<string>,
} as const

/** How the real host names are to be answered for. */
export type ImpersonationConfig = {
  readonly port: number
  /** Undefined: in the user's own folder. */
  readonly caFolder: string | undefined
}

type Given = {
  readonly impersonate?: boolean
  readonly impersonatePort?: number
  readonly caDir?: string
  readonly workers?: number
}

/** Reads whether and how the real host names are answered for. Adds what is wrong to the problems. */
export function readImpersonation(
  given: Given,
  mode: 'sandbox' | 'live',
  problems: string[],
): ImpersonationConfig | undefined {
  if (given.impersonate !== true) return undefined
  if (mode === 'live') problems.push('--impersonate is for a sandbox: drop it.')
  if ((given.workers ?? 1) > 1) problems.push('--impersonate is for one process: drop --workers.')
  return { port: given.impersonatePort ?? 443, caFolder: given.caDir }
}
