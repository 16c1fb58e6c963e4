-- What a customer's statement shows of an account's payments. Null: the account's name, cut.
alter table accounts add column statement_descriptor text;
-- What it shows of this payment, by the setting of the moment when it began.
alter table payment_attempts add column statement_descriptor text;
-- Where the number in customer_phone is dialed: `+91`. Null: not known.
alter table payment_attempts add column customer_dialing_code text;
