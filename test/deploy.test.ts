/** The files of `deploy/` fit the program: settings, commands, ports, metrics. Programs of other vendors check them too. */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { makeProgram } from '../src/cli/program.ts'
import { parseRetention } from '../src/domain/retention.ts'
import { SANDBOX_VALUES } from '../src/sandbox/well-known.ts'
import { createMetrics } from '../src/server/metrics.ts'
import { API_SETTINGS } from '../src/server/settings/api-settings.ts'
import { RETENTION_SETTINGS } from '../src/server/settings/retention-settings.ts'
import { environmentName, type Setting } from '../src/server/settings/setting.ts'
import { SETTINGS } from '../src/server/settings/settings-table.ts'
import { startTestServer } from './support/server.ts'
import { findProgram, skipWithNote, skipWithout } from './support/system-tools.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const FILES = globSync('deploy/**/*', { cwd: ROOT, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
const GUIDES = ['docs/guides/deploy.md', 'docs/guides/ci.md']
// biome-ignore lint/suspicious/noExplicitAny: a test reads only the fields that it asserts.
type Parsed = any
const manifest = (name: string): Parsed => parse(read(`deploy/kubernetes/${name}.yaml`))
const RULES: readonly Parsed[] = parse(read('deploy/prometheus/paydesk.rules.yaml')).groups.flatMap(
  ({ rules }: Parsed) => rules,
)

/** The queries of the alerts and of the dashboard. */
const QUERIES: readonly string[] = [
  ...RULES.map(({ expr }) => expr),
  ...JSON.parse(read('deploy/grafana/paydesk.json')).panels.flatMap(({ targets = [] }: Parsed) =>
    targets.map(({ expr }: Parsed) => expr),
  ),
]

/** Runs a program, and returns its output if it fails. */
function problemsOf(program: string, ...args: readonly string[]): string {
  const { status, stderr, stdout } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? '' : `${stdout}${stderr}`
}

test('every variable in the files and their guides is a setting', () => {
  const knownNames = new Set(
    [SETTINGS, API_SETTINGS, RETENTION_SETTINGS]
      .flatMap((table) => Object.values<Setting>(table))
      .map(environmentName),
  )
  const unknownNames = [...FILES, ...GUIDES].flatMap((path) =>
    [...read(path).matchAll(/\bPAYDESK_[A-Z_]+/g)]
      .map(([name]) => name.replace(/_FILE$/, ''))
      .filter((name) => !knownNames.has(name))
      .map((name) => `${path}: ${name}`),
  )
  expect(unknownNames).toEqual([])
})

