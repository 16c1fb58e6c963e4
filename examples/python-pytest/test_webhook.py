import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


@pytest.fixture
def endpoint():
    """A server on a free port, which keeps the webhooks that it gets."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.received.append((body, self.headers["X-Zoho-Webhook-Signature"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    server.received = []
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_payment_sends_a_signed_webhook(tenant, endpoint):
    url = f"http://127.0.0.1:{endpoint.server_port}/webhooks"
    body = {"name": "Shop", "url": url, "enabled_events": ["payment.succeeded"]}
    key = tenant.api("POST", "/webhooks", body)["webhook"]["signing_key"]
    endpoint.received.clear()  # The registration sends a test request.

    body = {"amount": "1499.90", "currency": "INR"}
    session = tenant.api("POST", "/paymentsessions", body)["payments_session"]
    tenant.pay(session["payments_session_id"], {"method": "upi", "outcome": "succeeded"})

    [(body, signature)] = endpoint.received
    sent_at, value = (part.partition("=")[2] for part in signature.split(","))
    signed = f"{sent_at}.".encode() + body
    assert hmac.compare_digest(value, hmac.new(key.encode(), signed, hashlib.sha256).hexdigest())
    assert json.loads(body)["event_type"] == "payment.succeeded"
