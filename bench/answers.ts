/** The end of an answer over HTTP/1.1, for loads that write and read sockets themselves. */

const HEAD_END = '\r\n\r\n'
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i
const CHUNKED = /\r\ntransfer-encoding: chunked\r\n/i
const LAST_CHUNK = '\r\n0\r\n\r\n'

/** The status of an answer whose head has arrived. NaN: no byte arrived yet. */
export function statusOf(text: string): number {
  return Number.parseInt(text.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length), 10)
}

/**
 * Returns true if a complete answer has arrived. `text`: all bytes since the request, as latin1. Throws for
 * another status, or if the head does not define the end of the body.
 */
export function isWholeAnswer(text: string, status: number): boolean {
  const headEnd = text.indexOf(HEAD_END)
  if (headEnd === -1) return false
  const length = CONTENT_LENGTH.exec(text)?.[1]
  const isGood = text.startsWith(`HTTP/1.1 ${status} `)
  if (isGood && length !== undefined) {
    return text.length >= headEnd + HEAD_END.length + Number(length)
  }
  if (isGood && CHUNKED.test(text.slice(0, headEnd + 2))) return text.endsWith(LAST_CHUNK)
  throw new Error(`an answer that is not ${status} with a length:\n${text}`)
}
