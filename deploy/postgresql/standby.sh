#!/bin/bash
# The standby: copies the primary once, then follows it. To make it the primary: pg_ctl promote (docs/operations.md).
set -euo pipefail
PGDATA=/var/lib/postgresql/data/standby
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    rm -rf "$PGDATA"
    PGPASSWORD="$(cat /run/secrets/replication_password)" pg_basebackup \
        --host=postgresql-1 --username=replication --pgdata="$PGDATA" \
        --slot=standby --wal-method=stream --checkpoint=fast --write-recovery-conf
    chmod 0700 "$PGDATA"
fi
exec postgres -D "$PGDATA" -c hot_standby=on -c log_error_verbosity=terse -c listen_addresses='*'
