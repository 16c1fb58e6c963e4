import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A small shop: it creates payment sessions, and ships an order once when a signed webhook says that it is paid. Its
 * orders are in memory; in your shop they are a table.
 */
public final class Shop implements AutoCloseable {
    /** An order, by its payment session. */
    public record Order(String sessionId, String status, int shipments) {}

    private final HttpClient client = HttpClient.newHttpClient();
    private final String baseUrl;
    private final String accountId;
    private final String accessToken;
    private final Map<String, Order> orders = new ConcurrentHashMap<>();
    private final HttpServer server;
    private volatile String webhookKey;

    /** Opens the shop, and registers its address for webhooks. */
    public Shop(String baseUrl, String accountId, String accessToken) throws Exception {
        this.baseUrl = baseUrl;
        this.accountId = accountId;
        this.accessToken = accessToken;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/webhooks", this::answerWebhook);
        server.start();
        String answer = call("POST", "/webhooks", """
            {"name": "Shop", "url": "http://127.0.0.1:%d/webhooks", "enabled_events": ["payment.succeeded"]}"""
            .formatted(server.getAddress().getPort()));
        webhookKey = field(answer, "signing_key");
    }

    public Order placeOrder(String number, String amount) throws Exception {
        String answer = call("POST", "/paymentsessions", """
            {"amount": "%s", "currency": "INR", "reference_number": "%s"}""".formatted(amount, number));
        Order order = new Order(field(answer, "payments_session_id"), "open", 0);
        orders.put(order.sessionId(), order);
        return order;
    }

    public Order order(String sessionId) {
        return orders.get(sessionId);
    }

    public String sessionStatus(String sessionId) throws Exception {
        return field(call("GET", "/paymentsessions/" + sessionId, ""), "status");
    }

    /** Returns the HTTP status of the answer to a webhook. */
    public int receiveWebhook(byte[] body, String signature) throws GeneralSecurityException {
        if (webhookKey == null || !isSigned(body, signature)) return 401;
        String sessionId = field(new String(body, StandardCharsets.UTF_8), "payments_session_id");
        // The same event can arrive twice, so only the first change of the status ships.
        orders.computeIfPresent(sessionId, (id, order) ->
            order.status().equals("open") ? new Order(id, "paid", order.shipments() + 1) : order);
        return 204;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answerWebhook(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        String signature = exchange.getRequestHeaders().getFirst("X-Zoho-Webhook-Signature");
        int status;
        try {
            status = receiveWebhook(body, signature == null ? "" : signature);
        } catch (GeneralSecurityException error) {
            status = 500;
        }
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private boolean isSigned(byte[] body, String signature) throws GeneralSecurityException {
        Matcher time = Pattern.compile("(?:^|,)t=(\\d{1,15})(?:,|$)").matcher(signature);
        if (!time.find()) return false;
        if (Math.abs(System.currentTimeMillis() - Long.parseLong(time.group(1))) > 300_000) return false;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(webhookKey.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        mac.update((time.group(1) + ".").getBytes(StandardCharsets.UTF_8));
        byte[] expected = ("v=" + HexFormat.of().formatHex(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
        for (String part : signature.split(",")) {
            if (MessageDigest.isEqual(expected, part.getBytes(StandardCharsets.UTF_8))) return true;
        }
        return false;
    }

    private String call(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest
            .newBuilder(URI.create(baseUrl + "/api/v1" + path + "?account_id=" + accountId))
            .header("Authorization", "Zoho-oauthtoken " + accessToken)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
        var answer = client.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 300) throw new IOException(answer.body());
        return answer.body();
    }

    /** Finds a text in JSON without a JSON library. In your project, use the library that it has. */
    private static String field(String json, String name) {
        Matcher match = Pattern.compile("\"" + name + "\":\\s*\"([^\"]*)\"").matcher(json);
        if (!match.find()) throw new IllegalStateException("The answer has no " + name + ": " + json);
        return match.group(1);
    }
}
