package shop

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// openShop returns the shop with its endpoint for webhooks, on a free port.
func openShop(t *testing.T, tenant *Tenant) *Shop {
	t.Helper()
	shop := &Shop{BaseURL: tenant.BaseURL, AccountID: tenant.AccountID, AccessToken: tenant.AccessToken}
	server := httptest.NewServer(shop)
	t.Cleanup(server.Close)
	if err := shop.RegisterWebhook(server.URL + "/webhooks"); err != nil {
		t.Fatal(err)
	}
	return shop
}

func placeOrder(t *testing.T, shop *Shop, amount string) Order {
	t.Helper()
	order, err := shop.PlaceOrder("order-1", amount)
	if err != nil {
		t.Fatal(err)
	}
	return order
}

func TestAnOrderIsPaidAfterADeclinedCard(t *testing.T) {
	t.Parallel()
	tenant := NewTenant(t)
	shop := openShop(t, tenant)
	order := placeOrder(t, shop, "1499.90")
	tenant.Pay(order.SessionID, Attempt{Method: "card", Outcome: "failed", DeclineCode: "insufficient_funds"})
	if status := shop.Order(order.SessionID).Status; status != "open" {
		t.Errorf("after the declined card the order is %s", status)
	}
	tenant.Pay(order.SessionID, Attempt{Method: "upi", Outcome: "succeeded"})
	if paid := shop.Order(order.SessionID); paid.Status != "paid" || paid.Shipments != 1 {
		t.Errorf("after the payment the order is %+v", paid)
	}
}

func TestAnOrderIsShippedOnceIfTheWebhookArrivesTwice(t *testing.T) {
	t.Parallel()
	tenant := NewTenant(t)
	tenant.Control("POST", "/faults", map[string]any{
		"target": "webhook", "effect": map[string]bool{"duplicate": true},
	})
	shop := openShop(t, tenant)
	order := placeOrder(t, shop, "250.00")
	tenant.Pay(order.SessionID, Attempt{Method: "card", Outcome: "succeeded"})
	if shipments := shop.Order(order.SessionID).Shipments; shipments != 1 {
		t.Errorf("the order is shipped %d times", shipments)
	}
}

func TestAForgedWebhookIsRefused(t *testing.T) {
	t.Parallel()
	shop := openShop(t, NewTenant(t))
	request := httptest.NewRequest("POST", "/webhooks", strings.NewReader("{}"))
	request.Header.Set("X-Zoho-Webhook-Signature", "t=1,v=0")
	response := httptest.NewRecorder()
	shop.ServeHTTP(response, request)
	if response.Code != http.StatusUnauthorized {
		t.Errorf("the answer is %d", response.Code)
	}
}

func TestAnOrderThatNobodyPaysExpires(t *testing.T) {
	t.Parallel()
	tenant := NewTenant(t)
	shop := openShop(t, tenant)
	order := placeOrder(t, shop, "250.00")
	tenant.Advance("16m")
	status, err := shop.SessionStatus(order.SessionID)
	if err != nil || status != "expired" {
		t.Errorf("the session is %s, %v", status, err)
	}
}
