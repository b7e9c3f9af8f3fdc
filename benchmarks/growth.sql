-- How the tables that only grow behave (docs/scaling.md). On an empty database of the portal that may be thrown away, as its owner:
--     psql --dbname … --variable rows=2000000 --file benchmarks/growth.sql
\set ON_ERROR_STOP on
\timing on
SET jit = off;
SET session_replication_role = replica;  -- no foreign keys: people, organisations and pathways are only numbers here
\echo == Rows of the read log, each with one subject and one seal, and as many events
INSERT INTO guidance_accesslog (at, user_id, organisation_id, action, purpose, basis, page, request_id)
SELECT now() - (:rows - n) * interval '10 seconds', n % 5000, n % 300, 'read', 'guidance', 'participation', 'guidance:pathway_detail', gen_random_uuid() FROM generate_series(1::bigint, :rows) AS n;
INSERT INTO guidance_accesslogsubject (log_id, pseudonym) SELECT id, lpad(((id * 7919) % 300000)::text, 9, '0') FROM guidance_accesslog;
INSERT INTO accounts_seal (id, at, kind, row_id, newest_at, mac) SELECT id, at, 'read', id, at, repeat('0', 64) FROM guidance_accesslog;
INSERT INTO guidance_event (kind, at, text, check_in, visibility, detail, token, by_id, organisation_id, pathway_id)
SELECT 'call', now() - (:rows - n) * interval '10 seconds', repeat('x', 120), '', 'participants', '{}', gen_random_uuid(), n % 5000, n % 300, (n * 7919) % 300000 FROM generate_series(1::bigint, :rows) AS n;
ANALYZE guidance_accesslog; ANALYZE guidance_accesslogsubject; ANALYZE accounts_seal; ANALYZE guidance_event;
\echo == Bytes of a row, its indexes included
SELECT relname, pg_total_relation_size(oid) / :rows AS bytes, pg_indexes_size(oid) / :rows AS of_them_indexes, pg_size_pretty(pg_total_relation_size(oid)) AS whole
FROM pg_class WHERE relname IN ('guidance_accesslog', 'guidance_accesslogsubject', 'accounts_seal', 'guidance_event') ORDER BY relname;
\echo == Who has read about one client
EXPLAIN (ANALYZE, BUFFERS, COSTS OFF)
SELECT log.* FROM guidance_accesslogsubject AS subject JOIN guidance_accesslog AS log ON log.id = subject.log_id WHERE subject.pseudonym = lpad('7919', 9, '0') ORDER BY subject.log_id DESC LIMIT 25;
\echo == Taking a tenth of the oldest rows away, row by row, as the owner who has switched the guard off
BEGIN;
ALTER TABLE guidance_accesslogsubject DISABLE TRIGGER USER; ALTER TABLE guidance_accesslog DISABLE TRIGGER USER;
DELETE FROM guidance_accesslogsubject WHERE log_id <= :rows / 10;
DELETE FROM guidance_accesslog WHERE id <= :rows / 10;
ROLLBACK;
\echo == The same as a part of a partitioned table
CREATE TABLE parted (LIKE guidance_accesslog) PARTITION BY RANGE (at);
CREATE TABLE parted_old PARTITION OF parted FOR VALUES FROM (MINVALUE) TO ('2000-01-01');
INSERT INTO parted_old SELECT id, '1999-01-01', user_id, organisation_id, action, purpose, basis, page, request_id FROM guidance_accesslog WHERE id <= :rows / 10;
DROP TABLE parted_old;
DROP TABLE parted;
\echo == A new index over the whole log, which locks out writers unless it is made CONCURRENTLY
CREATE INDEX CONCURRENTLY tried ON guidance_accesslog (user_id);
DROP INDEX tried;
\echo == VACUUM over the whole log
VACUUM guidance_accesslog;
\echo == Part of a name among as many names: a common one, a rare one, an absent one
CREATE TABLE named AS SELECT n AS id, (ARRAY['virtanen','korhonen','nieminen','mäkinen','hämäläinen','laine','heikkinen','koskinen'])[1 + n % 8] || ' ' || md5(n::text) AS name FROM generate_series(1::bigint, :rows) AS n;
CREATE INDEX named_by_part ON named USING gin (name gin_trgm_ops);
ANALYZE named;
SELECT pg_size_pretty(pg_total_relation_size('named')) AS whole;
SELECT count(*) FROM (SELECT id FROM named WHERE name LIKE '%nieminen%' LIMIT 1001) AS found;
SELECT count(*) FROM (SELECT id FROM named WHERE name LIKE '%c4ca4238%' LIMIT 1001) AS found;
SELECT count(*) FROM (SELECT id FROM named WHERE name LIKE '%zzzzqq%' LIMIT 1001) AS found;
DROP TABLE named;
