/** Prepares a release: checks everything, packs both packages, and prints the owner's steps. It publishes nothing. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

type Manifest = { readonly version: string; readonly repository: { readonly url: string } }

function problems({ repository, version }: Manifest): readonly string[] {
  const results: string[] = []
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  if (git('status', '--porcelain') !== '') results.push('There are changes without a commit.')
  if (git('tag', '--list', `v${version}`) !== '')
    results.push(`The tag v${version} already exists.`)
  if (!readFileSync(`${ROOT}CHANGELOG.md`, 'utf8').includes(`\n## ${version}`))
    results.push(`CHANGELOG.md has no section "## ${version}".`)
  const remotes = git('remote', '-v')
  const address = repository.url.replace(/^git\+https:\/\/|\.git$/g, '')
  if (!remotes.replaceAll(':', '/').includes(address))
    results.push(`No remote of this clone is ${address}, the repository in package.json.`)
  return results
}

function release(isDryRun: boolean): void {
  const manifest: Manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))
  const results = problems(manifest)
  for (const problem of results) process.stderr.write(`release: ${problem}\n`)
  if (results.length > 0 && !isDryRun) {
    process.exitCode = 1
    return
  }
  for (const script of ['check', 'test', 'pack'])
    execFileSync('npm', ['run', script], { cwd: ROOT, stdio: 'inherit' })
  const { version } = manifest
  process.stdout.write(`
Both packages are ready. The owner now does this:
  git tag v${version} && git push origin v${version}
  npm publish paydesk-${version}.tgz
  npm publish paydesk-client-${version}.tgz
Publish from a CI job that may sign provenance: package.json asks for it.
`)
  if (results.length > 0) process.exitCode = 1
}

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } })
release(values['dry-run'])
