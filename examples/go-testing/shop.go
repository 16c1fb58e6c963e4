// Package shop is a small shop: it creates payment sessions, and ships an order once when a signed webhook says
// that it is paid.
package shop

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Order is an order of the shop.
type Order struct {
	SessionID string
	Status    string
	Shipments int
}

// Shop has its orders in memory; in your shop they are a table.
type Shop struct {
	BaseURL, AccountID, AccessToken string

	mutex      sync.Mutex
	webhookKey string
	orders     map[string]Order
}

// PlaceOrder creates a payment session for an order.
func (shop *Shop) PlaceOrder(number, amount string) (Order, error) {
	var answer struct {
		Session struct {
			ID string `json:"payments_session_id"`
		} `json:"payments_session"`
	}
	body := map[string]string{"amount": amount, "currency": "INR", "reference_number": number}
	if err := shop.call("POST", "/paymentsessions", number, body, &answer); err != nil {
		return Order{}, err
	}
	order := Order{SessionID: answer.Session.ID, Status: "open"}
	shop.mutex.Lock()
	defer shop.mutex.Unlock()
	if shop.orders == nil {
		shop.orders = map[string]Order{}
	}
	shop.orders[order.SessionID] = order
	return order, nil
}

// Order returns the current state of an order.
func (shop *Shop) Order(sessionID string) Order {
	shop.mutex.Lock()
	defer shop.mutex.Unlock()
	return shop.orders[sessionID]
}

// SessionStatus retrieves the status of a payment session.
func (shop *Shop) SessionStatus(sessionID string) (string, error) {
	var answer struct {
		Session struct {
			Status string `json:"status"`
		} `json:"payments_session"`
	}
	err := shop.call("GET", "/paymentsessions/"+sessionID, "", nil, &answer)
	return answer.Session.Status, err
}

// RegisterWebhook registers the shop's address for webhooks.
func (shop *Shop) RegisterWebhook(url string) error {
	var answer struct {
		Webhook struct {
			SigningKey string `json:"signing_key"`
		} `json:"webhook"`
	}
	body := map[string]any{"name": "Shop", "url": url, "enabled_events": []string{"payment.succeeded"}}
	if err := shop.call("POST", "/webhooks", "", body, &answer); err != nil {
		return err
	}
	shop.mutex.Lock()
	defer shop.mutex.Unlock()
	shop.webhookKey = answer.Webhook.SigningKey
	return nil
}

// ServeHTTP receives webhooks.
func (shop *Shop) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(response, request.Body, 1<<20))
	if err != nil {
		response.WriteHeader(http.StatusBadRequest)
		return
	}
	shop.mutex.Lock()
	defer shop.mutex.Unlock()
	if !isSigned(body, request.Header.Get("X-Zoho-Webhook-Signature"), shop.webhookKey) {
		response.WriteHeader(http.StatusUnauthorized)
		return
	}
	var event struct {
		Object struct {
			Payment struct {
				SessionID string `json:"payments_session_id"`
			} `json:"payment"`
		} `json:"event_object"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		response.WriteHeader(http.StatusBadRequest)
		return
	}
	// The same event can arrive twice, so only the first change of the status ships.
	order, found := shop.orders[event.Object.Payment.SessionID]
	if found && order.Status == "open" {
		order.Status = "paid"
		order.Shipments++
		shop.orders[order.SessionID] = order
	}
	response.WriteHeader(http.StatusNoContent)
}

func isSigned(body []byte, signature, key string) bool {
	parts := strings.Split(signature, ",")
	sentAt := ""
	for _, part := range parts {
		if strings.HasPrefix(part, "t=") {
			sentAt = part[2:]
		}
	}
	sentAtMs, err := strconv.ParseInt(sentAt, 10, 64)
	if err != nil || key == "" || time.Since(time.UnixMilli(sentAtMs)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "%s.%s", sentAt, body)
	expected := "v=" + hex.EncodeToString(mac.Sum(nil))
	for _, part := range parts {
		if hmac.Equal([]byte(part), []byte(expected)) {
			return true
		}
	}
	return false
}

func (shop *Shop) call(method, path, key string, body, answer any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	url := fmt.Sprintf("%s/api/v1%s?account_id=%s", shop.BaseURL, path, shop.AccountID)
	request, err := http.NewRequest(method, url, content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Zoho-oauthtoken "+shop.AccessToken)
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}
