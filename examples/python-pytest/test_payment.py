def test_a_session_is_paid_by_upi(tenant):
    body = {"amount": "1499.90", "currency": "INR", "reference_number": "order-1"}
    session = tenant.api("POST", "/paymentsessions", body)["payments_session"]
    session_id = session["payments_session_id"]
    tenant.pay(session_id, {"method": "upi", "outcome": "succeeded"})
    session = tenant.api("GET", f"/paymentsessions/{session_id}")["payments_session"]
    assert session["status"] == "succeeded"
