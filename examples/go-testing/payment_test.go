package shop

import "testing"

func TestASessionIsPaidByUPI(t *testing.T) {
	t.Parallel()
	tenant := NewTenant(t)
	var answer struct {
		Session struct {
			ID     string `json:"payments_session_id"`
			Status string `json:"status"`
		} `json:"payments_session"`
	}
	body := map[string]string{"amount": "1499.90", "currency": "INR", "reference_number": "order-1"}
	tenant.API("POST", "/paymentsessions", body, &answer)
	tenant.Pay(answer.Session.ID, Attempt{Method: "upi", Outcome: "succeeded"})
	tenant.API("GET", "/paymentsessions/"+answer.Session.ID, nil, &answer)
	if answer.Session.Status != "succeeded" {
		t.Errorf("the session is %s", answer.Session.Status)
	}
}
