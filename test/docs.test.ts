/** The documentation site: every page, link and sample. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDocuments, STATIC_LINKS, writeDocs } from '../scripts/docs.ts'
import { searchIn } from '../src/docs/browser/search.ts'
import { requestOf } from '../src/docs/browser/try.ts'
import { codeSamples, type SampleRequest } from '../src/docs/code-samples.ts'
import { type Library, readLibrary } from '../src/docs/library.ts'
import { type Documents, resourcesOf } from '../src/docs/open-api.ts'
import type { SearchIndex } from '../src/docs/search-index.ts'
import { makeSite, type Site } from '../src/docs/site.ts'
import { control } from './support/sandbox.ts'
import { ACCOUNT_ID, startTestServer, type TestServer, TOKEN } from './support/server.ts'
import { skipWithout } from './support/system-tools.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const READY = { accountId: ACCOUNT_ID, accessToken: TOKEN }

let server: TestServer
let folder: string
let library: Library
let documents: Documents
let site: Site
beforeAll(async () => {
  server = await startTestServer('memory')
  folder = mkdtempSync(join(tmpdir(), 'paydesk-docs-'))
  library = await readLibrary()
  documents = await readDocuments(server.baseUrl)
  site = makeSite(library, documents, STATIC_LINKS)
  await writeDocs(join(folder, 'site'), documents)
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const idsIn = (text: string) => new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
const linksIn = (text: string) =>
  [...text.matchAll(/ (?:href|src|data-search)="([^"]+)"/g)].map(([, link = '']) =>
    unescapeHtml(link),
  )

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
}

describe('the site of a server', () => {
  test('has no dead link, no dead anchor, and loads nothing from other servers', async () => {
    const pages = new Map<string, string>()
    const read = async (path: string) => {
      const answer = await fetch(`${server.baseUrl}${path}`, { redirect: 'manual' })
      return answer.status === 200 ? await answer.text() : undefined
    }
    for (const id of site.ids) pages.set(`/docs${id === '' ? '' : `/${id}`}`, '')
    const dead: string[] = []
    for (const path of pages.keys()) {
      const text = await read(path)
      if (text === undefined) dead.push(path)
      pages.set(path, text ?? '')
    }
    const files = new Map<string, boolean>()
    for (const [path, text] of pages) {
      for (const link of linksIn(text)) {
        if (/^(?:https?|mailto):/.test(link)) continue
        const { hash, pathname } = new URL(link, `${server.baseUrl}${path}`)
        const target = pages.get(pathname)
        if (target === undefined) {
          if (!files.has(pathname)) files.set(pathname, (await read(pathname)) !== undefined)
          if (files.get(pathname) === false) dead.push(`${path}: ${link}`)
        } else if (hash !== '' && !idsIn(target).has(decodeURIComponent(hash.slice(1)))) {
          dead.push(`${path}: ${link}`)
        }
      }
      const externalFiles = [
        ...text.matchAll(/<(?:script|link|img)[^>]* (?:src|href)="(https?:[^"]+)"/g),
      ]
      dead.push(...externalFiles.map(([, address]) => `${path} loads ${address}`))
    }
    expect(dead).toEqual([])
    expect(pages.size).toBeGreaterThan(100)
    expect([...pages.keys()]).toContain('/docs/control/clock')
    const guide = pages.get('/docs/guides/sandbox') ?? ''
    expect(linksIn(guide.slice(guide.indexOf('<article>')))).toContain('/docs/control/clock')
  })

  test('shows each Markdown page of the package, and each is in the menu or the list of decisions', () => {
    const pageFiles = new Set(library.pages.map(({ file }) => file))
    const folders = ['docs', 'docs/guides', 'docs/reference', 'docs/decisions']
    const pages = folders.flatMap((one) =>
      readdirSync(join(ROOT, one)).map((name) => `${one}/${name}`),
    )
    expect(pages.filter((file) => file.endsWith('.md') && !pageFiles.has(file))).toEqual([])
    const list = library.byId.get('decisions')?.text ?? ''
    const decisions = library.pages.filter(({ id }) => id.startsWith('decisions/'))
    expect(decisions.filter(({ file }) => !list.includes(file.split('/').at(-1) ?? '?'))).toEqual(
      [],
    )
  })

  test('shows code blocks unchanged, and draws every diagram', () => {
    for (const page of library.pages.filter(({ isSource }) => !isSource)) {
      const { body } = site.render(page.id, OPTIONS) ?? { body: { text: '' } }
      const pageBlocks = [
        ...body.text.matchAll(/<code>((?:[^<]|<span class="h.">|<\/span>)*)<\/code>/g),
      ]
        .map(([, code = '']) => unescapeHtml(code.replaceAll(/<[^>]+>/g, '')).trim())
        .join('\n\n')
      const sourceBlocks = [...page.text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
      for (const [, language, code = ''] of sourceBlocks) {
        expect([page.file, pageBlocks.includes(code.trim())]).toEqual([page.file, true])
        if (language === 'mermaid')
          expect([page.file, body.text]).toEqual([page.file, expect.stringContaining('<svg')])
      }
      expect([page.file, body.text.includes('data-language="mermaid"')]).toEqual([page.file, false])
    }
  })

  test('shows the credentials of its sandbox, and none on a live server', async () => {
    const page = await (await fetch(`${server.baseUrl}/docs/api/payment-sessions`)).text()
    expect(page).toContain(`value="${TOKEN}"`)
    const live = site.render('api/payment-sessions', { ...OPTIONS, ready: undefined })?.body.text
    expect(live).not.toContain(TOKEN)
    expect(live).toContain('Zoho-oauthtoken ACCESS_TOKEN')
  })

  test('shows the sandbox’s own address in guides, and on a live server the default address of a sandbox', async () => {
    const ids = ['start', 'guides/checkout', 'guides/languages', 'guides/client']
    for (const id of ids) {
      const page = await (await fetch(`${server.baseUrl}/docs/${id}`)).text()
      const article = page.slice(page.indexOf('<article>'))
      expect([id, article.includes(server.baseUrl)]).toEqual([id, true])
      expect([id, article.includes('127.0.0.1:4242')]).toEqual([id, false])
      const live = { ...OPTIONS, baseUrl: 'https://pay.example', ready: undefined }
      const text = site.render(id, live)?.body.text ?? ''
      expect([id, text.includes('pay.example')]).toEqual([id, false])
      expect(text).toContain('http://127.0.0.1:4242')
      expect(readFileSync(join(folder, 'site', `${id}.html`), 'utf8')).toContain(
        'http://127.0.0.1:4242',
      )
    }
    const production = site.render('guides/production', { ...OPTIONS, baseUrl: server.baseUrl })
    expect(production?.body.text).not.toContain(server.baseUrl)
  })

  test('documents every call of both APIs in eight languages, and uses each id once on a page', () => {
    for (const [folder, paths] of [
      ['api', documents.api.paths],
      ['control', documents.control.paths],
    ] as const) {
      const operations = Object.values(paths)
        .flatMap((methods) => Object.values(methods))
        .flatMap((one) => [one, ...(one['x-variants'] ?? [])])
      const pages = site.ids.filter((id) => id.startsWith(`${folder}/`))
      const texts = pages.map((id) => site.render(id, OPTIONS)?.body.text ?? '')
      for (const text of texts) {
        const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
        expect(ids.filter((id, index) => id?.includes(' ') || ids.indexOf(id) !== index)).toEqual(
          [],
        )
      }
      const all = texts.join('\n')
      for (const { operationId } of operations) expect(all).toContain(`id="${operationId}"`)
      for (const language of ['sh', 'js', 'python', 'php', 'go', 'java', 'csharp', 'ruby']) {
        const count = all.split(`data-language="${language}"`).length - 1
        // An answer without an end has a sample for curl only.
        const streams = folder === 'control' && language !== 'sh' ? 1 : 0
        expect([folder, language, count]).toEqual([folder, language, operations.length - streams])
      }
    }
  })

  test('shows the control API without a token, and without forms on a live server', () => {
    const page = site.render('control/clock', OPTIONS)?.body.text ?? ''
    expect(page).toContain('class="try')
    expect(page).not.toContain('class="credentials')
    expect(page).not.toContain('Zoho-oauthtoken')
    expect(site.render('control/requests', OPTIONS)?.body.text).not.toContain(
      'data-path="/_sandbox/requests/stream"',
    )
    const options = { baseUrl: 'https://pay.example', ready: undefined, hasForms: true }
    const live = site.render('control/clock', { ...options, hasControl: false })?.body.text ?? ''
    expect(live).toContain('http://127.0.0.1:4242/_sandbox/clock')
    expect(live).not.toMatch(/pay\.example|class="try/)
  })

  test('has an empty field for the idempotency key in the form of each call that accepts one', () => {
    const pages = site.ids.filter((id) => /^(?:api|control)\//.test(id))
    const forms = pages.flatMap((id) => {
      const text = site.render(id, OPTIONS)?.body.text ?? ''
      return text.match(/<form data-method[\s\S]*?<\/form>/g) ?? []
    })
    const withField = forms.filter((one) => /<input [^>]*name="Idempotency-Key"/.test(one))
    const withKey = forms.filter((one) =>
      /data-method="(?:POST" data-path="\/api\/v1|PUT" data-path="[^"]*\/(?:cancel|close)")/.test(
        one,
      ),
    )
    expect(withField).toEqual(withKey)
    expect(withKey.length).toBeGreaterThan(8)
    for (const one of withField) expect(one).not.toMatch(/name="Idempotency-Key"[^>]* value=/)
  })

  test('answers 404 for an unknown page, and serves each guide as Markdown', async () => {
    for (const path of [
      '/docs/nope',
      '/docs/guides/..%2f..%2fpackage.json',
      '/docs/pictures/x.png',
    ]) {
      expect([path, (await fetch(`${server.baseUrl}${path}`)).status]).toEqual([path, 404])
    }
    const headers = { accept: 'text/html,*/*;q=0.8' }
    const missing = await fetch(`${server.baseUrl}/docs/guides/nope`, { headers })
    expect([missing.status, missing.headers.get('content-type')]).toEqual([
      404,
      'text/html; charset=utf-8',
    ])
    const page = await missing.text()
    expect(page).toContain('Page not found')
    expect(linksIn(page)).toEqual(expect.arrayContaining(['/docs', '/docs/start']))
    expect(page).toContain('class="finder"')
    for (const guide of readdirSync(join(ROOT, 'docs/guides'))) {
      const answer = await fetch(`${server.baseUrl}/docs/guides/${guide}`)
      expect([guide, answer.status, answer.headers.get('content-type')]).toEqual([
        guide,
        200,
        expect.stringContaining('text/markdown'),
      ])
      await answer.body?.cancel()
    }
  })
})

