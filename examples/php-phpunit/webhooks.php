<?php

// The shop's page for webhooks: php -S 127.0.0.1:3000 webhooks.php

require_once __DIR__ . '/Shop.php';

$shop = new Shop(
    getenv('SHOP_FOLDER'),
    getenv('PAYMENTS_URL'),
    getenv('PAYMENTS_ACCOUNT'),
    getenv('PAYMENTS_TOKEN')
);
$signature = $_SERVER['HTTP_X_ZOHO_WEBHOOK_SIGNATURE'] ?? '';
http_response_code($shop->receiveWebhook(file_get_contents('php://input'), $signature));
