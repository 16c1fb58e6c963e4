import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withSettings } from '../../cli/database-command.ts'
import { serverAccessFor } from '../../cli/server-command.ts'
import { API_SETTINGS, WEBHOOK_KEY_SETTING } from './api-settings.ts'
import { findSettings, findVariable, readValueFile } from './find-settings.ts'
import { readSettings } from './read-settings.ts'
import { environmentName, type Setting } from './setting.ts'
import { SETTINGS } from './settings-table.ts'
import { SettingsUnusable } from './settings-unusable.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-values-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function fileWith(content: string | Uint8Array): string {
  const path = join(folder, `value-${fileCount++}`)
  writeFileSync(path, content)
  return path
}
let fileCount = 0

const KEY = '0f'.repeat(32)
const keyOf = (environment: Record<string, string>) =>
  Buffer.from(readSettings({}, environment).secretKey).toString('hex')
const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read()
    return []
  } catch (error) {
    return error instanceof SettingsUnusable ? error.problems : [String(error)]
  }
}

const ALL: readonly Setting[] = [
  ...Object.values(SETTINGS),
  ...Object.values(API_SETTINGS),
  WEBHOOK_KEY_SETTING,
]

test.each(ALL.map((setting) => [environmentName(setting), setting] as const))(
  '%s_FILE names a file with the value',
  (name, setting) => {
    const file = fileWith(' the value\r\n')
    expect(findVariable(setting, { [`${name}_FILE`]: file })).toEqual({
      source: `${name}_FILE`,
      value: 'the value',
      file,
    })
  },
)

describe('a value is the same', () => {
  test.each([
    ['alone', KEY],
    ['with a line end', `${KEY}\n`],
    ['with a line end of Windows', `${KEY}\r\n`],
    ['between blanks', ` ${KEY}\t\n\n`],
    ['after a byte order mark', `\ufeff${KEY}`],
  ])('in a file %s', (_, content) => {
    expect(keyOf({ PAYDESK_SECRET_KEY_FILE: fileWith(content) })).toBe(KEY)
  })
})

describe('a file that cannot give a value is refused with its path and the reason', () => {
  const problemOf = (path: string, reason: string) => [
    `PAYDESK_SECRET_KEY_FILE names the file ${path}, ${reason}.`,
  ]
  const problemsOfFile = (path: string) =>
    problemsOf(() => readSettings({}, { PAYDESK_SECRET_KEY_FILE: path }))

  test.each(['', '\n', ' \r\n'])('empty: %j', (content) => {
    const path = fileWith(content)
    expect(problemsOfFile(path)).toEqual(problemOf(path, 'which is empty'))
  })

  test('missing, a folder, without an end, too long, and not UTF-8', () => {
    const missing = join(folder, 'missing')
    expect(problemsOfFile(missing)).toEqual(
      problemOf(missing, 'which cannot be read: it does not exist'),
    )
    const aFolder = join(folder, 'folder')
    mkdirSync(aFolder)
    expect(problemsOfFile(aFolder)).toEqual(
      problemOf(aFolder, 'which cannot be read: it is a folder'),
    )
    expect(problemsOfFile('/dev/zero')).toEqual(
      problemOf('/dev/zero', 'which has more than 65536 bytes'),
    )
    const long = fileWith(`${KEY}${' '.repeat(65_536)}`)
    expect(problemsOfFile(long)).toEqual(problemOf(long, 'which has more than 65536 bytes'))
    const odd = fileWith(Uint8Array.of(0xff, 0xfe, 0x41))
    expect(problemsOfFile(odd)).toEqual(problemOf(odd, 'which is not text in UTF-8'))
  })

  test('a pipe into which no program writes, but not a pipe into which a program writes late', () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    expect(readValueFile('PAYDESK_SECRET_KEY_FILE', pipe, 0)).toEqual({
      source: 'PAYDESK_SECRET_KEY_FILE',
      problem: problemOf(
        pipe,
        'which cannot be read: it is a pipe into which no program has written',
      )[0],
    })
    const writer = spawn('sh', ['-c', `printf '${KEY}\\n' > "${pipe}"`], { stdio: 'ignore' })
    try {
      expect(keyOf({ PAYDESK_SECRET_KEY_FILE: pipe })).toBe(KEY)
    } finally {
      writer.kill()
    }
  })

  // Root may read every file.
  test.skipIf(process.getuid?.() === 0)('unreadable', () => {
    const path = fileWith(KEY)
    chmodSync(path, 0)
    expect(problemsOfFile(path)).toEqual(problemOf(path, 'which cannot be read: permission denied'))
  })

  test('with a wrong value: the message names the variable instead of the path, and repeats nothing of the file', () => {
    const path = fileWith('geheim, but no key')
    const [problem, ...others] = problemsOfFile(path)
    expect(others).toEqual([])
    expect(problem).toMatch(/^PAYDESK_SECRET_KEY_FILE must be at least 32 random bytes/)
    expect(problem).not.toContain('geheim')
  })

  test('together with all other problems', () => {
    const environment = { PAYDESK_SECRET_KEY_FILE: '/missing', PAYDESK_PORT: 'x' }
    expect(problemsOf(() => readSettings({ host: '' }, environment))).toEqual([
      expect.stringMatching(/^--host must be/),
      expect.stringMatching(/^PAYDESK_PORT must be/),
      expect.stringMatching(/^PAYDESK_SECRET_KEY_FILE names/),
    ])
  })
})

