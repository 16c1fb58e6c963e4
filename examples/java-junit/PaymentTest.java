import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Paydesk.class)
class PaymentTest {
    @Test
    void aSessionIsPaidByUpi(Paydesk.Tenant tenant) {
        String created = tenant.api("POST", "/paymentsessions", """
            {"amount": "1499.90", "currency": "INR", "reference_number": "order-1"}""");
        String id = Paydesk.field(created, "payments_session_id");
        tenant.pay(id, "upi", "succeeded");
        String session = tenant.api("GET", "/paymentsessions/" + id, "");
        assertEquals("succeeded", Paydesk.field(session, "status"));
    }
}
