/** A customer without a browser: sends forms and follows redirects. */

/** An answer of a page. */
export type PageAnswer = {
  readonly status: number
  /** The target, as a URL of the server. Undefined: none. */
  readonly location: string | undefined
  readonly text: string
}

/** Requests a page, or sends a form. `asScript`: as a script does, which gets JSON; otherwise as a browser does. */
export async function visit(
  baseUrl: string,
  path: string,
  form?: Readonly<Record<string, string>>,
  asScript = false,
): Promise<PageAnswer> {
  const response = await fetch(new URL(path, baseUrl), {
    redirect: 'manual',
    headers: { accept: asScript ? 'application/json' : 'text/html' },
    ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
  })
  const location = response.headers.get('location') ?? undefined
  return { status: response.status, location, text: await response.text() }
}
