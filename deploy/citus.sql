-- Spreads a database of Leadwake over the nodes of Citus, by site.
--
-- Once, with no collector running: start one on the empty database, so that it makes its tables, and stop it; then
--
--   psql "$DATABASE_URL" -v ON_ERROR_STOP=1 --single-transaction -f citus.sql
--
-- DATABASE_URL is the coordinator's, then and later. What it costs, and what a single giant site costs: docs/scale.md.

CREATE EXTENSION IF NOT EXISTS citus;

-- On every node: few rows that hardly change, joined where a row number alone is known.
SELECT create_reference_table('sites');

-- By site: all rows of a site lie on one node, so that what is asked of one site is asked there. Tables of months that
-- come later follow `events`.
SELECT create_distributed_table('visitors', 'site');
SELECT create_distributed_table('rules', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('events', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('titles', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('visits', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('contacts', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('identities', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('links', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('consents', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('measured_views', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('awaited_views', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('edges', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('known_visitors', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('leads', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('cells', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('past_cells', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('milestones', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('stage_days', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('seen_content', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('decisions', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('notes', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('breaches', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('transitions', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('superseded', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('quarters', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('quarter_visitors', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('slices', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('week_slices', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('week_changes', 'site', colocate_with => 'visitors');
SELECT create_distributed_table('slice_visitors', 'site', colocate_with => 'visitors');

-- On the coordinator, as they are. Of the installation as a whole:
--   stays: leadwake, settings, keys, staff, suppressions, audit, salts
-- Where projectors stand, and what callers wait for:
--   stays: watermarks, outcomes, counts, refusals, dead_letters
-- Messages, which go to webhooks of one site or of all in the order of each, as often as leads change their stages:
--   stays: webhooks, outbox, deliveries
-- The intake log, one sequence in the order of its commits (LEADWAKE_INTAKE_LOG takes it elsewhere):
--   stays: intake_log, intake_trimmed, intake_entries
