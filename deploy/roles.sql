-- The two roles and the database, as the superuser of PostgreSQL: psql --file roles.sql. It may be run again.
-- On the portal's own machine a role signs in as the user of the same name, over the socket and without a password.
-- On another machine: ALTER ROLE kopa_owner PASSWORD '…', the same for kopa_web, and hostssl lines in pg_hba.conf.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

SELECT 'CREATE ROLE kopa_owner LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kopa_owner') \gexec
SELECT 'CREATE ROLE kopa_web LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kopa_web') \gexec
-- A bare machine has no locale: without the words after the owner, the database would not know the letter ä.
SELECT 'CREATE DATABASE kopa OWNER kopa_owner TEMPLATE template0 ENCODING ''UTF8'' LC_COLLATE ''C.UTF-8'' LC_CTYPE ''C.UTF-8'''
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'kopa') \gexec

REVOKE ALL ON DATABASE kopa FROM PUBLIC;
GRANT CONNECT ON DATABASE kopa TO kopa_web;
-- What the portal asks for with each connection; here for whoever connects by another way, as a pooler does.
ALTER ROLE kopa_web IN DATABASE kopa SET statement_timeout = '15s';
ALTER ROLE kopa_web IN DATABASE kopa SET lock_timeout = '5s';
ALTER ROLE kopa_web IN DATABASE kopa SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE kopa_web IN DATABASE kopa SET jit = off;
-- A migration may take its time, but must not make the portal wait behind it: it gives up and is run again.
ALTER ROLE kopa_owner IN DATABASE kopa SET statement_timeout = 0;
ALTER ROLE kopa_owner IN DATABASE kopa SET lock_timeout = '2s';
-- What PostgreSQL writes into its own log about a statement that fails: neither the statement nor its values, and no DETAIL or CONTEXT, for they
-- quote the row. Of the roles, so that it holds in a database that a restore makes too; of the database for an administrator in it.
ALTER ROLE kopa_owner SET log_error_verbosity = 'terse';
ALTER ROLE kopa_owner SET log_min_error_statement = 'panic';
ALTER ROLE kopa_owner SET log_parameter_max_length_on_error = 0;
ALTER ROLE kopa_web SET log_error_verbosity = 'terse';
ALTER ROLE kopa_web SET log_min_error_statement = 'panic';
ALTER ROLE kopa_web SET log_parameter_max_length_on_error = 0;
ALTER DATABASE kopa SET log_error_verbosity = 'terse';
ALTER DATABASE kopa SET log_min_error_statement = 'panic';
ALTER DATABASE kopa SET log_parameter_max_length_on_error = 0;
