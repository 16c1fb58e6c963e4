<?php

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Paydesk.php';
require_once __DIR__ . '/Shop.php';

final class ShopTest extends TestCase
{
    private Tenant $tenant;
    private Shop $shop;
    private string $folder;
    /** @var resource */
    private $webServer;
    /** @var resource[] */
    private array $pipes = [];

    protected function setUp(): void
    {
        $this->tenant = Paydesk::tenant();
        $this->folder = sys_get_temp_dir() . '/shop-' . bin2hex(random_bytes(8));
        mkdir($this->folder);
        $this->shop = new Shop(
            $this->folder,
            $this->tenant->baseUrl,
            $this->tenant->accountId,
            $this->tenant->accessToken
        );
        $this->shop->registerWebhook($this->startWebServer());
    }

    protected function tearDown(): void
    {
        proc_terminate($this->webServer);
        array_map('fclose', $this->pipes);
        proc_close($this->webServer);
        $this->tenant->delete();
        array_map('unlink', glob("$this->folder/*"));
        rmdir($this->folder);
    }

    public function testAnOrderIsPaidAfterADeclinedCard(): void
    {
        $id = $this->shop->placeOrder('order-1', '1499.90')['payments_session_id'];
        $declined = ['method' => 'card', 'outcome' => 'failed', 'decline_code' => 'insufficient_funds'];
        $this->tenant->pay($id, $declined);
        $this->assertSame('open', $this->shop->order($id)['status']);
        $this->tenant->pay($id, ['method' => 'upi', 'outcome' => 'succeeded']);
        $this->assertSame(['status' => 'paid', 'shipments' => 1], $this->shop->order($id));
    }

    public function testAnOrderIsShippedOnceIfTheWebhookArrivesTwice(): void
    {
        $this->tenant->control('POST', '/faults', ['target' => 'webhook', 'effect' => ['duplicate' => true]]);
        $id = $this->shop->placeOrder('order-1', '250.00')['payments_session_id'];
        $this->tenant->pay($id, ['method' => 'card', 'outcome' => 'succeeded']);
        $this->assertSame(1, $this->shop->order($id)['shipments']);
    }

    public function testAForgedWebhookIsRefused(): void
    {
        $this->assertSame(401, $this->shop->receiveWebhook('{}', 't=1,v=0'));
    }

    public function testAnOrderThatNobodyPaysExpires(): void
    {
        $id = $this->shop->placeOrder('order-1', '250.00')['payments_session_id'];
        $this->tenant->advance('16m');
        $answer = $this->tenant->api('GET', "/paymentsessions/$id");
        $this->assertSame('expired', $answer['payments_session']['status']);
        $this->assertSame('open', $this->shop->order($id)['status']);
    }

    /** Starts PHP's own web server on a free port with the shop's page for webhooks. */
    private function startWebServer(): string
    {
        $command = [PHP_BINARY, '-S', '127.0.0.1:0', __DIR__ . '/webhooks.php'];
        $streams = [['file', '/dev/null', 'r'], ['file', '/dev/null', 'w'], ['pipe', 'w']];
        $environment = [
            ...getenv(),
            'SHOP_FOLDER' => $this->folder,
            'PAYMENTS_URL' => $this->tenant->baseUrl,
            'PAYMENTS_ACCOUNT' => $this->tenant->accountId,
            'PAYMENTS_TOKEN' => $this->tenant->accessToken,
        ];
        $this->webServer = proc_open($command, $streams, $this->pipes, null, $environment);
        while (($line = fgets($this->pipes[2])) !== false) {
            if (preg_match('~\((http://[\d.:]+)\) started~', $line, $match)) {
                return $match[1] . '/webhooks';
            }
        }
        throw new RuntimeException('The web server of the shop does not start');
    }
}
