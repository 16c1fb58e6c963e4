import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { completionScript, SHELLS } from '../src/cli/completion-scripts.ts'
import { programStart } from '../src/program/command-name.ts'
import { paydesk } from './support/command-line.ts'
import { PAYDESK } from './support/server.ts'

/** The completion scripts in real shells, and the colors of a real terminal. */

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'paydesk-shells-'))
  const program = join(folder, 'paydesk')
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${PAYDESK}" "$@"\n`)
  chmodSync(program, 0o755)
  for (const shell of SHELLS) writeFileSync(join(folder, shell), completionScript(shell, ON_PATH))
  writeFileSync(join(folder, 'books.db'), '')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ON_PATH = { command: 'paydesk', isOnPath: true }
const isInstalled = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0
const run = (shell: string, script: string) =>
  execFileSync(shell, ['-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, HOME: folder },
  })

describe('completion', () => {
  /** Completes words in bash, which divides them at `=` and `:`. */
  const inBash = (...words: readonly string[]) =>
    run(
      'bash',
      `source ./bash; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _paydesk paydesk; printf '%s\\n' "\${COMPREPLY[@]}"`,
    )
      .trim()
      .split('\n')

  test('works in bash for commands, flags, values, the parts of a word, and files', () => {
    expect(inBash('paydesk', 'sess')).toEqual(['session'])
    expect(inBash('paydesk', 'session', 'pay', '1', '--outc')).toEqual(['--outcome'])
    expect(inBash('paydesk', 'session', 'pay', '1', '--method', '=', 'u')).toEqual(['upi'])
    expect(inBash('paydesk', 'webhook', 'listen', '--events', 'payment.failed,payout.p')).toEqual([
      'payment.failed,payout.paid',
    ])
    expect(inBash('paydesk', 'serve', '--data', 'boo')).toEqual(['books.db'])
  })

  test('in bash keeps the name of a file whole, and runs no command in it or in a word', () => {
    const name = 'a file $(touch ran) * `touch ran`;.db'
    writeFileSync(join(folder, name), '')
    expect(inBash('paydesk', 'serve', '--data', 'a f')).toEqual([name])
    inBash('paydesk', 'serve', '--data', '$(touch ran)')
    inBash('paydesk', '`touch ran`', '--$(touch ran)')
    expect(readdirSync(folder)).not.toContain('ran')
  })

  test('the command prints the script, and each installed shell checks its syntax', async () => {
    const command = `${process.execPath} ${PAYDESK}`
    for (const shell of SHELLS) {
      const { code, out } = await paydesk(['completion', shell])
      expect([code, out]).toEqual([0, completionScript(shell, { command, isOnPath: false })])
      writeFileSync(join(folder, `${shell}-clone`), out)
    }
    const refusal = await paydesk(['completion', 'tcsh'])
    expect([refusal.code, refusal.err]).toEqual([2, expect.stringContaining('bash, zsh, fish')])
    const shells = SHELLS.filter(isInstalled)
    for (const shell of shells) {
      for (const file of [shell, `${shell}-clone`]) run(shell, `${shell} -n ./${file}`)
    }
    expect(shells).toContain('bash')
  })

  test('in a clone, the printed line for ~/.bashrc works in a new shell, and so does paydesk', async () => {
    const [firstLine = ''] = (await paydesk(['completion', 'bash'])).out.split('\n')
    const [, line = ''] = /^# .*Add to ~\/\.bashrc: {2}(.+)$/.exec(firstLine) ?? []
    expect(line).toContain(PAYDESK)
    const complete = `COMP_WORDS=(paydesk sess); COMP_CWORD=1; _paydesk paydesk; echo "\${COMPREPLY[@]}"`
    const out = execFileSync('bash', ['-c', `${line}\n${complete}\npaydesk --version`], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: '/usr/bin:/bin', HOME: folder },
    })
    expect(out).toMatch(/^session\n\d+\.\d+\.\d+\n$/)
  })

  test('a program on the PATH is called by its name, except in the PATH of npx', () => {
    const start = programStart('')
    expect(start.isOnPath).toBe(false)
    const bin = join(folder, 'bin')
    const npxBin = join(folder, 'node_modules', '.bin')
    for (const one of [bin, npxBin]) {
      mkdirSync(one, { recursive: true })
      symlinkSync(process.argv[1] ?? '', join(one, 'paydesk'))
    }
    expect(programStart(npxBin)).toEqual(start)
    // The first `paydesk` on this PATH is another program.
    expect(programStart(`${folder}:${bin}`)).toEqual(start)
    expect(programStart(`${npxBin}:${bin}`)).toEqual({ command: 'paydesk', isOnPath: true })
  })

  test.runIf(isInstalled('fish'))('works in fish, with descriptions', () => {
    const complete = (line: string) => run('fish', `source ./fish; complete -C '${line}'`).trim()
    expect(complete('paydesk sess')).toBe('session\tThe payment sessions of an account.')
    expect(complete('paydesk session pay 1 --method=u')).toMatch(/^--method=upi\t/)
    expect(complete('paydesk serve --data boo')).toMatch(/^books\.db/)
  })

  test.runIf(isInstalled('zsh'))('works in zsh, with descriptions', () => {
    // The function of the real completion system that shows the candidates is replaced.
    const complete = (...words: readonly string[]) =>
      run(
        'zsh',
        `compdef() { }; _describe() { print -rl -- "\${candidates[@]}" }; _files() { print files }; source ./zsh; words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}; _paydesk`,
      ).trim()
    expect(complete('paydesk', 'sess')).toBe('session:The payment sessions of an account.')
    expect(complete('paydesk', 'session', 'pay', '1', '--method=u')).toMatch(/^--method=upi:/)
    expect(complete('paydesk', 'serve', '--data', '')).toBe('files')
  })
})

