import json
import os
import subprocess
import sys
import unittest
import urllib.error
import urllib.request


def send(method, url, body=None, headers=None):
    """Sends JSON and returns the JSON of the answer, even of an error."""
    request = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )
    try:
        answer = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return json.load(answer)


class PaymentTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Starts one sandbox for the class, and stops it after its last test."""
        program = os.environ.get("PAYDESK") or "paydesk"
        command = [program, "serve", "--memory", "--port", "0", "--json", "--log-level", "warn"]
        try:
            server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        except PermissionError as error:
            sys.exit(f"{error}: make the file executable: chmod +x {program}")
        except OSError as error:
            sys.exit(f"{error}: set PAYDESK to the path of the executable")
        cls.addClassCleanup(server.stdout.close)
        cls.addClassCleanup(server.wait, 20)
        cls.addClassCleanup(server.terminate)
        line = server.stdout.readline()
        assert line, f"{program} has ended before it listened"
        cls.sandbox_url = json.loads(line)["base_url"]

    def setUp(self):
        """Creates a tenant for the test: its facts have base_url, account_id and access_token."""
        tenants = f"{self.sandbox_url}/_sandbox/tenants"
        self.tenant = send("POST", tenants, {})["tenant"]
        self.addCleanup(send, "DELETE", f"{tenants}/{self.tenant['name']}")

    def api(self, method, path, body=None):
        url = f"{self.tenant['base_url']}/api/v1{path}?account_id={self.tenant['account_id']}"
        token = self.tenant["access_token"]
        return send(method, url, body, {"Authorization": f"Zoho-oauthtoken {token}"})

    def test_a_session_is_paid_by_upi(self):
        answer = self.api("POST", "/paymentsessions", {"amount": "1499.90", "currency": "INR"})
        self.assertIn("payments_session", answer)
        session_id = answer["payments_session"]["payments_session_id"]
        attempts = {"attempts": [{"method": "upi", "outcome": "succeeded"}]}
        send("POST", f"{self.tenant['base_url']}/_sandbox/sessions/{session_id}/attempts", attempts)
        session = self.api("GET", f"/paymentsessions/{session_id}")["payments_session"]
        self.assertEqual(session["status"], "succeeded")

    def test_an_error_names_the_missing_field(self):
        answer = self.api("POST", "/paymentsessions", {"amont": "1499.90", "currency": "INR"})
        self.assertEqual(answer["field"], "amount")


if __name__ == "__main__":
    unittest.main()
