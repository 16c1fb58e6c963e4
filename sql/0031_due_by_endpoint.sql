-- The waiting deliveries of each endpoint in the order of their times, so that the backlog of one endpoint is never read to
-- find the deliveries of others (docs/decisions/0171-due-deliveries-by-endpoint.md).

create index webhook_deliveries_due_by_endpoint on webhook_deliveries (endpoint_id, next_attempt_at_ms)
  where next_attempt_at_ms is not null;
