import { InvalidArgumentError } from 'commander'
import { serverUrl } from '../server/settings/setting.ts'

/** Reads a receiver's URL. `3000`, `:3000/hook` and `localhost:3000/hook` mean http. Throws InvalidArgumentError. */
export function receiverFrom(text: string): string {
  const [, port, path = ''] = /^:?(\d{1,5})(\/.*)?$/.exec(text) ?? []
  const url =
    port !== undefined
      ? `http://localhost:${port}${path}`
      : text.includes('://')
        ? text
        : `http://${text}`
  const isPlain =
    /^https?:\/\/[^/?#]/i.test(url) &&
    URL.canParse(url) &&
    'value' in serverUrl(url.replace(/[?].*/, ''))
  if (!isPlain) {
    throw new InvalidArgumentError(
      'It must be a URL such as http://127.0.0.1:3000/webhooks, an address such as localhost:3000/webhooks, or a port such as 3000.',
    )
  }
  return url
}