test('colors appear with FORCE_COLOR, but not in a pipe, with NO_COLOR, or with --no-color', async () => {
  const table = ['help', 'exit-codes']
  const hasColors = async (args: readonly string[], environment: Record<string, string> = {}) =>
    (await paydesk(args, environment)).out.includes('\u001b[')
  expect(await hasColors(table, { FORCE_COLOR: '1' })).toBe(true)
  expect(await hasColors(table)).toBe(false)
  expect(await hasColors(table, { NO_COLOR: '1' })).toBe(false)
  expect(await hasColors([...table, '--no-color'], { FORCE_COLOR: '1' })).toBe(false)
})

test('the error for a wrong token or signing key does not repeat it, also as JSON, and the exit code is 2', async () => {
  const secret = '1000.geheim\nmehr'
  const token = "'--token <text>': the value is invalid. It must be 16 to 512 printable"
  const key = 'must be 8 to 512 printable characters, but it has blanks'
  for (const [words, sentence, environment] of [
    [['--token', secret], token, {}],
    [['--token', secret, '--json'], token, {}],
    [['--signing-key', secret], `--signing-key ${key}`, {}],
    [[], `PAYDESK_WEBHOOK_KEY ${key}`, { PAYDESK_WEBHOOK_KEY: secret }],
  ] as const) {
    const { code, err } = await paydesk(['webhook', 'listen', ...words], environment)
    expect([code, err]).toEqual([2, expect.stringContaining(sentence)])
    expect(err).not.toMatch(/geheim|mehr/)
  }
})

test('the error for a misspelled command, flag or value names similar ones, and the exit code is 2', async () => {
  for (const [args, suggestion] of [
    [['sesion'], /Did you mean session\?/],
    [['session', 'lst'], /Did you mean list\?/],
    [['session', 'create', '--amout', '5'], /Did you mean --amount\?/],
    [['session', 'pay', '1', '--method', 'crad'], /Did you mean card\?/],
    [['webhook', 'create', '3000', '--events', 'payment.succeded'], /Did you mean payment\.succ/],
    [['trigger', 'sesion'], /Did you mean session\?/],
  ] as const) {
    const { code, err } = await paydesk(args)
    expect([code, err]).toEqual([2, expect.stringMatching(suggestion)])
  }
})
