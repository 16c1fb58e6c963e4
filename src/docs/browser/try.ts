/** Lets the forms of a page send their calls, with the token and the account of the page. */
export function addForms(): void {
  const credentials = document.querySelector<HTMLFormElement>('.credentials')
  credentials?.addEventListener('submit', (event) => event.preventDefault())
  for (const form of document.querySelectorAll<HTMLFormElement>('.try form')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void send(form, credentials)
    })
  }
}

/** Returns the Authorization header of a token: adds `Zoho-oauthtoken` if it is missing. */
export function authorizationOf(token: string): string {
  const trimmed = token.trim()
  return trimmed === '' || trimmed.includes(' ') ? trimmed : `Zoho-oauthtoken ${trimmed}`
}

async function send(form: HTMLFormElement, credentials: HTMLFormElement | null): Promise<void> {
  const result = form.querySelector<HTMLElement>('.result')
  const button = form.querySelector('button')
  if (result === null || button === null) return
  const { method = 'GET', path = '' } = form.dataset
  const basePath = document.documentElement.dataset.basePath ?? ''
  const token = fieldValue(credentials, 'token')
  const body = form.querySelector('textarea')?.value
  button.disabled = true
  try {
    const answer = await fetch(
      `${basePath}${addressOf(form, path, fieldValue(credentials, 'account'))}`,
      {
        method,
        headers: {
          authorization: authorizationOf(token),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body }),
      },
    )
    show(result, `${answer.status} ${answer.statusText}`, await answer.text(), answer.ok)
  } catch {
    show(result, 'No answer', 'The server did not answer.', false)
  }
  button.disabled = false
}

function fieldValue(form: HTMLFormElement | null, name: string): string {
  return form?.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? ''
}

/** Returns the path with its parameters, and the query. Empty fields are not sent. */
function addressOf(form: HTMLFormElement, path: string, accountId: string): string {
  const query = new URLSearchParams({ account_id: accountId })
  let address = path
  for (const input of form.querySelectorAll('input')) {
    if (input.dataset.in === 'path') {
      address = address.replace(`{${input.name}}`, encodeURIComponent(input.value.trim()))
    } else if (input.value !== '') query.set(input.name, input.value)
  }
  return `${address}?${query}`
}

function show(result: HTMLElement, status: string, text: string, isGood: boolean): void {
  const head = document.createElement('p')
  head.className = isGood ? 'status good' : 'status bad'
  head.textContent = status
  const block = document.createElement('pre')
  block.tabIndex = 0
  block.setAttribute('aria-label', 'Answer')
  block.textContent = formatted(text)
  result.replaceChildren(head, block)
}

function formatted(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}
