-- The notices of one mandate, newest first.
create index mandate_notifications_by_mandate
  on mandate_notifications (bucket, mandate_id, created_at_ms, id);
