/**
 * Code for an integrator's program, with a sandbox's values in it. Each snippet works unchanged.
 */

/** The languages of the snippets. */
export const LANGUAGES = ['curl', 'Node', 'Python', 'PHP', 'Go'] as const
/** A language of the snippets. */
export type Language = (typeof LANGUAGES)[number]

type SnippetValues = {
  readonly baseUrl: string
  readonly accountId: string
  readonly accessToken: string
  readonly currency: string
  readonly webhookKey: string
}

/** Returns code that creates a payment session and prints its checkout address. */
export function sessionSnippet(language: Language, values: SnippetValues): string {
  const { accessToken, accountId, baseUrl, currency } = values
  const url = `${baseUrl}/api/v1/paymentsessions?account_id=${accountId}`
  switch (language) {
    case 'curl':
      return `curl '${url}' \\
  -H 'Authorization: Zoho-oauthtoken ${accessToken}' \\
  -H 'Content-Type: application/json' \\
  -H 'Idempotency-Key: order-8841-curl' \\
  -d '{"amount": 1499.90, "currency": "${currency}", "description": "Order 8841"}'`
    case 'Node':
      return `const response = await fetch('${url}', {
  method: 'POST',
  headers: {
    Authorization: 'Zoho-oauthtoken ${accessToken}',
    'Content-Type': 'application/json',
    'Idempotency-Key': 'order-8841-node',
  },
  body: JSON.stringify({ amount: '1499.90', currency: '${currency}', description: 'Order 8841' }),
})
const { payments_session: session, message } = await response.json()
if (!response.ok) throw new Error(message)
console.log('${baseUrl}/hostedcheckout/' + session.access_key)`
    case 'Python':
      return `import json
import urllib.request

request = urllib.request.Request(
    "${url}",
    method="POST",
    headers={
        "Authorization": "Zoho-oauthtoken ${accessToken}",
        "Content-Type": "application/json",
        "Idempotency-Key": "order-8841-python",
    },
    data=json.dumps(
        {"amount": "1499.90", "currency": "${currency}", "description": "Order 8841"}
    ).encode(),
)
with urllib.request.urlopen(request) as response:
    session = json.load(response)["payments_session"]
print("${baseUrl}/hostedcheckout/" + session["access_key"])`
    case 'PHP':
      return `<?php
$context = stream_context_create(['http' => [
    'method' => 'POST',
    'header' => implode("\\r\\n", [
        'Authorization: Zoho-oauthtoken ${accessToken}',
        'Content-Type: application/json',
        'Idempotency-Key: order-8841-php',
    ]),
    'content' => json_encode(
        ['amount' => '1499.90', 'currency' => '${currency}', 'description' => 'Order 8841']
    ),
    'ignore_errors' => true,
]]);
$answer = json_decode(file_get_contents('${url}', false, $context), true);
if (!isset($answer['payments_session'])) {
    throw new RuntimeException($answer['message']);
}
echo '${baseUrl}/hostedcheckout/' . $answer['payments_session']['access_key'], "\\n";`
    case 'Go':
      return `package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strings"
)

func main() {
	body := \`{"amount": "1499.90", "currency": "${currency}", "description": "Order 8841"}\`
	request, err := http.NewRequest("POST", "${url}", strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Zoho-oauthtoken ${accessToken}")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "order-8841-go")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Message string
		Session struct {
			AccessKey string \`json:"access_key"\`
		} \`json:"payments_session"\`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		log.Fatal(err)
	}
	if response.StatusCode >= 300 {
		log.Fatal(answer.Message)
	}
	fmt.Println("${baseUrl}/hostedcheckout/" + answer.Session.AccessKey)
}`
  }
}

/** Returns code that verifies a webhook from its raw body and its header `X-Zoho-Webhook-Signature`. */
export function webhookSnippet(language: Language, { webhookKey: key }: SnippetValues): string {
  switch (language) {
    case 'curl':
      return `# The body in a file, byte for byte, and the header X-Zoho-Webhook-Signature: t=…,v=…
header='t=1763800191456,v=…'
key='${key}'

t=\${header#t=}; t=\${t%%,*}
expected=$({ printf '%s.' "$t"; cat body.json; } | openssl dgst -sha256 -hmac "$key" | sed 's/^.* //')
case ",$header," in *",v=$expected,"*) echo valid ;; *) echo invalid ;; esac`
    case 'Node':
      return `import { createHmac, timingSafeEqual } from 'node:crypto'

const KEY = '${key}'

// rawBody: a Buffer with the received body, before any parser. With Express: express.raw({ type: '*/*' })
function isFromPaydesk(rawBody, header, nowMs = Date.now()) {
  const parts = header.split(',').map((part) => part.split('='))
  const t = parts.find(([name]) => name === 't')?.[1] ?? '0'
  if (Math.abs(nowMs - Number(t)) > 300_000) return false
  const expected = createHmac('sha256', KEY).update(t + '.').update(rawBody).digest()
  return parts.some(([name, value]) => {
    const signature = Buffer.from(value ?? '', 'hex')
    return name === 'v' && signature.length === expected.length && timingSafeEqual(signature, expected)
  })
}`
    case 'Python':
      return `import hashlib
import hmac
import time

KEY = "${key}"


def is_from_paydesk(raw_body: bytes, header: str, now_ms: float | None = None) -> bool:
    parts = [part.split("=", 1) for part in header.split(",")]
    sent_at = next(value for name, value in parts if name == "t")
    if abs((now_ms or time.time() * 1000) - int(sent_at)) > 300_000:
        return False
    message = sent_at.encode() + b"." + raw_body
    expected = hmac.new(KEY.encode(), message, hashlib.sha256).hexdigest()
    return any(name == "v" and hmac.compare_digest(value, expected) for name, value in parts)`
    case 'PHP':
      return `<?php
const KEY = '${key}';

// $rawBody: file_get_contents('php://input'); $header: $_SERVER['HTTP_X_ZOHO_WEBHOOK_SIGNATURE']
function isFromPaydesk(string $rawBody, string $header, ?float $nowMs = null): bool
{
    $t = '0';
    $signatures = [];
    foreach (explode(',', $header) as $part) {
        [$name, $value] = explode('=', $part, 2) + ['', ''];
        if ($name === 't') $t = $value;
        if ($name === 'v') $signatures[] = $value;
    }
    if (abs(($nowMs ?? microtime(true) * 1000) - (float) $t) > 300000) return false;
    $expected = hash_hmac('sha256', $t . '.' . $rawBody, KEY);
    foreach ($signatures as $signature) {
        if (hash_equals($expected, $signature)) return true;
    }
    return false;
}`
    case 'Go':
      return `package paydesk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

const key = "${key}"

// IsFromPaydesk takes the received body unchanged, and the header X-Zoho-Webhook-Signature.
func IsFromPaydesk(rawBody []byte, header string, now time.Time) bool {
	var t string
	var signatures []string
	for _, part := range strings.Split(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			t = value
		case "v":
			signatures = append(signatures, value)
		}
	}
	sentAtMs, err := strconv.ParseInt(t, 10, 64)
	if err != nil || now.Sub(time.UnixMilli(sentAtMs)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(t + "."))
	mac.Write(rawBody)
	expected := hex.EncodeToString(mac.Sum(nil))
	for _, signature := range signatures {
		if hmac.Equal([]byte(signature), []byte(expected)) {
			return true
		}
	}
	return false
}`
  }
}
