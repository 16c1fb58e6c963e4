import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from shop import Shop


@pytest.fixture
def shop(tenant):
    """The shop with its webhook endpoint, on a free port."""
    shop = Shop(tenant.base_url, tenant.account_id, tenant.access_token)

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(
                shop.receive_webhook(body, self.headers.get("X-Zoho-Webhook-Signature", ""))
            )
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    shop.register_webhook(f"http://127.0.0.1:{server.server_port}/webhooks")
    yield shop
    server.shutdown()
    server.server_close()


def test_an_order_is_paid_after_a_declined_card(shop, tenant):
    order = shop.place_order("order-1", "1499.90")
    declined = {"method": "card", "outcome": "failed", "decline_code": "insufficient_funds"}
    tenant.pay(order["session_id"], declined)
    assert order["status"] == "open"
    tenant.pay(order["session_id"], {"method": "upi", "outcome": "succeeded"})
    assert order == {"session_id": order["session_id"], "status": "paid", "shipments": 1}


def test_an_order_is_shipped_once_if_the_webhook_arrives_twice(shop, tenant):
    tenant.control("POST", "/faults", {"target": "webhook", "effect": {"duplicate": True}})
    order = shop.place_order("order-1", "250.00")
    tenant.pay(order["session_id"], {"method": "card", "outcome": "succeeded"})
    assert order["shipments"] == 1


def test_a_forged_webhook_is_refused(shop):
    assert shop.receive_webhook(b"{}", "t=1,v=0") == 401


def test_an_order_that_nobody_pays_expires(shop, tenant):
    order = shop.place_order("order-1", "250.00")
    tenant.advance("16m")
    session = shop.call("GET", f"/paymentsessions/{order['session_id']}")["payments_session"]
    assert session["status"] == "expired"
    assert order["status"] == "open"
