"""A small shop: it creates payment sessions, and ships an order once when a signed webhook says that it is paid."""

import hashlib
import hmac
import json
import time
import urllib.request


class Shop:
    def __init__(self, base_url, account_id, access_token):
        self.base_url = base_url
        self.account_id = account_id
        self.access_token = access_token
        self.webhook_key = None
        self.orders = {}  # In your shop this is a table. The key is the session's id.

    def call(self, method, path, body=None, key=None):
        headers = {
            "Authorization": f"Zoho-oauthtoken {self.access_token}",
            "Content-Type": "application/json",
        }
        if key is not None:
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(
            f"{self.base_url}/api/v1{path}?account_id={self.account_id}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers=headers,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def place_order(self, number, amount):
        body = {"amount": amount, "currency": "INR", "reference_number": number}
        session = self.call("POST", "/paymentsessions", body, key=number)["payments_session"]
        order = {"session_id": session["payments_session_id"], "status": "open", "shipments": 0}
        self.orders[order["session_id"]] = order
        return order

    def register_webhook(self, url):
        body = {"name": "Shop", "url": url, "enabled_events": ["payment.succeeded"]}
        self.webhook_key = self.call("POST", "/webhooks", body)["webhook"]["signing_key"]

    def receive_webhook(self, body, signature):
        """Returns the HTTP status of the answer."""
        if self.webhook_key is None or not self.is_signed(body, signature):
            return 401
        session_id = json.loads(body)["event_object"]["payment"]["payments_session_id"]
        order = self.orders.get(session_id)
        # The same event can arrive twice, so only the first change of the status ships.
        if order is not None and order["status"] == "open":
            order["status"] = "paid"
            order["shipments"] += 1
        return 204

    def is_signed(self, body, signature):
        parts = [part.partition("=")[::2] for part in signature.split(",")]
        sent_at = dict(parts).get("t", "")
        if not sent_at.isdigit() or abs(time.time() * 1000 - int(sent_at)) > 300_000:
            return False
        signed = f"{sent_at}.".encode() + body
        expected = hmac.new(self.webhook_key.encode(), signed, hashlib.sha256).hexdigest()
        return any(hmac.compare_digest(expected, value) for name, value in parts if name == "v")
