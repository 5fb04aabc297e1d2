#!/usr/bin/env bash
# The life cycle of a server, as docs/life-cycle.svg shows it. Needs a deployment on the local AWS (VAST_VERSION=v6.20.0):
#
#   python3 docs/recording/record.py docs/recording/life-cycle.typescript docs/recording/life-cycle.sh
#   node docs/recording/terminal-picture.mjs
set -u
cd "$(dirname "$0")/../.." || exit
. docs/recording/show.sh

show 'vast-cloud vast-server-status'
show "vast-cloud run-lambda --stdin < examples/data/zeek-conn.log.gz \\
    --cmd \"tenzir 'load_stdin | decompress_gzip | read_zeek_tsv | import'\""
show "vast-cloud run-lambda --cmd \"tenzir 'export | summarize n=count() | write_ndjson'\""
show 'vast-cloud restart-vast-server'
show "vast-cloud run-lambda --cmd \"tenzir 'export | summarize proto, n=count() | write_ndjson'\""
show "vast-cloud run-lambda --cmd 'echo \"no such thing\" >&2; exit 42'; echo \"exit code \$?\""
show "vast-cloud run-vast-task --cmd-override \"tenzir 'version | write_ndjson'\""
show 'vast-cloud list-all-tasks | cut -c -100'
show 'vast-cloud stop-all-tasks'
show 'vast-cloud get-vast-server; echo "exit code $?"'
