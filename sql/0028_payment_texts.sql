-- The description and the reference that the request for one payment has, such as a debit of a mandate. Null: those of
-- its session.
alter table payment_attempts add column own_description text;
alter table payment_attempts add column own_reference text;
