import { always, type Setting, text, wholeNumber, yesOrNo } from './setting.ts'

/** The settings of the drop-in mode. */
export const IMPERSONATION_SETTINGS = {
  impersonate: {
    name: 'impersonate',
    isSandboxOnly: true,
    read: yesOrNo,
    defaults: always(false),
    description:
      'Sandbox only. Also answers with TLS under the real host names (payments.zoho.in and others), for applications whose URLs cannot be changed. The server prints the steps that redirect these names.',
  } satisfies Setting<boolean>,
  impersonatePort: {
    name: 'impersonate-port',
    isSandboxOnly: true,
    placeholder: '<number>',
    read: wholeNumber(0, 65_535),
    defaults: always(443),
    description:
      'The TCP port of --impersonate; 0 picks a free one. Any port except 443 needs a redirect from 443.',
  } satisfies Setting<number>,
  caDir: {
    name: 'ca-dir',
    isSandboxOnly: true,
    placeholder: '<folder>',
    read: text,
    defaults: always('~/.paydesk/ca'),
    description:
      'The folder of the certificate authority of --impersonate. A missing folder is created. The authority can issue certificates only for the host names of --impersonate.',
  } satisfies Setting<string>,
} as const

/** The settings of a server that answers under Zoho's host names. */
export type ImpersonationSettings = {
  readonly port: number
  /** The folder of the certificate authority. `~/` is the user's home folder. */
  readonly caFolder: string
}

type DropInValues = {
  readonly impersonate?: boolean
  readonly impersonatePort?: number
  readonly caDir?: string
  readonly workers?: number
}

/** Reads the settings of the drop-in mode, and adds their problems. Undefined: the mode is off. */
export function readImpersonation(
  values: DropInValues,
  mode: 'sandbox' | 'live',
  problems: string[],
): ImpersonationSettings | undefined {
  if (values.impersonate !== true) return undefined
  if ((values.workers ?? 1) > 1)
    problems.push('--impersonate works only with one process: remove --workers.')
  return {
    port: values.impersonatePort ?? IMPERSONATION_SETTINGS.impersonatePort.defaults[mode],
    caFolder: values.caDir ?? IMPERSONATION_SETTINGS.caDir.defaults[mode],
  }
}