const OPTIONS = { baseUrl: 'http://127.0.0.1:4242', ready: READY, hasForms: true, hasControl: true }

describe('a form in the documentation', () => {
  test('sends the idempotency key in its field, so a second call gets the answer of the first', async () => {
    const send = async (key: string) => {
      const { address, init } = requestOf({
        method: 'POST',
        path: '/api/v1/paymentsessions',
        fields: [{ name: 'Idempotency-Key', place: 'header', value: key }],
        body: '{"amount":"1.00","currency":"INR","description":"Lamp"}',
        credentials: { token: TOKEN, accountId: ACCOUNT_ID },
      })
      const answer = await fetch(`${server.baseUrl}${address}`, init)
      expect(answer.status).toBe(201)
      return (await answer.json()).payments_session.payments_session_id
    }
    const first = await send('docs-form-1')
    expect(await send('docs-form-1')).toBe(first)
    // An empty field is not sent.
    expect(await send('')).not.toBe(await send(''))
  })

  test('of the control API sends its example, which the sandbox accepts', async () => {
    const { tenant } = (
      await control(server.baseUrl)('POST', '/tenants', { name: 'forms', seed: 'forms' })
    ).body
    const call = control(tenant.base_url)
    const refusals: unknown[] = []
    const resources = resourcesOf(documents.control, 'control')
    const operations = resources.flatMap((one) => one.operations)
    for (const { method, operationId, parameters = [], path, requestBody } of operations) {
      if (operationId === 'streamRequests') continue
      const attempts =
        operationId === 'decideAttempt' ? [{ method: 'card', outcome: 'pending' }] : []
      const sessionAnswer = await call('POST', '/sessions', { attempts })
      const values: Readonly<Record<string, string>> = {
        payments_session_id: sessionAnswer.body.payments_session.payments_session_id,
        account_id: tenant.account_id,
      }
      const example = requestBody?.content?.['application/json']?.example
      expect([operationId, example !== undefined]).toEqual([operationId, requestBody !== undefined])
      const { address, init } = requestOf({
        method,
        path,
        fields: parameters.map(({ example: one, in: place, name, required }) => ({
          name,
          place,
          value: required === true ? (values[name] ?? String(one ?? '1')) : '',
        })),
        body: example === undefined ? undefined : JSON.stringify(example),
        credentials: undefined,
      })
      const answer = await fetch(`${tenant.base_url}${address}`, init)
      // Unknown ids are 404: this test is about the form of the request.
      if (!answer.ok && answer.status !== 404) {
        refusals.push([operationId, answer.status, await answer.text()])
      }
    }
    expect(refusals).toEqual([])
  })
})

