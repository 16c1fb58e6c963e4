<?php

/**
 * A Paydesk sandbox for tests. Copy this file into the folder of your tests.
 *
 * PAYDESK          the executable; default: paydesk, found on the PATH
 * PAYDESK_API_URL  the address of a running sandbox, which the tests then use
 */
final class Paydesk
{
    private static ?string $url = null;

    /** Returns the address of the run's sandbox. The first call starts it, in memory and on a free port. */
    public static function url(): string
    {
        if (self::$url !== null) {
            return self::$url;
        }
        $running = getenv('PAYDESK_API_URL');
        if ($running !== false && $running !== '') {
            return self::$url = $running;
        }
        $program = getenv('PAYDESK') ?: 'paydesk';
        $command = [$program, 'serve', '--memory', '--port', '0', '--json', '--log-level', 'warn'];
        $process = @proc_open($command, [['pipe', 'r'], ['pipe', 'w'], STDERR], $pipes);
        // The program prints this line when it listens. It prints its errors itself.
        $line = $process === false ? false : fgets($pipes[1]);
        if ($line === false) {
            throw new RuntimeException("$program cannot be started. Set PAYDESK to the path of the executable.");
        }
        register_shutdown_function(static function () use ($process, $pipes): void {
            array_map('fclose', $pipes);
            proc_terminate($process);
            proc_close($process);
        });
        return self::$url = json_decode($line, true)['base_url'];
    }

    /** Creates an isolated sandbox for one test, with its own address, credentials, data and clock. */
    public static function tenant(): Tenant
    {
        return new Tenant(Http::send('POST', self::url() . '/_sandbox/tenants', (object) [])['tenant']);
    }
}

final class Tenant
{
    public readonly string $baseUrl;
    public readonly string $accountId;
    public readonly string $accessToken;
    public readonly string $signingKey;
    private readonly string $name;

    /** @param array<string, mixed> $facts */
    public function __construct(array $facts)
    {
        $this->name = $facts['name'];
        $this->baseUrl = $facts['base_url'];
        $this->accountId = $facts['account_id'];
        $this->accessToken = $facts['access_token'];
        $this->signingKey = $facts['signing_key'];
    }

    /** Plays a customer's attempts: ['method' => 'upi', 'outcome' => 'succeeded']. */
    public function pay(string $sessionId, array ...$attempts): void
    {
        $this->control('POST', "/sessions/$sessionId/attempts", ['attempts' => $attempts]);
        // All webhooks are delivered when this call returns.
        $this->advance('0s');
    }

    /** Moves the clock by a length such as 15m, and does the work that becomes due. */
    public function advance(string $length): void
    {
        $this->control('POST', '/clock/advance', ['by' => $length]);
    }

    /** Calls the API with the tenant's token, as a shop does: api('GET', '/payments/123'). */
    public function api(string $method, string $path, ?array $body = null): array
    {
        $url = "$this->baseUrl/api/v1$path?account_id=$this->accountId";
        return Http::send($method, $url, $body, ["Authorization: Zoho-oauthtoken $this->accessToken"]);
    }

    /** Calls the control API: {baseUrl}/docs/control/clock describes it. */
    public function control(string $method, string $path, array|object|null $body = null): array
    {
        return Http::send($method, $this->baseUrl . '/_sandbox' . $path, $body);
    }

    public function delete(): void
    {
        Http::send('DELETE', Paydesk::url() . '/_sandbox/tenants/' . $this->name);
    }
}

final class Http
{
    /** Sends JSON and returns the JSON of the answer. */
    public static function send(
        string $method,
        string $url,
        array|object|null $body = null,
        array $headers = []
    ): array {
        $context = stream_context_create(['http' => [
            'method' => $method,
            'header' => ['Content-Type: application/json', ...$headers],
            'content' => $body === null ? '' : json_encode($body),
            'ignore_errors' => true,
            'timeout' => 30,
        ]]);
        $answer = json_decode(file_get_contents($url, false, $context), true);
        if ($answer['code'] !== 0) {
            throw new RuntimeException("$method $url: {$answer['message']}");
        }
        return $answer;
    }
}
