/** One server of a PostgreSQL database. */
export type DatabaseHost = {
  /** The URL of the database on this server alone. */
  readonly url: string
  /** The server and the database, without user and password: `h1:5432/paydesk`. */
  readonly place: string
}

const HOST_COUNT_MAX = 16
/** The groups: scheme, user with password, servers, and the rest of the URL. */
const SHAPE = /^(postgres(?:ql)?:\/\/)(?:([^/?#]*)@)?([^/?#@]*)([/?#].*)?$/
/** Paydesk writes, so it uses the primary for each of these values. */
const SESSION_ATTRIBUTES: ReadonlySet<string> = new Set(['any', 'primary', 'read-write'])

/**
 * Reads a database URL with one server or several, as libpq writes it:
 * `postgres://user@h1:5432,h2:5432/database?target_session_attrs=read-write`. Undefined: the text has another form,
 * or its `target_session_attrs` asks for a standby.
 *
 * Source: https://www.postgresql.org/docs/15/libpq-connect.html (connection URIs with multiple hosts)
 */
export function parseDatabaseUrl(text: string): readonly DatabaseHost[] | undefined {
  const match = SHAPE.exec(text)
  if (match === null) return undefined
  const [, scheme = '', access, servers = '', rest = ''] = match
  const [path = '', query = ''] = rest.split(/\?(.*)/s)
  const parameters = query.split('&').filter((parameter) => parameter !== '')
  const attributes = parameters.filter((parameter) => parameter.startsWith(ATTRIBUTE))
  if (attributes.some((one) => !SESSION_ATTRIBUTES.has(one.slice(ATTRIBUTE.length)))) {
    return undefined
  }
  const others = parameters.filter((parameter) => !parameter.startsWith(ATTRIBUTE))
  const names = servers.split(',')
  if (names.length > HOST_COUNT_MAX || (names.length > 1 && names.includes(''))) return undefined
  const urls = names.map((name) =>
    [scheme, access === undefined ? '' : `${access}@`, name, path]
      .concat(others.length === 0 ? '' : `?${others.join('&')}`)
      .join(''),
  )
  if (!urls.every((url) => URL.canParse(url))) return undefined
  return urls.map((url) => ({ url, place: placeOf(url) }))
}

const ATTRIBUTE = 'target_session_attrs='

function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return `${host}${pathname}`
}
