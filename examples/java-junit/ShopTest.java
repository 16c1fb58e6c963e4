import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Paydesk.class)
class ShopTest {
    private Shop shop;

    @BeforeEach
    void open(Paydesk.Tenant tenant) throws Exception {
        shop = new Shop(tenant.baseUrl, tenant.accountId, tenant.accessToken);
    }

    @AfterEach
    void close() {
        shop.close();
    }

    @Test
    void anOrderIsPaidAfterADeclinedCard(Paydesk.Tenant tenant) throws Exception {
        String id = shop.placeOrder("order-1", "1499.90").sessionId();
        tenant.pay(id, "card", "failed");
        assertEquals("open", shop.order(id).status());
        tenant.pay(id, "upi", "succeeded");
        assertEquals(new Shop.Order(id, "paid", 1), shop.order(id));
    }

    @Test
    void anOrderIsShippedOnceIfTheWebhookArrivesTwice(Paydesk.Tenant tenant) throws Exception {
        tenant.control("POST", "/faults", "{\"target\": \"webhook\", \"effect\": {\"duplicate\": true}}");
        String id = shop.placeOrder("order-1", "250.00").sessionId();
        tenant.pay(id, "card", "succeeded");
        assertEquals(1, shop.order(id).shipments());
    }

    @Test
    void aForgedWebhookIsRefused() throws Exception {
        assertEquals(401, shop.receiveWebhook("{}".getBytes(), "t=1,v=0"));
    }

    @Test
    void anOrderThatNobodyPaysExpires(Paydesk.Tenant tenant) throws Exception {
        String id = shop.placeOrder("order-1", "250.00").sessionId();
        tenant.advance("16m");
        assertEquals("expired", shop.sessionStatus(id));
        assertEquals("open", shop.order(id).status());
    }
}
