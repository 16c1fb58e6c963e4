import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { call, spawnServer } from './support/server.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

test('the package that would be published has what it needs to serve, and no more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-package-'))
  try {
    execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: ROOT, stdio: 'ignore' })
    const [archive = ''] = readdirSync(folder)
    execFileSync('tar', ['-xzf', archive], { cwd: folder })
    const unpacked = join(folder, 'package')
    expect(readdirSync(unpacked).sort()).toEqual([
      ...[
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'SECURITY.md',
        'bin',
        'dist',
        'package.json',
        'sql',
      ],
    ])
    const files = execFileSync('tar', ['-tzf', archive], { cwd: folder, encoding: 'utf8' })
    expect(files).not.toMatch(/\.test\.|-suite\.|\.db$/m)

    // As an installation would have it, without asking the registry.
    symlinkSync(join(ROOT, 'node_modules'), join(unpacked, 'node_modules'))
    const verify =
      "import { verifyRedirect } from 'paydesk/signatures'; console.log(verifyRedirect('?a=1', 'k'))"
    const verified = execFileSync(process.execPath, ['--input-type=module', '-e', verify], {
      cwd: unpacked,
      encoding: 'utf8',
    })
    expect(verified).toBe('false\n')
    const receive =
      "import { verifyWebhook } from 'paydesk/webhooks'; try { verifyWebhook('{}', {}, 'k') } catch (error) { console.log(error.code) }"
    const received = execFileSync(process.execPath, ['--input-type=module', '-e', receive], {
      cwd: unpacked,
      encoding: 'utf8',
    })
    expect(received).toBe('header_missing\n')
    const server = await spawnServer(['--memory'], {}, join(unpacked, 'bin', 'paydesk.js'))
    const answer = await call(server.baseUrl, 'POST', '/paymentsessions', {
      amount: 1,
      currency: 'INR',
    })
    expect(answer.status).toBe(201)
    const { access_key: accessKey } = answer.body.payments_session
    const page = await fetch(`${server.baseUrl}/hostedcheckout/${accessKey}`)
    expect(page.status).toBe(200)
    const ended = once(server.process, 'exit')
    server.process.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  } finally {
    rmSync(folder, { recursive: true, force: true })
    // What browsers load stays: servers of other tests send it at this moment.
    for (const name of readdirSync(join(ROOT, 'dist')).filter((one) => one !== 'browser'))
      rmSync(join(ROOT, 'dist', name), { recursive: true, force: true })
  }
})
