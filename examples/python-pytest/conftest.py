"""Fixtures for tests against Paydesk. Copy this file into the folder of your tests.

PAYDESK          the executable; default: paydesk, found on the PATH
PAYDESK_API_URL  the address of a running sandbox, which the tests then use
"""

import io
import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest


def send(method, url, body=None, headers=None):
    """Sends JSON and returns the JSON of the answer.

    Raises urllib.error.HTTPError for an error. Its text has the answer, which names the wrong field.
    """
    request = urllib.request.Request(
        url,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        answer = error.read()
        reason = f"{error.reason}: {method} {url}: {answer.decode(errors='replace')}"
        raise urllib.error.HTTPError(
            url, error.code, reason, error.headers, io.BytesIO(answer)
        ) from None


class Tenant:
    """An isolated sandbox for one test, with its own address, credentials, data and clock."""

    def __init__(self, facts):
        self.name = facts["name"]
        self.base_url = facts["base_url"]
        self.account_id = facts["account_id"]
        self.access_token = facts["access_token"]
        # The key of redirects. A webhook endpoint has its own key, in the answer to its registration.
        self.signing_key = facts["signing_key"]

    def api(self, method, path, body=None):
        """Calls the API with the tenant's token, as a shop does: api("GET", "/payments/123")."""
        url = f"{self.base_url}/api/v1{path}?account_id={self.account_id}"
        return send(method, url, body, {"Authorization": f"Zoho-oauthtoken {self.access_token}"})

    def control(self, method, path, body=None):
        """Calls the control API: {base_url}/docs/control/clock describes it."""
        return send(method, f"{self.base_url}/_sandbox{path}", body)

    def pay(self, session_id, *attempts):
        """Plays a customer's attempts: {"method": "upi", "outcome": "succeeded"}."""
        self.control("POST", f"/sessions/{session_id}/attempts", {"attempts": list(attempts)})
        # All webhooks are delivered when this call returns.
        self.control("POST", "/clock/advance", {"by": "0s"})

    def advance(self, length):
        """Moves the clock by a length such as 15m, and does the work that becomes due."""
        self.control("POST", "/clock/advance", {"by": length})


@pytest.fixture(scope="session")
def sandbox_url():
    """Starts one sandbox for the run on a free port, in memory, and stops it after the last test."""
    running = os.environ.get("PAYDESK_API_URL")
    if running:
        try:
            send("GET", f"{running}/_sandbox/clock")
        except (OSError, ValueError) as error:
            pytest.exit(f"PAYDESK_API_URL={running}: no sandbox answers: {error}", returncode=1)
        yield running
        return
    program = os.environ.get("PAYDESK") or "paydesk"
    command = [program, "serve", "--memory", "--port", "0", "--json", "--log-level", "warn"]
    try:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    except PermissionError as error:
        pytest.exit(f"{error}: make the file executable: chmod +x {program}", returncode=1)
    except OSError as error:
        pytest.exit(f"{error}: set PAYDESK to the path of the executable", returncode=1)
    try:
        # The program prints this line when it listens. It prints its errors itself.
        line = server.stdout.readline()
        assert line, f"{program} has ended before it listened"
        yield json.loads(line)["base_url"]
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()


@pytest.fixture
def tenant(sandbox_url):
    """A new tenant for each test. Tests can run at the same time."""
    tenant = Tenant(send("POST", f"{sandbox_url}/_sandbox/tenants", {})["tenant"])
    yield tenant
    send("DELETE", f"{sandbox_url}/_sandbox/tenants/{tenant.name}")
