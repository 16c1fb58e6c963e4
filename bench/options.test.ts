import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BENCHMARKS, HELP, readOptions } from './options.ts'

test('a run without flags measures both engines and both modes', () => {
  expect(readOptions(['create'])).toEqual({
    name: 'create',
    engines: ['sqlite', 'postgres'],
    modes: ['sandbox', 'live'],
    roundCount: 5,
    seconds: 3,
    count: 6000,
    profileFolder: undefined,
    format: 'text',
    rowCount: 1_000_000,
    only: '',
    folder: undefined,
  })
})

test('flags choose one engine, one mode, the length and the format', () => {
  const flags = '--engine postgres --mode live --rounds 2 --seconds 1 --count 50 --rows 20000'
  const more = ['--markdown', '--profile', '/tmp/p', '--only', 'sessions', '--folder', '/tmp/kept']
  expect(readOptions(['retrieve', ...flags.split(' '), ...more])).toEqual({
    name: 'retrieve',
    engines: ['postgres'],
    modes: ['live'],
    roundCount: 2,
    seconds: 1,
    count: 50,
    profileFolder: '/tmp/p',
    format: 'markdown',
    rowCount: 20_000,
    only: 'sessions',
    folder: '/tmp/kept',
  })
})

test('scale measures PostgreSQL and Citus only', () => {
  expect(readOptions(['scale', '--engine', 'sqlite']).engines).toEqual(['postgres'])
})

test.each([
  ['start', 7],
  ['peers', 5],
])('%s runs only on SQLite, in %i rounds', (name, rounds) => {
  const { engines, roundCount } = readOptions([name, '--engine', 'postgres'])
  expect([engines, roundCount]).toEqual([['sqlite'], rounds])
})

test.each([
  [[], 'There is no benchmark without a name.'],
  [['creat'], 'There is no benchmark creat.'],
  [['create', 'retrieve'], 'One benchmark at a time: remove retrieve.'],
  [['create', '--engine', 'mysql'], '--engine must be sqlite, postgres or both.'],
  [['create', '--mode', 'test'], '--mode must be sandbox, live or both.'],
  [['create', '--rounds', '0'], '--rounds must be a whole number from 1 to 100.'],
  [['create', '--rounds', '101'], '--rounds must be a whole number from 1 to 100.'],
  [['create', '--seconds', '1.5'], '--seconds must be a whole number from 1 to 60.'],
  [['peers', '--count', '1000001'], '--count must be a whole number from 1 to 1000000.'],
  [['create', '--seconds', '1e1'], '--seconds must be a whole number from 1 to 60.'],
  [
    ['start', '--profile', '/tmp/p'],
    '--profile works only with create, retrieve, settle, overload, deliver, peers.',
  ],
])('%j is refused: %s', (args, message) => {
  expect(() => readOptions(args)).toThrow(message)
})

test('deliver sends 4000 events to each endpoint', () => {
  expect(readOptions(['deliver']).count).toBe(4000)
})

test('an unknown flag is refused', () => {
  expect(() => readOptions(['create', '--round', '3'])).toThrow('--round')
})

test('the help names every benchmark', () => {
  for (const name of BENCHMARKS) expect(HELP).toMatch(new RegExp(`^  ${name} `, 'm'))
})

test('docs/benchmarks.md names every benchmark, and each of its commands is accepted', () => {
  const page = readFileSync(new URL('../docs/benchmarks.md', import.meta.url), 'utf8')
  for (const name of BENCHMARKS) expect(page).toContain(`| \`${name}\` |`)
  const commands = [...page.matchAll(/npm run bench -- ([^`#\n]+)/g)]
  for (const [, args = ''] of commands) {
    expect(BENCHMARKS).toContain(readOptions(args.trim().split(/\s+/)).name)
  }
  expect(commands.length).toBeGreaterThan(3)
})
