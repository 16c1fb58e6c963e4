<?php

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Paydesk.php';

final class PaymentTest extends TestCase
{
    public function testASessionIsPaidByUpi(): void
    {
        $tenant = Paydesk::tenant();
        $body = ['amount' => '1499.90', 'currency' => 'INR', 'reference_number' => 'order-1'];
        $session = $tenant->api('POST', '/paymentsessions', $body)['payments_session'];
        $id = $session['payments_session_id'];
        $tenant->pay($id, ['method' => 'upi', 'outcome' => 'succeeded']);
        $session = $tenant->api('GET', "/paymentsessions/$id")['payments_session'];
        $this->assertSame('succeeded', $session['status']);
        $tenant->delete();
    }
}
