/** The house rules that no compiler checks. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { IMPORT_TABLE } from '../scripts/import-table.ts'
import { printAll } from '../scripts/print.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((path) => existsSync(join(ROOT, path)))
const inSource = (path: string) => path.startsWith('src/') && /\.tsx?$/.test(path)
const isTest = (path: string) => /(?:\.test\.tsx?|-suite\.ts)$/.test(path)
const SOURCES = FILES.filter((path) => inSource(path) && !isTest(path))
const TYPESCRIPT = FILES.filter((path) => /\.tsx?$/.test(path))
const PAGES = FILES.filter((path) => path.endsWith('.md'))

/** Returns `file: match` for each file in which the pattern occurs. */
function matchesIn(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((path) =>
    [...read(path).matchAll(new RegExp(pattern, 'g'))].map(([match]) => `${path}: ${match}`),
  )
}

describe('source', () => {
  test('imports have one direction', () => {
    const wrong: string[] = []
    for (const path of SOURCES) {
      const [, ring = ''] = path.split('/')
      expect(Object.keys(IMPORT_TABLE), `${path} lies in a folder without a ring`).toContain(ring)
      for (const [, target = ''] of read(path).matchAll(/from '(\.[^']+)'/g)) {
        const importedPath = normalize(join(dirname(path), target)).replace(/^src\//, '')
        const isAllowed = [ring, ...(IMPORT_TABLE[ring] ?? [])].some(
          (folder) => importedPath === folder || importedPath.startsWith(`${folder}/`),
        )
        if (!isAllowed) wrong.push(`${path} imports ${importedPath}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('the client imports only types from the server, and nothing from Node', () => {
    // The verifiers are separate entries, and use the domain's code for signed texts.
    const verifiers = /^src\/client\/(?:verification\/|signatures\.ts$|webhooks\.ts$)/
    const client = SOURCES.filter((path) => path.startsWith('src/client/') && !verifiers.test(path))
    expect(client.length).toBeGreaterThan(0)
    for (const path of client) {
      const imports = [...read(path).matchAll(/^(import|export) (type )?[^;]*? from '([^']+)'/gm)]
      const loadedModules = imports
        .filter(([, , type]) => type === undefined)
        .map(([, , , from]) => from)
      expect([path, loadedModules.filter((from) => !from?.startsWith('./'))]).toEqual([path, []])
      expect(read(path)).not.toMatch(/\b(?:Buffer|process)\b/)
    }
  })

  test('only the clock and the random source read the time and random numbers', () => {
    // The metrics and the group commit measure durations, not the time of day.
    const ports = [
      'src/server/clock.ts',
      'src/server/random.ts',
      'src/server/metrics.ts',
      'src/store/engine/group-commit.ts',
      // The client and the verifiers run without the server.
      'src/client/machine.ts',
      // The checks of a processor run without the server, too.
      'src/processors/machine.ts',
      'src/client/webhooks.ts',
    ]
    // Browser code has no ports: it uses the server's time and the page's own clock.
    const inBrowser = /^src\/.+\/browser\/|^src\/checkout\/components\//
    const others = SOURCES.filter((path) => !ports.includes(path) && !inBrowser.test(path))
    expect(
      matchesIn(
        others,
        /Date\.now\(|new Date\(\)|Math\.random\(|randomBytes|randomUUID|performance\.now/,
      ),
    ).toEqual([])
  })

  test('timers come from node:timers, which fake timers of a test do not replace', () => {
    // The client reads timers from the global object when it loads, because it imports nothing of Node.
    const elsewhere = /^src\/.+\/browser\/|^src\/checkout\/components\/|^src\/client\/machine\.ts$/
    const wrong = SOURCES.filter((path) => !elsewhere.test(path)).flatMap((path) => {
      const text = read(path)
      const [, importList = ''] =
        /^import \{([^}]*)\} from 'node:timers(?:\/promises)?'$/m.exec(text) ?? []
      return ['setImmediate', 'setInterval', 'setTimeout']
        .filter((name) => new RegExp(`\\b${name}\\(|\\(${name}\\)`).test(text))
        .filter((name) => !importList.includes(name))
        .map((name) => `${path}: ${name}`)
    })
    expect(wrong).toEqual([])
  })

  test('the domain has no input, no output and no await', () => {
    const domain = SOURCES.filter((path) => path.startsWith('src/domain/'))
    expect(
      matchesIn(domain, /\bawait\b|\basync\b|node:(?:fs|net|http|child_process)|\bprocess\./),
    ).toEqual([])
  })

  test('only the store has SQL', () => {
    const others = SOURCES.filter((path) => !path.startsWith('src/store/'))
    expect(
      matchesIn(
        others,
        /['"`]\s*(?:select\s|insert into\s|update \w+ set\s|delete from\s|create table\s)/i,
      ),
    ).toEqual([])
  })

  test('only applyMove moves a session', () => {
    const others = SOURCES.filter(
      (path) =>
        !path.startsWith('src/store/') &&
        !['src/operations/apply-move.ts', 'src/operations/store.ts'].includes(path),
    )
    // A transaction's nouns are written by their full name, so that these expressions find every use.
    expect(
      matchesIn(
        others,
        /\{[^{}]*\bpayment(?:Sessions|Attempts)\b[^{}]*\}\s*(?:=\s*tx\b|:\s*Transaction\b)/,
      ),
    ).toEqual([])
    expect(
      matchesIn(
        others,
        /paymentSessions\s*\.\s*update\b|movePaymentSession\(|paymentAttempts\s*\.\s*insert\b/,
      ),
    ).toEqual(['src/domain/payment-session.ts: movePaymentSession('])
    // Refunds, transfers and disputes are not moves of the session, but they lock its row.
    const spending = [
      'dispute-payment.ts',
      'make-transfers.ts',
      'refund-payment.ts',
      'reverse-transfer.ts',
    ]
    const rest = others.filter((path) => !spending.some((name) => path.endsWith(`/${name}`)))
    expect(matchesIn(rest, /paymentAttempts\s*\.\s*update\b/)).toEqual([])
  })

  test('operations do not depend on HTTP: they return results, and the API renders them', () => {
    const operations = SOURCES.filter((path) => path.startsWith('src/operations/'))
    const http = /\brender\w*|[Ff]astify|\bstatusCode\b|\bstatus: \d|\breply\b|retry-after/g
    expect(matchesIn(operations, http)).toEqual([])
  })

  test('one function adds ledger postings, and none changes or deletes them', () => {
    expect(matchesIn(SOURCES, /(?:update|delete from) ledger_postings/i)).toEqual([])
    expect(matchesIn(SOURCES, /insert into ledger_postings/i)).toEqual([
      'src/store/ledger.ts: insert into ledger_postings',
    ])
    const posting = SOURCES.filter((path) => path.startsWith('src/operations/'))
    const postings = matchesIn(posting, /\bledger\s*\.\s*insert\((?!\[?\s*(?:\.\.\.)?postingsFor)/)
    expect(postings).toEqual([])
  })

  test('only one folder finds the files of the program, so that an executable has them too', () => {
    const others = SOURCES.filter((path) => !path.startsWith('src/program/'))
    expect(
      matchesIn(others, /import\.meta\.(?:url|dirname|filename|resolve)|new Worker\(/),
    ).toEqual([])
  })

  test('only the entry of the command line reads the environment', () => {
    expect(
      matchesIn(
        SOURCES.filter((path) => path !== 'src/cli/main.ts'),
        /process\.env/,
      ),
    ).toEqual([])
  })

  test('no money is a float, no type is `any`, and no code has a TODO', () => {
    expect(matchesIn(SOURCES, /parseFloat|\* 100\b|\/ 100\b|toFixed/)).toEqual([])
    expect(matchesIn(SOURCES, /: any\b|as any\b|@ts-ignore|@ts-expect-error/)).toEqual([])
    const others = TYPESCRIPT.filter((path) => path !== 'test/tidy.test.ts')
    expect(matchesIn(others, /\bTODO\b|\bFIXME\b/)).toEqual([])
  })

  test('no literal is spread into another one', () => {
    const others = TYPESCRIPT.filter((path) => path !== 'test/tidy.test.ts')
    expect(matchesIn(others, /\.\.\.\{|\.\.\.\[[^[\]]*\](?!\.|\n\s*\.)/)).toEqual([])
  })

  test('file names are nouns or verb phrases', () => {
    expect(
      SOURCES.filter((path) =>
        /(?:utils?|helpers?|common|manager|handler|data|info)\.ts$/.test(path),
      ),
    ).toEqual([])
    expect(SOURCES.filter((path) => !/^[a-z0-9/-]+(?:\.test)?\.tsx?$/.test(path))).toEqual([])
  })

  test('a name is a noun or a verb phrase, not only a participle', () => {
    const irregular =
      'begun|bought|broken|built|chosen|drawn|driven|forgotten|found|frozen|given|gone|got|heard|held|hidden|kept|known|left|lost|made|meant|met|paid|said|seen|sent|shown|sold|sought|spent|stolen|stuck|sworn|taken|told|torn|undone|unknown|won|written'
    const participle = new RegExp(`^(?:(?:re|un)?(?:${irregular})|[a-z]{2,}ed)\\d*$`)
    // The words of JSON Schema and of callbacks, the two sides of a check, and nouns that end in the same letters.
    const exempt =
      /^(?:done|embed|exceed|expected|feed|need|proceed|read|received|required|seed|speed|succeed)$/
    const declaration =
      /\b(?:const|let|function) (?:(\w+)|[[{]([^\]}=]*(?:= [^\]}]*)?)[\]}] =)|\((\w+)\) =>|\((\w+)\??: (?!\$)/g
    const wrong = TYPESCRIPT.flatMap((path) =>
      [...read(path).matchAll(declaration)]
        .flatMap(([, name, pattern = '', parameter, typed]) => [
          name ?? parameter ?? typed ?? '',
          ...pattern.split(',').map((part) => /(\w+)(?: = .*)?\s*$/.exec(part)?.[1] ?? ''),
        ])
        .filter((name) => participle.test(name) && !exempt.test(name))
        .map((name) => `${path}: ${name}`),
    )
    expect(wrong, 'name the thing: `payment` or `paidSession` instead of `paid`').toEqual([])
  })

  test('comments are plain English', () => {
    const inEnglish = FILES.filter(
      (path) => /^(?:src|scripts|bench)\/.+\.tsx?$/.test(path) && !isTest(path),
    )
    // A docstring states its subject: no question word stands for a noun.
    expect(
      matchesIn(inEnglish, /\/\*\*\s+(?:\*\s+)?(?:What|Who|Whom|Whose|Whether|How|Where|When)\b.*/),
    ).toEqual([])
    expect(
      matchesIn(inEnglish, /\b(?:anew|likewise|whoever|whomever|whichever|whatever|thereby)\b/i),
    ).toEqual([])
  })

  test('spelling is American, as on the wire', () => {
    // Released migrations stay as they are, and so do the snippets of the real service.
    const texts = FILES.filter((path) => /^(?!test\/snippets\/).*\.(?:tsx?|js|css|md)$/.test(path))
    expect(
      matchesIn(
        texts,
        /\w*(?:colo[u]r|behavio[u]r|neighbo[u]r|recogni[s]e|normali[s]e|licen[c]e|fulfi[l](?!l))\w*/i,
      ),
    ).toEqual([])
  })

  test('every export has a docstring', () => {
    const silent: string[] = []
    for (const path of SOURCES) {
      const lines = read(path).split('\n')
      lines.forEach((line, index) => {
        if (!/^export (?:async )?(?:const|function|class|type|interface)/.test(line)) return
        const above = lines[index - 1] ?? ''
        // An overload or a const beside its type shares the text above it.
        if (!above.endsWith('*/')) silent.push(`${path}:${index + 1} ${line.slice(0, 60)}`)
      })
    }
    expect(silent).toEqual([])
  })
})

describe('pages', () => {
  test('have exactly one title each', () => {
    for (const path of PAGES) {
      const prose = read(path).replaceAll(/```[\s\S]*?```/g, '')
      expect([path, prose.match(/^# /gm)?.length]).toEqual([path, 1])
    }
  })

  test('link to existing pages', () => {
    const brokenLinks: string[] = []
    for (const path of PAGES) {
      for (const [, target = ''] of read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
        if (!existsSync(join(ROOT, dirname(path), target))) brokenLinks.push(`${path}: ${target}`)
      }
    }
    expect(brokenLinks).toEqual([])
  })

  test('are no longer than their limit', () => {
    // The README has one and a half screens, and the sandbox's values, because readers look for them there.
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(115)
    expect(read('ARCHITECTURE.md').split('\n').length).toBeLessThan(215)
    // One page is one choice. The table of dependencies and the list of decisions grow with the program.
    const choices = PAGES.filter(
      (path) => /^docs\/decisions\/\d/.test(path) && !path.endsWith('/0015-dependencies.md'),
    )
    expect(choices.filter((path) => read(path).trimEnd().split('\n').length > 35)).toEqual([])
  })

  test('name files and functions that exist, and CONTRIBUTING shows the code of a real route', () => {
    const page = read('CONTRIBUTING.md')
    const paths = [...page.matchAll(/`((?:src|test|docs)\/[\w./-]*)`/g)].map(
      ([, path = '']) => path,
    )
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])

    const answers = page.slice(page.indexOf('| question |'), page.indexOf('## Adding a resource'))
    const names = [...answers.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
    const source = TYPESCRIPT.filter(inSource).map(read).join('\n')
    const unknownNames = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(source))
    expect([names.length > 10, unknownNames]).toEqual([true, []])

    const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? []
    expect(read('src/api/refunds/routes.ts')).toContain(example)
    expect(example).toContain('route({')
  })

  test('that are generated from the code are up to date', async () => {
    for (const [path, text] of await printAll()) {
      expect(read(path), `${path} is out of date: npm run print`).toBe(text)
    }
  })
})

describe('the package', () => {
  test('names no registry and no path of a machine', () => {
    // The names are written in two parts, so that this file does not contain them.
    const HOSTS = new RegExp(['registry\\.', 'npmjs|deb\\.', 'debian\\.org'].join(''))
    const FOLDERS = new RegExp(['/work', '/|\\.\\./', 'shared'].join(''))
    const texts = FILES.filter((path) =>
      /\.(?:ts|js|json|md|sql|sh|py|yml)$|^\.npmrc$|^\.ci\/run$/.test(path),
    )
    expect(matchesIn(texts, HOSTS)).toEqual([])
    expect(matchesIn(texts, FOLDERS)).toEqual([])
  })

  test('has exact versions, and a documented reason for each dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
      string,
      Record<string, string>
    >
    const page = read('docs/decisions/0015-dependencies.md')
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)])
      expect(page, `no line for ${name}`).toContain(`\`${name}\``)
    }
  })

  test('imports only declared dependencies', () => {
    const { dependencies, devDependencies, peerDependencies } = JSON.parse(
      read('package.json'),
    ) as Record<string, Record<string, string>>
    const allowedIn = (path: string) =>
      inSource(path) && !isTest(path)
        ? Object.keys({ ...dependencies, ...peerDependencies })
        : // A test may import the exports of our own packages.
          ['paydesk', 'paydesk-client', ...Object.keys({ ...dependencies, ...devDependencies })]
    const undeclaredImports: string[] = []
    for (const path of TYPESCRIPT.filter((one) => one !== 'test/tidy.test.ts')) {
      for (const [, name = ''] of read(path).matchAll(
        /(?:\bfrom |\bimport\()'((?:@[\w.-]+\/)?[\w:][\w.:-]*)[\w./-]*'/g,
      )) {
        if (!name.startsWith('node:') && !allowedIn(path).includes(name))
          undeclaredImports.push(`${path}: ${name}`)
      }
    }
    expect(undeclaredImports).toEqual([])
  })
})
