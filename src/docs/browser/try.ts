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

/** Returns the Authorization header of a token: adds the scheme `Zoho-oauthtoken` if the text has no scheme. */
export function authorizationOf(token: string): string {
  const text = token.trim()
  return text === '' || text.includes(' ') ? text : `Zoho-oauthtoken ${text}`
}

/** The content of a form. */
export type FormContent = {
  /** In capitals. */
  readonly method: string
  /** With its parameters: `/api/v1/payments/{payment_id}`. */
  readonly path: string
  readonly fields: readonly {
    readonly name: string
    readonly place: string
    readonly value: string
  }[]
  /** Undefined: the call has no body. */
  readonly body: string | undefined
  /** Undefined: the call needs no token. */
  readonly credentials: { readonly token: string; readonly accountId: string } | undefined
}

/** Makes the request of a form. Empty fields are not sent, except those of the path. */
export function requestOf({ body, credentials, fields, method, path }: FormContent): {
  readonly address: string
  readonly init: RequestInit
} {
  const query = new URLSearchParams()
  const headers = new Headers()
  if (credentials !== undefined) {
    query.set('account_id', credentials.accountId)
    headers.set('Authorization', authorizationOf(credentials.token))
  }
  if (body !== undefined) headers.set('Content-Type', 'application/json')
  let address = path
  for (const { name, place, value } of fields) {
    if (place === 'path') address = address.replace(`{${name}}`, encodeURIComponent(value.trim()))
    else if (value === '') continue
    else if (place === 'header') headers.set(name, value)
    else query.set(name, value)
  }
  return {
    address: query.size === 0 ? address : `${address}?${query}`,
    init: { method, headers, ...(body !== undefined && { body }) },
  }
}

async function send(form: HTMLFormElement, credentials: HTMLFormElement | null): Promise<void> {
  const result = form.querySelector<HTMLElement>('.result')
  const button = form.querySelector('button')
  if (result === null || button === null) return
  const basePath = document.documentElement.dataset.basePath ?? ''
  button.disabled = true
  try {
    const { address, init } = requestOf(contentOf(form, credentials))
    const answer = await fetch(`${basePath}${address}`, init)
    const text = await answer.text()
    show(result, `${answer.status} ${answer.statusText}`, text, answer.ok)
    if (!answer.ok) selectProblem(form, text)
  } catch {
    show(result, 'No answer', 'The server did not answer.', false)
  }
  button.disabled = false
}

/** Puts the cursor at the line and the column that an error names, if the body of the form is not JSON. */
function selectProblem(form: HTMLFormElement, error: string): void {
  const body = form.querySelector('textarea')
  const [, line, column] = / at line (\d+), column (\d+): /.exec(error) ?? []
  if (body === null || line === undefined || isJson(body.value)) return
  const before = body.value.split('\n').slice(0, Number(line) - 1)
  const at = before.reduce((sum, { length }) => sum + length + 1, Number(column) - 1)
  body.focus()
  body.setSelectionRange(at, at + 1)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function contentOf(form: HTMLFormElement, credentials: HTMLFormElement | null): FormContent {
  const { method = 'GET', path = '' } = form.dataset
  return {
    method,
    path,
    fields: [...form.querySelectorAll('input')].map(({ dataset, name, value }) => ({
      name,
      place: dataset.in ?? '',
      value,
    })),
    body: form.querySelector('textarea')?.value,
    credentials:
      credentials === null
        ? undefined
        : {
            token: fieldValue(credentials, 'token'),
            accountId: fieldValue(credentials, 'account'),
          },
  }
}

function fieldValue(form: HTMLFormElement, name: string): string {
  return form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? ''
}

function show(result: HTMLElement, status: string, text: string, isGood: boolean): void {
  const head = document.createElement('p')
  head.className = isGood ? 'status good' : 'status bad'
  head.textContent = status
  const block = document.createElement('pre')
  block.tabIndex = 0
  block.setAttribute('aria-label', 'Answer')
  block.textContent = format(text)
  result.replaceChildren(head, block)
}

function format(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}
