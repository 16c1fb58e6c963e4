import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import { PaydeskError } from './connection.ts'
import { ResourceView } from './parts.tsx'

test.each([
  [503, 'HTTP 503 · code unavailable'],
  [undefined, 'code unavailable'],
])('a failure with the status %s shows %s', (status, shownText) => {
  const error = new PaydeskError('No answer.', { code: 'unavailable', status })
  const resource = { answer: undefined, error, isLoading: false, reload: () => undefined }
  const html = renderToString(h(ResourceView, { resource, children: () => undefined }))
  expect(html).toContain(`>${shownText}<`)
})
