-- The text of an account's payments on customers' statements. Null: the shortened name of the
-- account.
alter table accounts add column statement_descriptor text;
-- The text of this payment, from the setting at its start.
alter table payment_attempts add column statement_descriptor text;
-- The dialing code of customer_phone: `+91`. Null: unknown.
alter table payment_attempts add column customer_dialing_code text;
