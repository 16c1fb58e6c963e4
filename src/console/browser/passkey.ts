/** The script of the pages with forms of passkeys: it shows the browser's dialog before a form is sent. */
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
  WebAuthnError,
} from '@simplewebauthn/browser'
import type { PasskeySentences } from '../passkey-sentences.ts'

/** The longest wait for the server's challenge. */
const CHALLENGE_MS_MAX = 20_000

if (browserSupportsWebAuthn()) {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-passkey]')) {
    form.hidden = false
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void send(form)
    })
  }
}

async function send(form: HTMLFormElement): Promise<void> {
  const [button] = form.getElementsByTagName('button')
  const problem = form.querySelector<HTMLElement>('.problem')
  if (button === undefined || problem === null) return
  button.disabled = true
  problem.hidden = true
  try {
    const answer = await answerOf(form)
    const field = form.elements.namedItem('answer') as HTMLInputElement
    field.value = JSON.stringify(answer)
    form.submit()
  } catch (error) {
    const { cause, name } = error as Error
    const causeName = error instanceof WebAuthnError && cause instanceof Error ? cause.name : name
    const sentences: PasskeySentences = JSON.parse(form.dataset.sentences ?? '{}')
    problem.textContent = new Map(Object.entries(sentences)).get(causeName) ?? sentences.other
    problem.hidden = false
    button.disabled = false
  }
}

async function answerOf(form: HTMLFormElement): Promise<object> {
  const token = form.elements.namedItem('token')
  const challenge = await fetch(`${form.action}/challenge`, {
    method: 'POST',
    headers: token instanceof HTMLInputElement ? { 'x-console-token': token.value } : {},
    signal: AbortSignal.timeout(CHALLENGE_MS_MAX),
  })
  if (!challenge.ok) throw new Error(`the server answers ${challenge.status}`)
  if (form.dataset.passkey === 'get') {
    const optionsJSON: PublicKeyCredentialRequestOptionsJSON = await challenge.json()
    return startAuthentication({ optionsJSON })
  }
  const optionsJSON: PublicKeyCredentialCreationOptionsJSON = await challenge.json()
  return startRegistration({ optionsJSON })
}
