/**
 * Makes docs/first-session.png: starts a sandbox, sends the curl that it prints, and photographs the
 * terminal. Needs Chromium and curl: `npm run picture`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { Html, html } from '../src/pages/html.ts'
import { findChromium, needProgram } from '../test/support/system-tools.ts'

const PAYDESK = fileURLToPath(new URL('../bin/paydesk.js', import.meta.url))
const PICTURE = fileURLToPath(new URL('../docs/first-session.png', import.meta.url))

const server = spawn(process.execPath, [PAYDESK, 'serve', '--memory'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
let printed = ''
server.stdout.on('data', (chunk) => {
  printed += chunk
})
while (!printed.includes('Ctrl+C')) await once(server.stdout, 'data')
const curl = /^ {2}curl [\s\S]*?\n\n/m.exec(printed)?.[0].trim() ?? ''
const answer = execFileSync('sh', ['-c', curl.replace('curl ', 'curl -sS ')], { encoding: 'utf8' })
server.kill('SIGTERM')
await once(server, 'exit')

const STYLE = `body { margin: 0; padding: 28px 32px; background: #12151b; color: #d6dbe4;
  font: 15px/1.5 "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere }
b { color: #8fd48a; font-weight: normal } i { color: #7ea6ff; font-style: normal }`
const page = html`<!doctype html><meta charset="utf-8"><style>${new Html(STYLE)}</style><b>$</b> npm start
${printed.trimEnd().replace(/\n {2}Your first[\s\S]*$/, '')}
<b>$</b> ${curl.replaceAll('\n  ', '\n')}
<i>${JSON.stringify(JSON.parse(answer), undefined, 2)}</i>`

const browser = await chromium.launch({
  executablePath: needProgram('Chromium', 'chromium', findChromium),
  args: ['--no-sandbox', '--disable-gpu'],
})
const tab = await browser.newPage({ viewport: { width: 1060, height: 200 } })
await tab.setContent(page.text)
await tab.screenshot({ path: PICTURE, fullPage: true })
await browser.close()
