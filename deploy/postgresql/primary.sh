#!/bin/bash
# Run once, when the primary's data folder is made: lets the standby follow it.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v password="$(cat /run/secrets/replication_password)" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE replication WITH REPLICATION LOGIN PASSWORD :'password';
SELECT pg_create_physical_replication_slot('standby');
SQL
echo "host replication replication samenet scram-sha-256" >> "$PGDATA/pg_hba.conf"
