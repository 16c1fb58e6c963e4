import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A Paydesk sandbox for tests: {@code @ExtendWith(Paydesk.class)} gives each test that has a parameter {@code
 * Paydesk.Tenant} its own tenant. Copy this file into the folder of your tests.
 *
 * <p>The variable PAYDESK is the path of the executable; default: paydesk, found on the PATH. PAYDESK_API_URL is the
 * address of a running sandbox, which the tests then use.
 */
public final class Paydesk implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
        ExtensionContext.Namespace.create(Paydesk.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Tenant.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // JUnit closes the sandbox after the last test, and the tenant after its test.
        Sandbox sandbox = context.getRoot().getStore(NAMESPACE)
            .getOrComputeIfAbsent(Sandbox.class, key -> Sandbox.open(), Sandbox.class);
        return context.getStore(NAMESPACE)
            .getOrComputeIfAbsent(Tenant.class, key -> new Tenant(sandbox.url), Tenant.class);
    }

    private static final class Sandbox implements ExtensionContext.Store.CloseableResource {
        final String url;
        private final Process process;

        private Sandbox(String url, Process process) {
            this.url = url;
            this.process = process;
        }

        /** Starts the sandbox of the run, in memory and on a free port. */
        static Sandbox open() {
            String running = System.getenv("PAYDESK_API_URL");
            if (running != null && !running.isEmpty()) return new Sandbox(running, null);
            String named = System.getenv("PAYDESK");
            String program = named == null || named.isEmpty() ? "paydesk" : named;
            try {
                Process process = new ProcessBuilder(
                    program, "serve", "--memory", "--port", "0", "--json", "--log-level", "warn")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
                // An interrupted run stops the sandbox, too.
                Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
                var output = new BufferedReader(new InputStreamReader(process.getInputStream()));
                // The program prints this line when it listens. It prints its errors itself.
                String line = output.readLine();
                if (line == null) throw new IOException(program + " has ended before it listened");
                return new Sandbox(field(line, "base_url"), process);
            } catch (IOException error) {
                String help = ". Set PAYDESK to the path of the executable.";
                throw new IllegalStateException(error.getMessage() + help, error);
            }
        }

        @Override
        public void close() throws InterruptedException {
            if (process == null) return;
            process.destroy();
            process.waitFor();
        }
    }

    /** An isolated sandbox for one test, with its own address, credentials, data and clock. */
    public static final class Tenant implements ExtensionContext.Store.CloseableResource {
        public final String baseUrl;
        public final String accountId;
        public final String accessToken;
        public final String signingKey;
        private final String address;

        Tenant(String sandboxUrl) {
            String tenants = sandboxUrl + "/_sandbox/tenants";
            String facts = send("POST", tenants, "{}");
            baseUrl = field(facts, "base_url");
            accountId = field(facts, "account_id");
            accessToken = field(facts, "access_token");
            signingKey = field(facts, "signing_key");
            address = tenants + "/" + field(facts, "name");
        }

        /** Plays a customer's attempt to pay. All webhooks are delivered when it returns. */
        public void pay(String sessionId, String method, String outcome) {
            control("POST", "/sessions/" + sessionId + "/attempts", """
                {"attempts": [{"method": "%s", "outcome": "%s"}]}""".formatted(method, outcome));
            advance("0s");
        }

        /** Moves the clock by a length such as 15m, and does the work that becomes due. */
        public void advance(String length) {
            control("POST", "/clock/advance", "{\"by\": \"%s\"}".formatted(length));
        }

        /** Calls the API with the tenant's token, as a shop does: {@code api("GET", "/payments/123", "")}. */
        public String api(String method, String path, String body) {
            String url = baseUrl + "/api/v1" + path + "?account_id=" + accountId;
            return send(method, url, body, "Authorization", "Zoho-oauthtoken " + accessToken);
        }

        /** Calls the control API, which {@code /docs/control/clock} describes. Returns the JSON of the answer. */
        public String control(String method, String path, String body) {
            return send(method, baseUrl + "/_sandbox" + path, body);
        }

        @Override
        public void close() {
            send("DELETE", address, "");
        }
    }

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static String send(String method, String url, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) request.headers(headers);
        try {
            var answer = CLIENT.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() < 300) return answer.body();
            throw new IllegalStateException(method + " " + url + ": " + answer.body());
        } catch (IOException | InterruptedException error) {
            throw new IllegalStateException(method + " " + url + ": " + error, error);
        }
    }

    /** Finds a text in JSON without a JSON library. In your project, use the library that it has. */
    static String field(String json, String name) {
        Matcher match = Pattern.compile("\"" + name + "\":\\s*\"([^\"]*)\"").matcher(json);
        if (!match.find()) throw new IllegalStateException("The answer has no " + name + ": " + json);
        return match.group(1);
    }
}
