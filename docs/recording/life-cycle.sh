#!/usr/bin/env bash
# The life cycle of a server, as docs/life-cycle.svg shows it. Needs a deployment on the local AWS (VAST_VERSION=v6.20.0):
#
#   script --quiet --command 'stty cols 100 rows 60; docs/recording/life-cycle.sh' docs/recording/life-cycle.typescript
#   node docs/recording/terminal-picture.mjs docs/recording/life-cycle.typescript docs/life-cycle.svg
set -u
cd "$(dirname "$0")/../.." || exit
export VAST_AWS_REGION=${VAST_AWS_REGION:-eu-west-1}
vast-cloud() { ./vast-cloud --local "$@"; }

show() {
  printf '\033[1;36m$\033[0m %s\n' "$1"
  eval "$1"
}

show "vast-cloud vast-server-status"
show "vast-cloud run-lambda --stdin --cmd \"tenzir 'load_stdin | decompress_gzip | read_zeek_tsv | import'\" < examples/data/zeek-conn.log.gz"
show "vast-cloud run-lambda --cmd \"tenzir 'export | where proto == \\\"tcp\\\" | summarize tcp=count() | write_ndjson'\""
show "vast-cloud restart-vast-server"
show "vast-cloud run-lambda --cmd \"tenzir 'export | summarize proto, n=count() | sort -n | write_ndjson'\""
show "vast-cloud run-lambda --cmd 'echo \"no such thing\" >&2; exit 42'; echo \"exit code \$?\""
show "vast-cloud run-vast-task --cmd-override \"tenzir 'version | write_ndjson'\""
show "vast-cloud list-all-tasks"
show "vast-cloud stop-all-tasks"
show "vast-cloud get-vast-server; echo \"exit code \$?\""
