"""A merchant's server with hard-coded addresses, like the official SDKs."""

import json
import sys
import urllib.parse
import urllib.request

VALUES = json.loads(sys.argv[1])["values"]
EDITIONS = [
    ("https://accounts.zoho.in", "https://payments.zoho.in", VALUES["accountId"], "INR"),
    ("https://accounts.zoho.in", "https://paymentssandbox.zoho.in", VALUES["accountId"], "INR"),
    ("https://accounts.zoho.com", "https://payments.zoho.com", VALUES["usAccountId"], "USD"),
]

results = []
for accounts, api, account_id, currency in EDITIONS:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": VALUES["refreshToken"],
        "client_id": VALUES["clientId"],
        "client_secret": VALUES["clientSecret"],
    }
    with urllib.request.urlopen(
        accounts + "/oauth/v2/token", urllib.parse.urlencode(form).encode()
    ) as answer:
        granted = json.load(answer)
    request = urllib.request.Request(
        api + "/api/v1/paymentsessions?account_id=" + account_id,
        json.dumps({"amount": 100.5, "currency": currency, "description": "Order 1"}).encode(),
        {
            "Authorization": "Zoho-oauthtoken " + granted["access_token"],
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answer:
        session = json.load(answer)["payments_session"]
        results.append(
            [granted["api_domain"], answer.status, session["amount"], session["currency"]]
        )
print(json.dumps(results))
