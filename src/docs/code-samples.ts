import type { Code } from './code-block.ts'

/** A request to show in all languages. */
export type SampleRequest = {
  readonly method: string
  /** With its query. */
  readonly url: string
  /** The value of the header Authorization. Undefined: the request has no such header. */
  readonly authorization?: string
  /** Undefined: the request has no such header. */
  readonly idempotencyKey?: string
  /** JSON text. Undefined: the request has no body. */
  readonly body?: string
}

/**
 * Writes a request in eight languages. Each program needs only its language's standard library, and
 * prints the answer.
 */
export function codeSamples(request: SampleRequest): readonly Code[] {
  return [
    { language: 'sh', text: curl(request) },
    { language: 'js', text: javaScript(request) },
    { language: 'python', text: python(request) },
    { language: 'php', text: php(request) },
    { language: 'go', text: go(request) },
    { language: 'java', text: java(request) },
    { language: 'csharp', text: csharp(request) },
    { language: 'ruby', text: ruby(request) },
  ]
}

type Header = readonly [name: string, value: string]

function headersOf({ authorization, body, idempotencyKey }: SampleRequest): readonly Header[] {
  const headers: Header[] = []
  if (authorization !== undefined) headers.push(['Authorization', authorization])
  if (body !== undefined) headers.push(['Content-Type', 'application/json'])
  if (idempotencyKey !== undefined) headers.push(['Idempotency-Key', idempotencyKey])
  return headers
}

/** Writes a text in single quotes, which shells, PHP, Python, Ruby and JavaScript read as plain text. */
const quote = (text: string) => `'${text}'`
const inDouble = (text: string) => JSON.stringify(text)
/** Without lines nothing is written. */
const between = (before: string, lines: readonly string[], after: string) =>
  lines.length === 0 ? '' : `${before}${lines.join('\n')}${after}`
const indent = (text: string, by: string) => text.replaceAll('\n', `\n${by}`)

function curl(request: SampleRequest): string {
  const { body, method, url } = request
  const verb = method === 'GET' ? '' : `-X ${method} `
  const lines = [
    `curl ${verb}${quote(url)}`,
    ...headersOf(request).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`-d ${quote(body.replaceAll("'", String.raw`'\''`))}`]),
  ]
  return lines.join(' \\\n  ')
}

function javaScript(request: SampleRequest): string {
  const { body, method, url } = request
  const headers = headersOf(request).map(([name, value]) => `    '${name}': ${quote(value)},`)
  return `const answer = await fetch(${quote(url)}, {
  method: '${method}',${between('\n  headers: {\n', headers, '\n  },')}${body === undefined ? '' : `\n  body: JSON.stringify(${indent(body, '  ')}),`}
})
console.log(answer.status, await answer.json())`
}

function python(request: SampleRequest): string {
  const { body, method, url } = request
  const headers = headersOf(request).map(
    ([name, value]) => `        "${name}": ${inDouble(value)},`,
  )
  const data =
    body === undefined
      ? ''
      : `\n    data=json.dumps(${indent(pythonLiteral(body), '    ')}).encode(),`
  return `import json
import urllib.request

request = urllib.request.Request(
    ${inDouble(url)},
    method="${method}",${between('\n    headers={\n', headers, '\n    },')}${data}
)
with urllib.request.urlopen(request) as answer:
    print(answer.status, json.load(answer))`
}

/** Writes JSON as Python: only the three names outside of texts differ. */
function pythonLiteral(json: string): string {
  return json.replaceAll(/"(?:\\.|[^"\\])*"|\b(?:true|false|null)\b/g, (token) =>
    token === 'true' ? 'True' : token === 'false' ? 'False' : token === 'null' ? 'None' : token,
  )
}

function php(request: SampleRequest): string {
  const { body, method, url } = request
  const headers = headersOf(request).map(
    ([name, value]) => `        ${quote(`${name}: ${value}`)},`,
  )
  const content =
    body === undefined
      ? ''
      : `\n    'content' => <<<'JSON'\n${indent(`    ${body}`, '    ')}\n    JSON,`
  return `<?php
$context = stream_context_create(['http' => [
    'method' => '${method}',${between("\n    'header' => [\n", headers, '\n    ],')}${content}
    'ignore_errors' => true,
]]);
echo file_get_contents(${quote(url)}, false, $context), "\\n";`
}

function go(request: SampleRequest): string {
  const { body, method, url } = request
  const headers = headersOf(request).map(
    ([name, value]) => `\trequest.Header.Set("${name}", ${inDouble(value)})`,
  )
  const reader = body === undefined ? 'nil' : 'strings.NewReader(body)'
  return `package main

import (
	"fmt"
	"io"
	"net/http"${body === undefined ? '' : '\n\t"strings"'}
)
${body === undefined ? '' : `\nconst body = \`${body}\`\n`}
func main() {
	request, err := http.NewRequest("${method}", ${inDouble(url)}, ${reader})
	if err != nil {
		panic(err)
	}
${between('', headers, '\n')}	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.StatusCode, string(text))
}`
}

function java(request: SampleRequest): string {
  const { body, method, url } = request
  const headers = headersOf(request).map(
    ([name, value]) => `            .header("${name}", ${inDouble(value)})`,
  )
  const publisher =
    body === undefined
      ? 'BodyPublishers.noBody()'
      : `BodyPublishers.ofString("""\n${indent(`                ${body}`, '                ')}""")`
  return `import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

public class Sample {
    public static void main(String[] args) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(${inDouble(url)}))
${between('', headers, '\n')}            .method("${method}", ${publisher})
            .build();
        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
        System.out.println(answer.statusCode() + " " + answer.body());
    }
}`
}

function csharp(request: SampleRequest): string {
  const { body, method, url } = request
  const headers = headersOf(request)
    .filter(([name]) => name !== 'Content-Type')
    .map(
      ([name, value]) => `request.Headers.TryAddWithoutValidation("${name}", ${inDouble(value)});`,
    )
  const content =
    body === undefined
      ? ''
      : `\nrequest.Content = new StringContent("""\n${indent(`    ${body}`, '    ')}\n    """, Encoding.UTF8, "application/json");`
  const verb = `${method.slice(0, 1)}${method.slice(1).toLowerCase()}`
  return `using System;
using System.Net.Http;
using System.Text;

using var client = new HttpClient();
using var request = new HttpRequestMessage(HttpMethod.${verb}, ${inDouble(url)});
${between('', headers, '\n')}${content && `${content.trimStart()}\n`}using var answer = await client.SendAsync(request);
Console.WriteLine($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");`
}

function ruby(request: SampleRequest): string {
  const { body, method, url } = request
  const headers = headersOf(request).map(([name, value]) => `request['${name}'] = ${quote(value)}`)
  const verb = `${method.slice(0, 1)}${method.slice(1).toLowerCase()}`
  const content =
    body === undefined ? '' : `\nrequest.body = <<~'JSON'\n${indent(`  ${body}`, '  ')}\nJSON`
  return `require 'net/http'

uri = URI(${quote(url)})
request = Net::HTTP::${verb}.new(uri)${between('\n', headers, '')}${content}
answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https') { |http| http.request(request) }
puts "#{answer.code} #{answer.body}"`
}
