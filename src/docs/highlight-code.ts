import { Html, html } from '../pages/html.ts'

type Grammar = { readonly comment: string; readonly string: string; readonly keywords: string }

const DOUBLE = String.raw`"(?:\\.|[^"\\\n])*"`
const SINGLE = String.raw`'(?:\\.|[^'\\\n])*'`
const BACKTICK = '`(?:\\\\.|[^`\\\\])*`'
const SLASHES = String.raw`\/\/[^\n]*|\/\*[\s\S]*?\*\/`
const HASH = String.raw`(?<![^\s])#[^\n]*`

const JAVASCRIPT: Grammar = {
  comment: SLASHES,
  string: `${DOUBLE}|${SINGLE}|${BACKTICK}`,
  keywords:
    'as async await break case catch class const continue default delete do else export extends false finally for from function if import in instanceof interface let new null of return satisfies static super switch this throw true try type typeof undefined using var void while yield',
}
const GRAMMARS: ReadonlyMap<string, Grammar> = new Map([
  ['js', JAVASCRIPT],
  ['ts', JAVASCRIPT],
  [
    'python',
    {
      comment: HASH,
      string: `"""[\\s\\S]*?"""|[fbr]?${DOUBLE}|[fbr]?${SINGLE}`,
      keywords:
        'and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None not or pass raise return True try while with yield',
    },
  ],
  [
    'php',
    {
      comment: `${SLASHES}|${HASH}`,
      string: `${DOUBLE}|${SINGLE}`,
      keywords:
        'array as break case catch class const continue default do echo else elseif false finally fn for foreach function if implements new null private public require return static switch throw true try use while',
    },
  ],
  [
    'go',
    {
      comment: SLASHES,
      string: `${DOUBLE}|${BACKTICK}`,
      keywords:
        'break case chan const continue default defer else false for func go if import interface map nil package range return select struct switch true type var',
    },
  ],
  [
    'java',
    {
      comment: SLASHES,
      string: `"""[\\s\\S]*?"""|${DOUBLE}|${SINGLE}`,
      keywords:
        'boolean break case catch class const continue do double else extends false final finally for if implements import int interface long new null package private public return static switch this throw throws true try var void while',
    },
  ],
  [
    'csharp',
    {
      comment: SLASHES,
      string: `"""[\\s\\S]*?"""|[$@]*${DOUBLE}|${SINGLE}`,
      keywords:
        'await async bool break case catch class const continue do else false finally for foreach if in int is namespace new null out private public return static string switch this throw true try using var void while',
    },
  ],
  [
    'ruby',
    {
      comment: HASH,
      string: `${DOUBLE}|${SINGLE}`,
      keywords:
        'and begin break case class def do else elsif end ensure false for if in module next nil not or raise require rescue return self then true unless until when while yield',
    },
  ],
  [
    'sh',
    {
      comment: HASH,
      string: `"(?:\\\\.|[^"\\\\])*"|'[^']*'`,
      keywords: 'do done else fi for if in then while export',
    },
  ],
  ['yaml', { comment: HASH, string: `${DOUBLE}|${SINGLE}`, keywords: 'true false null' }],
  ['json', { comment: '(?!)', string: DOUBLE, keywords: 'true false null' }],
  [
    'nginx',
    {
      comment: HASH,
      string: `${DOUBLE}|${SINGLE}`,
      keywords: 'server location upstream listen proxy_pass',
    },
  ],
  [
    'html',
    {
      comment: '<!--[\\s\\S]*?-->',
      string: `${DOUBLE}|${SINGLE}|${BACKTICK}`,
      keywords: JAVASCRIPT.keywords,
    },
  ],
  [
    'sql',
    {
      comment: '--[^\\n]*',
      string: SINGLE,
      keywords:
        'and as asc bigint check constraint create default desc exists foreign from index integer key not null on or primary references table text unique where',
    },
  ],
])

/** Marks comments, texts, numbers and keywords of code. A language that is unknown gets no marks. */
export function highlightCode(code: string, language: string): Html {
  const grammar = GRAMMARS.get(language)
  if (grammar === undefined) return html`${code}`
  const keywords = new Set(grammar.keywords.split(' '))
  const pattern = new RegExp(
    `(?<c>${grammar.comment})|(?<s>${grammar.string})|(?<n>\\b\\d[\\d_.]*\\b)|(?<w>[A-Za-z_$][\\w$]*)`,
    'g',
  )
  let text = ''
  let end = 0
  for (const match of code.matchAll(pattern)) {
    const kind = kindOf(match.groups ?? {}, keywords)
    if (kind === undefined) continue
    const [token] = match
    text += html`${code.slice(end, match.index)}`.text
    text += html`<span class="${kind}">${token}</span>`.text
    end = match.index + token.length
  }
  return new Html(text + html`${code.slice(end)}`.text)
}

/** Undefined: the word is an ordinary name. */
function kindOf(
  groups: Readonly<Record<string, string | undefined>>,
  keywords: ReadonlySet<string>,
): string | undefined {
  if (groups.c !== undefined) return 'hc'
  if (groups.s !== undefined) return 'hs'
  if (groups.n !== undefined) return 'hn'
  return keywords.has(groups.w ?? '') ? 'hk' : undefined
}
