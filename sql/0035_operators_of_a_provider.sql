-- Operators who sign in through an identity provider (OpenID Connect). Null: none.
alter table operators add column provider_issuer text;
-- The id that the provider gives the person. It never changes, unlike an e-mail address.
alter table operators add column provider_subject text;
create unique index operators_by_provider on operators (provider_issuer, provider_subject);

-- The challenges of sign-ins that were used once: the states of OpenID Connect.
create table used_challenges (
  -- The SHA-256 of the challenge.
  challenge_hash text not null primary key,
  -- The time after which the challenge is refused anyway.
  ends_at_ms bigint not null
);
create index used_challenges_by_time on used_challenges (ends_at_ms);