test('the demo shop and the console link to the documentation', async () => {
  const shop = await (await fetch(`${server.baseUrl}/demo`)).text()
  expect(shop).toContain('<a href="/docs">Documentation</a>')
  const view = readFileSync(join(ROOT, 'src/sandbox/console/browser/overview-view.tsx'), 'utf8')
  const paths = [...view.matchAll(/serverPath\('(\/docs[^']*)'\)/g)].map(([, path = '']) => path)
  expect(paths).toEqual(['/docs', '/docs/control/clock'])
  for (const path of paths) expect((await fetch(`${server.baseUrl}${path}`)).status).toBe(200)
  expect(await (await fetch(`${server.baseUrl}/console`)).text()).toContain('/docs/control/clock')
})

test('no two samples in the documentation share an idempotency key', () => {
  const keys = library.pages.flatMap(({ text }) =>
    [...text.matchAll(/Idempotency-Key['"]?(?:: |\] = |, |', '|": ")['"]?([\w-]*\d[\w-]*)/g)].map(
      ([, key = '']) => key,
    ),
  )
  expect(keys.length).toBeGreaterThan(8)
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
})

describe('the search', () => {
  test('lists guides before decisions, and each result exists', () => {
    const index = site.searchIndex()
    expect(searchIn(index, 'verify webhook')[0]?.id).toMatch(/^guides\//)
    expect(searchIn(index, 'refund a payment')[0]).toMatchObject({
      id: 'api/refunds',
      anchor: 'createRefund',
    })
    expect(searchIn(index, 'replayWebhookEvents')[0]?.id).toBe('api/webhook-deliveries')
    expect(searchIn(index, 'advanceClock')[0]?.id).toBe('control/clock')
    const highlights = searchIn(index, 'redirect').map(({ text }) =>
      text.find((one) => one.isMatch),
    )
    expect(highlights.some((part) => part?.text.toLowerCase() === 'redirect')).toBe(true)
    expect(searchIn(index, 'xylophone')).toEqual([])
    expect(searchIn(index, '(((')).toEqual([])
    expect(searchIn(index, 'idempotency-key').length).toBeGreaterThan(0)
    const pages = new Map(
      site.ids.map((id) => [id, idsIn(site.render(id, OPTIONS)?.body.text ?? '')]),
    )
    const missing = index.sections.filter(([page, anchor]) => {
      const ids = pages.get(index.pages[page]?.[0] ?? 'none')
      return ids === undefined || (anchor !== '' && !ids.has(anchor))
    })
    expect(missing).toEqual([])
  })
})

describe('the words of a search', () => {
  const index: SearchIndex = {
    pages: [
      ['decisions/1', 'The access-key', 1],
      ['guides/a', 'A guide', 0],
    ],
    sections: [
      [0, '', 'The access-key', 'A monkey, an access-key, 3-D and --forward-to.'],
      [1, '', 'A guide', 'One key opens 3-D with `--forward-to`.'],
    ],
  }
  const idsOf = (query: string) => searchIn(index, query).map(({ id }) => id)

  test('may contain every printable character of ASCII', () => {
    const signs = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
    for (const sign of signs) {
      const text = `a${sign}b ${sign}c d${sign}`
      const only: SearchIndex = { pages: [['x', 'x', 0]], sections: [[0, '', 'x', text]] }
      for (const word of text.split(' ')) {
        const [result] = searchIn(only, word)
        const highlights = result?.text.filter(({ isMatch }) => isMatch).map((part) => part.text)
        expect([sign, highlights]).toEqual([sign, [word]])
      }
    }
    expect(idsOf('--forward-to')).toEqual(['guides/a', 'decisions/1'])
    expect(idsOf('3-d')).toEqual(['guides/a', 'decisions/1'])
    expect(idsOf('access-key')).toEqual(['decisions/1'])
  })

  test('match only the starts of words, and decisions come after guides', () => {
    expect(idsOf('key')).toEqual(['guides/a', 'decisions/1'])
    expect(idsOf('nkey')).toEqual([])
    const [, decision] = searchIn(index, 'key')
    expect(decision?.text.map(({ text }) => text)).toEqual([
      'A monkey, an access-',
      'key',
      ', 3-D and --forward-to.',
    ])
  })
})

describe('a search word with a typing error', () => {
  const index: SearchIndex = {
    pages: [
      ['guides/a', 'A guide', 0],
      ['decisions/1', 'Why', 1],
    ],
    sections: [
      [0, 'change', 'Change', 'Then change the idempotency-key.'],
      [0, 'hooks', 'Webhooks', 'Receive webhooks with a card.'],
      [1, 'charge', 'Charge', 'One charge.'],
    ],
  }
  const anchorsOf = (query: string) => searchIn(index, query).map(({ anchor }) => anchor)

  test.each([
    ['a wrong letter', 'webhuok'],
    ['a missing letter', 'webook'],
    ['a missing first letter', 'ebhook'],
    ['an additional letter', 'webbhook'],
    ['two letters in the wrong order', 'wehbook'],
    ['a longer word than the known one', 'webhooksx'],
    ['beside a word without a mistake', 'wbhook card'],
  ])('is found: %s', (_, query) => {
    expect(anchorsOf(query)).toEqual(['hooks'])
    const [result] = searchIn(index, query)
    expect(result?.text.filter(({ isMatch }) => isMatch)[0]?.text).toBe('webhooks')
  })

  test('is found in names of several words', () => {
    expect(anchorsOf('idempotncy-key')).toEqual(['change'])
  })

  test('may have only one error, and needs at least five letters', () => {
    expect(anchorsOf('wehbok')).toEqual([])
    expect(anchorsOf('crad')).toEqual([])
    expect(anchorsOf('card')).toEqual(['hooks'])
  })

  test('is listed after every exact match, even after a match in a decision', () => {
    expect(anchorsOf('charge')).toEqual(['charge', 'change'])
    expect(anchorsOf('change')).toEqual(['change', 'charge'])
  })

  test('leads to the right page of the site', () => {
    const real = site.searchIndex()
    expect(searchIn(real, 'verfy webhok')[0]?.id).toMatch(/^guides\//)
    expect(searchIn(real, 'replayWebhookEvnts')[0]?.id).toBe('api/webhook-deliveries')
  })
})

describe('the static site', () => {
  test('has no dead link and no dead anchor among its files, and needs no server', () => {
    const dead: string[] = []
    const root = join(folder, 'site')
    for (const id of site.ids) {
      const name = `${id === '' ? 'index' : id}.html`
      const text = readFileSync(join(root, name), 'utf8')
      for (const link of linksIn(text)) {
        if (/^(?:https?|mailto):/.test(link)) continue
        const [path = '', anchor = ''] = link.split('#')
        const file = path === '' ? join(root, name) : join(root, dirname(name), path)
        const isThere = existsSync(file)
        if (
          !isThere ||
          (anchor !== '' && !idsIn(readFileSync(file, 'utf8')).has(decodeURIComponent(anchor)))
        ) {
          dead.push(`${name}: ${link}`)
        }
      }
      expect([name, /integrity=|type="module"|class="try/.test(text)]).toEqual([name, false])
    }
    expect(dead).toEqual([])
  })
})

/** The programs that run a sample: the file's name, and the command. */
const PROGRAMS = {
  sh: ['sample.sh', 'bash'],
  js: ['sample.mjs', process.execPath],
  python: ['sample.py', 'python3'],
  php: ['sample.php', 'php'],
  go: ['sample.go', 'go', 'run'],
  java: ['Sample.java', 'java'],
  ruby: ['sample.rb', 'ruby'],
} as const

describe('a generated sample creates a session, lists payments, and works without any header:', () => {
  for (const [language, [file, command, ...args]] of Object.entries(PROGRAMS)) {
    test(language, async (context) => {
      if (command !== process.execPath) skipWithout(context, command)
      const runSample = async (request: SampleRequest) => {
        const code = codeSamples(request).find((one) => one.language === language)?.text ?? ''
        writeFileSync(join(folder, file), code)
        const { stdout } = await promisify(execFile)(command, [...args, file], { cwd: folder })
        return stdout
      }
      const run = (method: string, path: string, more: object) => {
        const url = `${server.baseUrl}/api/v1${path}?account_id=${ACCOUNT_ID}`
        return runSample({ method, url, authorization: `Zoho-oauthtoken ${TOKEN}`, ...more })
      }
      // Texts that are special in some of the languages.
      const body = JSON.stringify(
        { amount: '1.50', currency: 'INR', description: 'Asha’s lamp: true, null' },
        undefined,
        2,
      )
      const output = await run('POST', '/paymentsessions', {
        idempotencyKey: `docs-${language}`,
        body,
      })
      expect(output).toContain('payments_session_id')
      expect(output).toContain('Asha’s lamp: true, null')
      expect(await run('GET', '/payments', {})).toContain('page_context')
      const url = `${server.baseUrl}/_sandbox/clock`
      expect(await runSample({ method: 'GET', url })).toContain('is_frozen')
    })
  }
})
