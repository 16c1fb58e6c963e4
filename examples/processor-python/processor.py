"""A processor server for Paydesk, with only Python's standard library.

It verifies the signature of every call, keeps its records in SQLite, and simulates an acquirer: three
test cards decide the outcome. Replace `Acquirer` by calls to your acquirer's API.

    PAYDESK_PROCESSOR_KEY=whsec_... python3 processor.py
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_SECONDS = 300
BODY_BYTES_MAX = 64 * 1024
CARD = {"type": "card", "brand": "visa", "expiryMonth": 12, "expiryYear": 2040, "cvv": "123", "holderName": "Asha Rao"}
APPROVED, DECLINED, WAITS = "4000000000000002", "4000000000000010", "4000000000000028"


def keys():
    """Returns the valid signing keys. There are two during a key rotation."""
    return [base64.b64decode(key.strip().removeprefix("whsec_")) for key in os.environ["PAYDESK_PROCESSOR_KEY"].split(",")]


def is_signed(headers, body):
    """Standard Webhooks: base64 of HMAC-SHA256 over "id.timestamp.body", with the time in seconds."""
    call_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{call_id}.{timestamp}.".encode() + body
    expected = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in KEYS]
    received = [one.removeprefix("v1,") for one in headers.get("webhook-signature", "").split(" ")]
    return any(hmac.compare_digest(one.encode(), right.encode()) for one in received for right in expected)


class Acquirer:
    """Records of charges and refunds. The primary keys store every id once, even for concurrent calls."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("create table if not exists charges (id text primary key, state text, amount integer, at_ms integer)")
        self.db.execute("create table if not exists refunds (id text primary key, charge text, amount integer, state text)")

    def _outcome(self, attempt_id):
        state, at_ms = self.db.execute("select state, at_ms from charges where id = ?", (attempt_id,)).fetchone()
        if state == "approved":
            return {"kind": "approved", "processorReference": f"py_{attempt_id}", "approvedAtMs": at_ms}
        if state == "pending":
            return {"kind": "pending", "processorReference": f"py_{attempt_id}", "askAfterMs": 2000}
        return {"kind": "declined", "declineCode": state}

    def _insert(self, attempt_id, state, amount=0):
        self.db.execute(
            "insert or ignore into charges values (?, ?, ?, ?)", (attempt_id, state, amount, int(time.time() * 1000))
        )

    def _decide(self, attempt_id, state):
        self.db.execute(
            "update charges set state = ?, at_ms = ? where id = ? and state = 'pending'",
            (state, int(time.time() * 1000), attempt_id),
        )

    def charge(self, call):
        # The instrument is never stored or printed.
        states = {APPROVED: "approved", DECLINED: "insufficient_funds", WAITS: "pending"}
        state = states.get(call["instrument"].get("number"), "card_declined")
        with self.lock:
            self._insert(call["attemptId"], state, call["amount"]["amountMinor"])
            return self._outcome(call["attemptId"])

    def find_charge(self, call):
        with self.lock:
            # An unknown id is stored as declined, so that a delayed charge with this id is declined too.
            self._insert(call["attemptId"], "processor_unavailable")
            return self._outcome(call["attemptId"])

    def cancel_charge(self, call):
        with self.lock:
            self._insert(call["attemptId"], "canceled_by_customer")
            self._decide(call["attemptId"], "canceled_by_customer")
            return self._outcome(call["attemptId"])

    def refund(self, call):
        refund_id, attempt_id, amount = call["refundId"], call["attemptId"], call["amount"]["amountMinor"]
        with self.lock:
            known = self.db.execute("select state from refunds where id = ?", (refund_id,)).fetchone()
            if known is None:
                charge = self.db.execute(
                    "select amount from charges where id = ? and state = 'approved'", (attempt_id,)
                ).fetchone()
                taken = self.db.execute(
                    "select coalesce(sum(amount), 0) from refunds where charge = ? and state != 'failed'", (attempt_id,)
                ).fetchone()[0]
                fits = charge is not None and taken + amount <= charge[0]
                known = ("succeeded" if fits else "failed",)
                self.db.execute("insert into refunds values (?, ?, ?, ?)", (refund_id, attempt_id, amount, known[0]))
        if known[0] == "succeeded":
            return {"kind": "succeeded", "processorReference": f"py_r{refund_id}"}
        return {"kind": "failed", "reason": "exceeds_payment_amount"}

    # These three are only for `paydesk processor check`. A server for real money does not have them.

    def test_setup(self, _call):
        card = lambda number: {**CARD, "number": number}
        return {
            "amount": {"amountMinor": 10050, "currency": "INR"},
            "instruments": {"approved": card(APPROVED), "declined": card(DECLINED), "pending": card(WAITS)},
        }

    def complete_charge(self, call):
        with self.lock:
            self._decide(call["attemptId"], "approved")
        return {}

    def complete_refund(self, _call):
        return {}

    def describe(self, _call):
        return {"name": "python example", "canCancel": True}


CALLS = {
    "/v1/describe": ("describe", Acquirer.describe),
    "/v1/charge": ("charge", Acquirer.charge),
    "/v1/find-charge": ("findCharge", Acquirer.find_charge),
    "/v1/cancel-charge": ("cancelCharge", Acquirer.cancel_charge),
    "/v1/refund": ("refund", Acquirer.refund),
    "/v1/test/setup": ("testSetup", Acquirer.test_setup),
    "/v1/test/complete-charge": ("completeCharge", Acquirer.complete_charge),
    "/v1/test/complete-refund": ("completeRefund", Acquirer.complete_refund),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections open
    disable_nagle_algorithm = True
    timeout = 30

    def do_POST(self):
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > BODY_BYTES_MAX:
            self.close_connection = True
            return self.answer(413, {"error": "the body is too long"})
        body = self.rfile.read(int(length))
        if not is_signed(self.headers, body):
            return self.answer(401, {"error": "the signature is wrong"})
        name, work = CALLS.get(self.path, (None, None))
        if work is None:
            return self.answer(404, {"error": "there is no such call"})
        call = json.loads(body)
        # The signature covers the body, not the path.
        if call.get("call") != name:
            return self.answer(400, {"error": "the call was sent to another path"})
        try:
            return self.answer(200, work(ACQUIRER, call))
        except KeyError as missing:
            return self.answer(400, {"error": f"{missing} is missing"})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass  # a log of requests must never contain a card number


KEYS = keys()
ACQUIRER = Acquirer(os.environ.get("PROCESSOR_DATA", ":memory:"))

if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PROCESSOR_PORT", "9000"))), Handler)
    scheme = "http"
    if "PROCESSOR_CERTIFICATE" in os.environ:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.environ["PROCESSOR_CERTIFICATE"], os.environ["PROCESSOR_CERTIFICATE_KEY"])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    print(f"{scheme}://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()