test('every command that the files run exists, with its flags', () => {
  const program = makeProgram({})
  const commands: (readonly string[])[] = [
    ...[...read('deploy/Dockerfile').matchAll(/CMD (\["?.*\])/g)].map(([, list = '']) =>
      JSON.parse(list),
    ),
    ...['compose', 'compose.sandbox'].flatMap((name) =>
      Object.values<Parsed>(parse(read(`deploy/${name}.yaml`)).services).flatMap(
        ({ command, healthcheck }) => [command, healthcheck?.test?.slice?.(1)].filter(Boolean),
      ),
    ),
    ...['ledger-check', 'prune'].map(
      (name) => manifest(name).spec.jobTemplate.spec.template.spec.containers[0].args,
    ),
    ...FILES.filter((path) => path.endsWith('.service')).flatMap((path) =>
      [...read(path).matchAll(/\/usr\/local\/bin\/paydesk ([^'\n]+)/g)].map(([, words = '']) =>
        words.split(' '),
      ),
    ),
  ].filter((words) => !/pg_isready/.test(words.join()))
  expect(commands.length).toBeGreaterThanOrEqual(12)
  for (const words of commands) {
    let command = program
    for (const word of words.filter((one) => !one.startsWith('/') && !one.startsWith('"'))) {
      if (word.startsWith('--')) {
        expect(
          command.options.map(({ long }) => long),
          words.join(' '),
        ).toContain(word)
      } else command = command.commands.find((one) => one.name() === word) ?? command
    }
    expect([words, command === program]).toEqual([words, false])
  }
})

test('all files that run the command prune have the same retention, which the command accepts', () => {
  const commands = [
    read('deploy/systemd/paydesk-prune.service')
      .match(/paydesk (prune .*)/)?.[1]
      ?.split(' '),
    manifest('prune').spec.jobTemplate.spec.template.spec.containers[0].args,
    parse(read('deploy/compose.yaml')).services.prune.command,
  ].map((words) => words.filter((word: string) => word !== '--json').join(' '))
  expect(new Set(commands)).toEqual(
    new Set(['prune --keep-unpaid-sessions 400d --keep-events 180d']),
  )
  expect(parseRetention('400d', 'unpaid_sessions')).toBeDefined()
  expect(parseRetention('180d', 'events')).toBeDefined()
})

test('every metric of the alerts and of the dashboard exists, with its labels', async () => {
  const metrics = createMetrics()
  const ofNode = [...(await metrics.print()).matchAll(/^# TYPE ((?:process|nodejs)_\w+)/gm)]
  const knownNames = new Map<string, readonly string[]>([
    ['up', ['instance']],
    ...ofNode.map(([, name = '']) => [name, []] as const),
    ...metrics
      .describe()
      .flatMap(({ labels, name, type }) =>
        (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']).map(
          (ending) =>
            [`${name}${ending}`, [...labels, ...(ending === '_bucket' ? ['le'] : [])]] as const,
        ),
      ),
  ])
  expect(QUERIES.length).toBeGreaterThan(30)
  let count = 0
  for (const query of QUERIES) {
    for (const [, name = '', matchers = ''] of query.matchAll(
      /\b(up|(?:paydesk|process|nodejs)_\w+)(?:\{([^}]*)\})?/g,
    )) {
      count += 1
      const labels = knownNames.get(name)
      expect(labels, `${name} in ${query}`).toBeDefined()
      for (const [, label = ''] of matchers.matchAll(/(\w+)(?:=~|!=|=)"/g)) {
        expect(['job', ...(labels ?? [])], `${name} in ${query}`).toContain(label)
      }
    }
    for (const [, list = ''] of query.matchAll(/\bby \(([^)]*)\)/g)) {
      const all = new Set([...knownNames.values()].flat())
      expect(
        list.split(', ').filter((label) => !all.has(label)),
        query,
      ).toEqual([])
    }
  }
  expect(count).toBeGreaterThan(35)
})

test('a server’s /metrics has every metric that the alerts and the dashboard query, and every kind and age that they select', async () => {
  const server = await startTestServer('memory')
  const text = await (await fetch(`${server.baseUrl}/metrics`)).text()
  await server.close()
  let valueCount = 0
  for (const query of QUERIES) {
    for (const [, name = '', matchers = ''] of query.matchAll(/\b(paydesk_\w+)(?:\{([^}]*)\})?/g)) {
      expect(text).toMatch(
        new RegExp(`^# TYPE ${name.replace(/_(?:bucket|sum|count)$/, '')} `, 'm'),
      )
      for (const [, label, value] of matchers.matchAll(/(kind|age)=~?"([^"]*)"/g)) {
        valueCount += 1
        const sample = new RegExp(`^${name}\\{(?:.*,)?${label}="(?:${value})"`, 'm')
        expect(text, `${label} ${value} in ${query}`).toMatch(sample)
      }
    }
  }
  expect(valueCount).toBeGreaterThanOrEqual(5)
})

test('the dashboard’s panels do not overlap, and each has a title', () => {
  const { panels } = JSON.parse(read('deploy/grafana/paydesk.json'))
  const takenNames = new Set<string>()
  const ids = new Set<number>()
  for (const { gridPos, id, title } of panels) {
    expect(title).toMatch(/\w/)
    ids.add(id)
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect(takenNames.has(`${x} ${y}`), `${title} at ${x}, ${y}`).toBe(false)
        takenNames.add(`${x} ${y}`)
      }
    }
  }
  expect(ids.size).toBe(panels.length)
})

test('the production guide lists every alert with its severity and meaning', () => {
  const guide = read('docs/guides/production.md')
  for (const { alert, annotations, labels } of RULES) {
    expect(guide).toContain(`| \`${alert}\` | ${labels.severity} | ${annotations.summary} |`)
  }
})

test('Prometheus accepts the alerts, and each fires in its case and not on a healthy server', ({
  skip,
}) => {
  skipWithout({ skip }, 'promtool')
  expect(problemsOf('promtool', 'check', 'rules', 'deploy/prometheus/paydesk.rules.yaml')).toBe('')
  expect(
    problemsOf('promtool', 'test', 'rules', 'deploy/prometheus/paydesk.rules-tests.yaml'),
  ).toBe('')
})

test('systemd accepts the units, and rates the exposure of each service at most 2 of 10', ({
  skip,
}) => {
  if (findProgram('systemd-analyze') === undefined) {
    return skipWithNote(skip, 'systemd-analyze is not installed: the units are not checked.')
  }
  const { stdout } = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' })
  const [, version = ''] = /^systemd (\d+)/.exec(stdout) ?? []
  // Older versions of systemd cannot rate a unit that is not installed.
  if (Number(version) < 250) {
    return skipWithNote(skip, `systemd ${version} is older than 250: the units are not checked.`)
  }
  const folder = mkdtempSync(join(tmpdir(), 'paydesk-units-'))
  try {
    // The units name a program that this machine may not have.
    const program = join(folder, 'paydesk')
    writeFileSync(program, '#!/bin/sh\n')
    chmodSync(program, 0o755)
    const units = FILES.filter((path) => /\.(?:service|timer)$/.test(path)).map((path) => {
      const unit = join(folder, basename(path))
      copyFileSync(join(ROOT, path), unit)
      writeFileSync(unit, readFileSync(unit, 'utf8').replaceAll('/usr/local/bin/paydesk', program))
      return unit
    })
    expect(units).toHaveLength(7)
    expect(problemsOf('systemd-analyze', 'verify', ...units)).toBe('')
    for (const unit of units.filter((path) => path.endsWith('.service'))) {
      const rating = ['security', '--offline=true', '--threshold=20', unit]
      expect(problemsOf('systemd-analyze', ...rating)).toBe('')
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('the manifests of Kubernetes belong together: names, labels, ports, probes, users', () => {
  const { images, resources } = manifest('kustomization')
  const files = FILES.filter((path) => path.startsWith('deploy/kubernetes/')).map((path) =>
    basename(path),
  )
  expect(new Set([...resources, 'kustomization.yaml'])).toEqual(new Set(files))
  for (const path of files) {
    for (const { errors } of parseAllDocuments(read(`deploy/kubernetes/${path}`)))
      expect(errors).toEqual([])
  }
  const { spec } = manifest('deployment')
  const pod = spec.template.spec
  const [server] = pod.containers
  const settings = manifest('settings').data
  const ports = new Map(
    server.ports.map(({ containerPort, name }: Parsed) => [name, containerPort]),
  )
  expect(ports).toEqual(
    new Map([
      ['http', SETTINGS.port.defaults.live],
      ['operations', Number(settings.PAYDESK_OPERATIONS_PORT)],
    ]),
  )
  expect(server.readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'operations' })
  expect(server.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'operations' })
  expect(spec.template.metadata.annotations['prometheus.io/port']).toBe(
    settings.PAYDESK_OPERATIONS_PORT,
  )
  const labels = spec.template.metadata.labels
  expect(spec.selector.matchLabels).toEqual(labels)
  expect(manifest('service').spec.selector).toEqual(labels)
  expect(manifest('disruption-budget').spec.selector.matchLabels).toEqual(labels)
  expect(manifest('service').spec.ports[0].targetPort).toBe('http')
  const jobs = ['ledger-check', 'prune'].map(
    (name) => manifest(name).spec.jobTemplate.spec.template.spec,
  )
  for (const one of [pod, ...jobs]) {
    const [container] = one.containers
    expect(container.image).toBe(images[0].name)
    expect(container.envFrom[0].configMapRef.name).toBe(manifest('settings').metadata.name)
    expect(container.volumeMounts[0].name).toBe(one.volumes[0].name)
    expect(
      Object.values(settings).filter((value) => String(value).startsWith('/run')),
    ).toHaveLength(3)
    expect(container.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
    })
    // This is the user of the image.
    expect(one.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 })
  }
})

test('the image runs as the user 10001, and copies only files that its build makes', () => {
  const stages = read('deploy/Dockerfile').split(/^FROM /m)
  const last = stages.at(-1) ?? ''
  expect(last).toMatch(/^USER 10001:10001$/m)
  expect(last).toMatch(/^HEALTHCHECK /m)
  expect([...last.matchAll(/^COPY (\S+) (\S+)/gm)].map(([, from, file]) => [from, file])).toEqual([
    ['--from=build', '/out/paydesk'],
    ['--from=build', '/out/paydesk.licenses.txt'],
  ])
  expect(stages[1]).toContain('npm run build:binary -- --output /out/paydesk')
  expect(stages[1]).toContain(`node:${process.versions.node.split('.')[0]}-`)
})

test('the guides’ YAML can be read, and has the sandbox’s token and account', () => {
  const blocks = GUIDES.flatMap((path) =>
    [...read(path).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text),
  )
  expect(blocks.length).toBeGreaterThanOrEqual(4)
  for (const block of blocks) {
    for (const { errors } of parseAllDocuments(block)) expect(errors).toEqual([])
  }
  const { accessToken, accountId } = SANDBOX_VALUES
  const { variables } = parse(blocks.find((block) => block.includes('alias:')) ?? '').test
  expect(variables).toMatchObject({
    PAYDESK_API_TOKEN: accessToken,
    PAYDESK_API_ACCOUNT: accountId,
  })
})