test('a variable and its file exclude each other, so that a stale one is never used', () => {
  const environment = { PAYDESK_SECRET_KEY: KEY, PAYDESK_SECRET_KEY_FILE: fileWith(KEY) }
  expect(problemsOf(() => readSettings({}, environment))).toEqual([
    'PAYDESK_SECRET_KEY and PAYDESK_SECRET_KEY_FILE exclude each other: set one of them.',
  ])
  // An empty variable counts as absent.
  expect(keyOf({ ...environment, PAYDESK_SECRET_KEY: '' })).toBe(KEY)
  expect(keyOf({ ...environment, PAYDESK_SECRET_KEY_FILE: '' })).toBe(KEY)
})

describe('a flag overrides a variable, a variable the settings file, and the file the default', () => {
  test.each([
    ['a number', 'port', ['1', '2', '3']],
    ['a text', 'host', ['a.example', 'b.example', 'c.example']],
    ['a switch', 'trustProxy', ['true', 'false', 'true']],
    ['a word', 'accessLog', ['off', 'all', 'errors']],
    ['a list', 'allowOrigin', ['https://a.example', 'https://b.example', 'https://c.example']],
    ['a URL', 'publicUrl', ['https://a.example', 'https://b.example', 'https://c.example']],
    ['waits', 'webhookRetries', ['1x1h', '2x1h', '3x1h']],
    ['a processor', 'processor', ['./a.js', './b.js', './c.js']],
    ['a path', 'data', ['a.db', 'b.db', 'c.db']],
    ['a credential of the sandbox', 'sandboxToken', ['a', 'b', 'c']],
    ['a secret', 'secretKey', [KEY, '0e'.repeat(32), '0d'.repeat(32)]],
  ] as const)('%s: %s', (_, key, [inFlag, inVariable, inFile]) => {
    const setting: Setting = SETTINGS[key]
    const name = environmentName(setting)
    const result = (sources: { flag?: string; variable?: string; file?: string }) =>
      findSettings({
        flags: { [key]: sources.flag },
        environment: { [name]: sources.variable },
        file: {
          path: 'paydesk.config.ts',
          values: sources.file === undefined ? {} : { [key]: sources.file },
          names: { [key]: setting.name },
          sandbox: undefined,
        },
      }).get(key)
    const all = { flag: inFlag, variable: inVariable, file: inFile }
    const { flag: _flag, ...withoutFlag } = all
    expect(result(all)).toMatchObject({ value: inFlag })
    expect(result(withoutFlag)).toEqual({ source: name, value: inVariable })
    expect(result({ file: inFile })).toEqual({
      source: `settings.${setting.name} in paydesk.config.ts`,
      value: inFile,
      file: 'paydesk.config.ts',
    })
    expect(result({})).toBeUndefined()
    const path = fileWith(inVariable)
    const byFile = findSettings({
      flags: {},
      environment: { [`${name}_FILE`]: path },
      file: { path: 'paydesk.config.ts', values: { [key]: inFile }, names: {}, sandbox: undefined },
    })
    expect(byFile.get(key)).toEqual({ source: `${name}_FILE`, value: inVariable, file: path })
  })
})

test('a command that calls a server reads its token and its account from files', () => {
  const environment = {
    PAYDESK_API_URL: 'https://pay.example',
    PAYDESK_API_TOKEN_FILE: fileWith('1000.0123456789abcdef\n'),
    PAYDESK_API_ACCOUNT_FILE: fileWith('60000000001\n'),
  }
  expect(serverAccessFor({}, environment)).toMatchObject({
    token: '1000.0123456789abcdef',
    accountId: '60000000001',
  })
  const onThisMachine = { PAYDESK_SANDBOX_TOKEN_FILE: fileWith('1000.sandbox-token-of-a-file') }
  expect(serverAccessFor({}, onThisMachine)).toMatchObject({
    token: '1000.sandbox-token-of-a-file',
  })
  const missing = { ...environment, PAYDESK_API_TOKEN_FILE: '/missing' }
  expect(problemsOf(() => serverAccessFor({}, missing))).toEqual([
    expect.stringMatching(/^PAYDESK_API_TOKEN_FILE names the file \/missing/),
  ])
})

test.each(Object.entries(SETTINGS).filter(([, setting]: [string, Setting]) => hasFlag(setting)))(
  'the flag of the setting %s, as the command line parses it, sets the setting',
  (key, setting: Setting) => {
    const command = withSettings(new Command())
    const value = setting.placeholder === undefined ? [] : ['17']
    command.parse([`--${setting.name}`, ...value], { from: 'user' })
    const results = findSettings({ flags: command.opts(), environment: {}, file: undefined })
    expect([...results.keys()]).toEqual([key])
    expect(results.get(key)).toMatchObject({
      source: `--${setting.name}`,
      value: value[0] ?? 'true',
    })
  },
)

function hasFlag({ isSandboxValue, isSecret }: Setting): boolean {
  return isSandboxValue !== true && isSecret !== true
}
