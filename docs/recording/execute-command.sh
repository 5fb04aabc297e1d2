#!/usr/bin/env bash
# A shell in the server and commands through ECS Exec, as docs/execute-command.svg shows them. Needs a deployment on the local
# AWS (VAST_VERSION=v6.20.0) with the data of the life cycle:
#
#   python3 docs/recording/record.py docs/recording/execute-command.typescript docs/recording/execute-command.sh \
#     'id -un; cat /proc/1/comm' "tenzir 'export | summarize proto, n=count() | write_ndjson'" exit
#   node docs/recording/terminal-picture.mjs
set -u
cd "$(dirname "$0")/../.." || exit
. docs/recording/show.sh

show 'vast-cloud execute-command'
show "vast-cloud execute-command --cmd \"tenzir 'export | select id.resp_p | write_csv'\" \\
    2>/dev/null | sort -n | uniq -c | sort -rn | head -3"
show "vast-cloud execute-command --cmd 'echo out; date >&2; exit 42' 2>/dev/null; echo \"exit code \$?\""
show 'sha256sum < README.md; vast-cloud execute-command --stdin --cmd sha256sum < README.md'
show "vast-cloud execute-command --cmd 'sleep 60' --timeout 1; echo \"exit code \$?\""
