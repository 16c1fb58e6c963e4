"""A shop on Paydesk, with Python's standard library alone.

POST /orders {"amount": "1499.90"}  makes an order and sends the customer to the checkout
GET  /thanks, /sorry                the signed return of the customer
POST /webhooks                      receives Paydesk's signed events
GET  /orders/<id>                   the state of an order
"""

import hashlib
import hmac
import json
import os
import re
import threading
import time
import urllib.parse
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

API = os.environ.get("PAYDESK_API_URL", "http://127.0.0.1:4242")
ACCOUNT = os.environ.get("PAYDESK_API_ACCOUNT", "23137556")
TOKEN = os.environ.get(
    "PAYDESK_API_TOKEN", "1000.5061796465736b2073616e64626f7800.61636365737320746f6b656e20000001"
)
SIGNING_KEY = os.environ.get("PAYDESK_SIGNING_KEY", "sandbox_signing_key_0123456789abcdef")
# A signature is valid for five minutes. A test that moves the sandbox's clock sets another limit.
TOLERANCE_MS = int(os.environ.get("SHOP_TOLERANCE_SECONDS", "300")) * 1000
# The signed values of a redirect that have a fixed form, so that the dots between them are unambiguous.
REDIRECT_FORMS = {
    "payments_session_id": r"[0-9]+", "payment_session_status": r"[a-z_]+",
    "payment_id": r"[0-9]*", "payment_status": r"[a-z_]*",
    "amount": r"[0-9]+(\.[0-9]{1,4})?", "mandate_id": r"([0-9]{5,})?",
}
REDIRECT_FIELDS = [*REDIRECT_FORMS, "udf1", "udf2", "udf3", "udf4", "udf5"]

orders = {}  # In your shop this is a table. The key is the session's id.
webhook_key = None
changing = threading.Lock()


def call(method, path, body=None, key=None):
    """Calls the API and returns the JSON of the answer. Raises urllib.error.HTTPError for an error."""
    request = urllib.request.Request(
        f"{API}/api/v1{path}?account_id={ACCOUNT}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Zoho-oauthtoken {TOKEN}", "Content-Type": "application/json"},
    )
    if key is not None:
        request.add_header("Idempotency-Key", key)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def place_order(amount, origin):
    order_id = str(uuid.uuid4())
    session = call("POST", "/paymentsessions", {
        "amount": amount, "currency": "INR", "reference_number": order_id,
        "configurations": {"hosted_page_parameters": {
            "success_url": f"{origin}/thanks", "failure_url": f"{origin}/sorry",
        }},
    }, key=order_id)["payments_session"]
    order = {"id": order_id, "session_id": session["payments_session_id"], "status": "open",
             "shipments": 0, "checkout_url": f"{API}/hostedcheckout/{session['access_key']}"}
    orders[order["session_id"]] = order
    return order


def bring_up_to_date(order):
    """Retrieves the current session, because events can arrive twice, late, and in any order."""
    session = call("GET", f"/paymentsessions/{order['session_id']}")["payments_session"]
    with changing:  # The same event can arrive twice at the same time.
        if session["status"] == "succeeded" and order["status"] != "paid":
            order["status"] = "paid"
            order["shipments"] += 1


def signed_redirect(query):
    """Returns the signed values of a redirect, or None if Paydesk did not sign them. Use no other values."""
    values = {}
    for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        if name in REDIRECT_FIELDS or name == "signature":
            if name in values:  # A repeated parameter is ambiguous.
                return None
            values[name] = value
    signature = values.pop("signature", "")
    signed = ".".join(values.get(name, "") for name in REDIRECT_FIELDS)
    expected = hmac.new(SIGNING_KEY.encode(), signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        return None
    # With dots a customer could move text from one udf value to the next. Take udf values from the retrieved session.
    proven = {name: values.get(name, "") for name in REDIRECT_FORMS}
    is_clear = all(re.fullmatch(form, proven[name]) for name, form in REDIRECT_FORMS.items())
    return proven if is_clear else None


def is_signed_webhook(body, header, key):
    parts = [part.partition("=")[::2] for part in header.split(",")]
    sent_at = dict(parts).get("t", "")
    if not re.fullmatch("[0-9]{1,15}", sent_at) or abs(time.time() * 1000 - int(sent_at)) > TOLERANCE_MS:
        return False
    expected = hmac.new(key.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(expected.encode(), value.encode()) for name, value in parts if name == "v")


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path in ("/thanks", "/sorry"):
            redirect = signed_redirect(query)
            order = None if redirect is None else orders.get(redirect["payments_session_id"])
            if order is None:
                return self.answer(400, "Not from Paydesk")
            bring_up_to_date(order)
            return self.answer(200, "Thank you" if order["status"] == "paid" else "Not paid yet")
        order = next((one for one in orders.values() if path == f"/orders/{one['id']}"), None)
        return self.answer(404, "No such order") if order is None else self.answer(200, order)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/orders":
            return self.answer(201, place_order(json.loads(body)["amount"], origin))
        if self.path != "/webhooks":
            return self.answer(404, "Nothing here")
        if webhook_key is None:  # The test request of the registration.
            return self.answer(401, "Not yet")
        header = self.headers.get("X-Zoho-Webhook-Signature", "")
        if not is_signed_webhook(body, header, webhook_key):
            return self.answer(400, "Not from Paydesk")
        payment = json.loads(body)["event_object"].get("payment", {})
        order = orders.get(payment.get("payments_session_id"))
        if order is not None:
            bring_up_to_date(order)
        return self.answer(200, "Taken")

    def answer(self, status, body):
        text = body if isinstance(body, str) else json.dumps(body)
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(body, str) else "application/json")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("SHOP_PORT", "3000"))), Shop)
    origin = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # In production, register the endpoint once, by hand, and store the key with your secrets.
    webhook_key = call("POST", "/webhooks", {
        "name": "Python shop", "url": f"{origin}/webhooks",
        "enabled_events": ["payment.succeeded", "payment.failed"],
    })["webhook"]["signing_key"]
    print(origin, flush=True)
    threading.Event().wait()
