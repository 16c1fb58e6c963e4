import { connect } from 'node:net'

/** An answer to a hand-written request. */
export type RawAnswer = {
  readonly status: number
  /** The headers by their names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/**
 * Sends the lines of a request unchanged, because `fetch` would correct its target and its Host. The connection
 * closes after the answer.
 */
export function sendRaw(baseUrl: string, lines: readonly string[], body = ''): Promise<RawAnswer> {
  const { hostname, port } = new URL(baseUrl)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname.replace(/^\[(.*)\]$/, '$1'))
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', reject)
    socket.on('end', () => resolve(parseAnswer(Buffer.concat(chunks).toString('utf8'))))
    const isChunked = lines.some((line) => /^transfer-encoding:/i.test(line))
    const hasLength = body !== '' && !isChunked
    const length = hasLength ? [`content-length: ${Buffer.byteLength(body)}`] : []
    const [requestLine = '', ...headers] = lines
    const all = [requestLine, ...headers, ...length, 'connection: close']
    socket.write(`${all.join('\r\n')}\r\n\r\n${body}`)
  })
}

function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colonAt = line.indexOf(':')
    return [line.slice(0, colonAt).toLowerCase(), line.slice(colonAt + 1).trim()]
  })
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: new Map(headers),
    body: rest.join('\r\n\r\n'),
  }
}

/** Sends bytes unchanged, and returns everything that the server sends until it closes the connection. */
export function exchangeBytes(baseUrl: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(baseUrl)
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A reset is an end too.
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}
