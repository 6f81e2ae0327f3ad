-- Spreads the hub's tables over several servers with Citus (12 or newer), an extension of PostgreSQL.
-- Once, on the coordinator, after the hub has made its tables there (acm hub site list --database ...) and before
-- devices send. edge/hub/SCALE.md says when this is worth it.
--   psql --single-transaction --file hub-citus.sql postgresql://acm@coordinator/acm

CREATE EXTENSION IF NOT EXISTS citus;

-- Small tables that every server needs: a copy on each.
SELECT create_reference_table('about');
SELECT create_reference_table('site');
SELECT create_reference_table('device');
SELECT create_reference_table('claim');
SELECT create_reference_table('token');
SELECT create_reference_table('reader');
SELECT create_reference_table('pace');

-- All that is of one device lies on one server, so that a batch is one transaction there. 64 shards, so that there is
-- something to move when servers are added: SELECT citus_rebalance_start();
SELECT create_distributed_table('stream', 'device', shard_count => 64);
SELECT create_distributed_table('arrival', 'device', colocate_with => 'stream');
SELECT create_distributed_table('subject', 'device', colocate_with => 'stream');
SELECT create_distributed_table('hour_figure', 'device', colocate_with => 'stream');
SELECT create_distributed_table('stay_figure', 'device', colocate_with => 'stream');
SELECT create_distributed_table('level_figure', 'device', colocate_with => 'stream');
SELECT create_distributed_table('report_file', 'device', colocate_with => 'stream');

-- Cut into months as well; the hub makes the months, on all servers.
SELECT create_distributed_table('crossing', 'device', colocate_with => 'stream');
SELECT create_distributed_table('visit', 'device', colocate_with => 'stream');
SELECT create_distributed_table('zone_stay', 'device', colocate_with => 'stream');
SELECT create_distributed_table('correction', 'device', colocate_with => 'stream');
SELECT create_distributed_table('notice', 'device', colocate_with => 'stream');
