package shop

// A Paydesk sandbox for tests. Copy this file into the package of your tests.
//
//	PAYDESK          the executable; default: paydesk, found on the PATH
//	PAYDESK_API_URL  the address of a running sandbox, which the tests then use

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"
)

var sandboxURL string

// TestMain starts one sandbox for the run, in memory and on a free port, and stops it after the last test.
func TestMain(m *testing.M) {
	url, stop, err := startSandbox()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	sandboxURL = url
	code := m.Run()
	stop()
	os.Exit(code)
}

func startSandbox() (url string, stop func(), err error) {
	if running := os.Getenv("PAYDESK_API_URL"); running != "" {
		return running, func() {}, nil
	}
	program := os.Getenv("PAYDESK")
	if program == "" {
		program = "paydesk"
	}
	server := exec.Command(program, "serve", "--memory", "--port", "0", "--json", "--log-level", "warn")
	var errors bytes.Buffer
	server.Stderr = &errors
	output, err := server.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := server.Start(); err != nil {
		return "", nil, fmt.Errorf("%w. Set PAYDESK to the path of the executable", err)
	}
	var facts struct {
		BaseURL string `json:"base_url"`
	}
	// The program prints this line when it listens.
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err != nil {
		server.Wait()
		return "", nil, fmt.Errorf("%s has ended before it listened: %s", program, errors.String())
	}
	if err := json.Unmarshal(line, &facts); err != nil {
		return "", nil, err
	}
	stop = func() {
		if server.Process.Signal(os.Interrupt) != nil {
			server.Process.Kill() // Windows knows no such signal.
		}
		server.Wait()
	}
	return facts.BaseURL, stop, nil
}

// Tenant is an isolated sandbox for one test, with its own address, credentials, data and clock.
type Tenant struct {
	Name        string `json:"name"`
	BaseURL     string `json:"base_url"`
	AccountID   string `json:"account_id"`
	AccessToken string `json:"access_token"`
	SigningKey  string `json:"signing_key"`
	t           *testing.T
}

// NewTenant creates a tenant for a test. Tests can run in parallel.
func NewTenant(t *testing.T) *Tenant {
	t.Helper()
	var answer struct {
		Tenant *Tenant `json:"tenant"`
	}
	send(t, "POST", sandboxURL+"/_sandbox/tenants", "", map[string]any{}, &answer)
	tenant := answer.Tenant
	tenant.t = t
	t.Cleanup(func() { send(t, "DELETE", sandboxURL+"/_sandbox/tenants/"+tenant.Name, "", nil, nil) })
	return tenant
}

// Attempt is a customer's attempt to pay: Attempt{Method: "upi", Outcome: "succeeded"}.
type Attempt struct {
	Method      string `json:"method"`
	Outcome     string `json:"outcome"`
	DeclineCode string `json:"decline_code,omitempty"`
}

// Pay plays a customer's attempts. All webhooks are delivered when it returns.
func (tenant *Tenant) Pay(sessionID string, attempts ...Attempt) {
	tenant.t.Helper()
	tenant.Control("POST", "/sessions/"+sessionID+"/attempts", map[string]any{"attempts": attempts})
	tenant.Advance("0s")
}

// Advance moves the clock by a length such as 15m, and does the work that becomes due.
func (tenant *Tenant) Advance(length string) {
	tenant.t.Helper()
	tenant.Control("POST", "/clock/advance", map[string]any{"by": length})
}

// API calls the API with the tenant's token, as a shop does: tenant.API("GET", "/payments/123", nil, &answer).
func (tenant *Tenant) API(method, path string, body, answer any) {
	tenant.t.Helper()
	url := tenant.BaseURL + "/api/v1" + path + "?account_id=" + tenant.AccountID
	send(tenant.t, method, url, tenant.AccessToken, body, answer)
}

// Control calls the control API: {BaseURL}/docs/control/clock describes it.
func (tenant *Tenant) Control(method, path string, body any) {
	tenant.t.Helper()
	send(tenant.t, method, tenant.BaseURL+"/_sandbox"+path, "", body, nil)
}

var client = &http.Client{Timeout: 30 * time.Second}

func send(t *testing.T, method, url, token string, body, answer any) {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if body == nil {
		content = nil
	}
	request, err := http.NewRequest(method, url, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Zoho-oauthtoken "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		var failure struct {
			Message string `json:"message"`
		}
		json.NewDecoder(response.Body).Decode(&failure)
		t.Fatalf("%s %s: %s %s", method, url, response.Status, failure.Message)
	}
	if answer != nil {
		if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
			t.Fatal(err)
		}
	}
}
