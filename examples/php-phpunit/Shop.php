<?php

/**
 * A small shop: it creates payment sessions, and ships an order once when a signed webhook says that it is paid.
 * The orders are files in a folder; in your shop they are a table.
 */
final class Shop
{
    public function __construct(
        private readonly string $folder,
        private readonly string $baseUrl,
        private readonly string $accountId,
        private readonly string $accessToken
    ) {
    }

    /** @return array<string, mixed> the payment session */
    public function placeOrder(string $number, string $amount): array
    {
        $answer = $this->call('POST', '/paymentsessions', [
            'amount' => $amount,
            'currency' => 'INR',
            'reference_number' => $number,
        ], ["Idempotency-Key: $number"]);
        $session = $answer['payments_session'];
        $this->save($session['payments_session_id'], ['status' => 'open', 'shipments' => 0]);
        return $session;
    }

    public function registerWebhook(string $url): void
    {
        $body = ['name' => 'Shop', 'url' => $url, 'enabled_events' => ['payment.succeeded']];
        $webhook = $this->call('POST', '/webhooks', $body)['webhook'];
        file_put_contents("$this->folder/webhook-key", $webhook['signing_key']);
    }

    /** Returns the HTTP status of the answer. */
    public function receiveWebhook(string $body, string $signature): int
    {
        $key = @file_get_contents("$this->folder/webhook-key");
        if ($key === false || !self::isSigned($body, $signature, $key)) {
            return 401;
        }
        $sessionId = json_decode($body, true)['event_object']['payment']['payments_session_id'];
        $order = $this->order($sessionId);
        // The same event can arrive twice, so only the first change of the status ships.
        if ($order !== null && $order['status'] === 'open') {
            $this->save($sessionId, ['status' => 'paid', 'shipments' => $order['shipments'] + 1]);
        }
        return 204;
    }

    /** @return array{status: string, shipments: int}|null */
    public function order(string $sessionId): ?array
    {
        $file = $this->fileOf($sessionId);
        return file_exists($file) ? json_decode(file_get_contents($file), true) : null;
    }

    /** @return array<string, mixed> */
    private function call(string $method, string $path, array $body, array $headers = []): array
    {
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => [
                "Authorization: Zoho-oauthtoken $this->accessToken",
                'Content-Type: application/json',
                ...$headers,
            ],
            'content' => json_encode($body),
            'timeout' => 30,
        ]]);
        $url = "$this->baseUrl/api/v1$path?account_id=$this->accountId";
        $answer = file_get_contents($url, false, $context);
        if ($answer === false) {
            throw new RuntimeException("$method $path has failed");
        }
        return json_decode($answer, true);
    }

    private static function isSigned(string $body, string $signature, string $key): bool
    {
        preg_match('/(?:^|,)t=(\d{1,15})(?:,|$)/', $signature, $match);
        $sentAt = $match[1] ?? '';
        if ($sentAt === '' || abs(microtime(true) * 1000 - (int) $sentAt) > 300_000) {
            return false;
        }
        $expected = 'v=' . hash_hmac('sha256', "$sentAt.$body", $key);
        foreach (explode(',', $signature) as $part) {
            if (hash_equals($expected, $part)) {
                return true;
            }
        }
        return false;
    }

    private function save(string $sessionId, array $order): void
    {
        file_put_contents($this->fileOf($sessionId), json_encode($order), LOCK_EX);
    }

    private function fileOf(string $sessionId): string
    {
        return "$this->folder/order-" . preg_replace('/\D/', '', $sessionId);
    }
}
