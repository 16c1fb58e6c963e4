/** An nginx with TLS in front of a server, in a temporary folder, on a free port of the loopback address. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeAuthority, makeServerIdentity } from '../../src/sandbox/drop-in/certificates.ts'
import { createRandom } from '../../src/server/random.ts'
import { closedWithFile } from './left-open.ts'
import { endWithRun } from './run-folder.ts'
import { findNginx, needProgram } from './system-tools.ts'

/** A running proxy. */
export type Nginx = {
  /** Its certificate, in PEM. */
  readonly certificate: string
  readonly stop: () => Promise<void>
}

/** The maximum wait until nginx listens, in milliseconds. */
const START_MS_MAX = 30_000

/**
 * Starts nginx on `port`. `locations` is the content of its server block. The caller chooses the port, because the
 * server behind nginx must know its public address.
 */
export async function startNginx(port: number, locations: string): Promise<Nginx> {
  const program = needProgram('nginx', 'nginx', findNginx)
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-nginx-'))
  const random = createRandom()
  const authority = makeAuthority(random, Date.now())
  const { certificate, key } = makeServerIdentity(authority, random, Date.now(), {
    dns: ['localhost'],
    addresses: [],
  })
  writeFileSync(join(folder, 'certificate.pem'), certificate)
  writeFileSync(join(folder, 'key.pem'), key.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(join(folder, 'nginx.conf'), configOf(folder, port, locations))
  const child = spawn(program, ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], {
    stdio: 'ignore',
  })
  if (child.pid !== undefined) endWithRun({ pid: child.pid })
  endWithRun({ folder })
  const stop = closedWithFile(async () => {
    await waitForExit(child)
    rmSync(folder, { recursive: true, force: true })
  })
  try {
    await listening(child, port)
  } catch (error) {
    await stop()
    throw error
  }
  return { certificate, stop }
}

function configOf(folder: string, port: number, locations: string): string {
  return `
daemon off;
worker_processes 1;
pid nginx.pid;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate certificate.pem;
    ssl_certificate_key key.pem;
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    ${locations}
  }
}
`
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  const giveUpAt = Date.now() + START_MS_MAX
  while (!(await answers(port))) {
    if (child.exitCode !== null || Date.now() > giveUpAt) throw new Error('nginx does not listen')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ host: '127.0.0.1', port, rejectUnauthorized: false }, (answer) => {
      answer.resume()
      resolve(true)
    })
    probe.on('error', () => resolve(false))
    probe.end()
  })
}

function waitForExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
