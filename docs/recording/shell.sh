#!/usr/bin/env bash
# A shell in the server and commands through ECS Exec, as docs/shell.svg shows them. Needs a deployment on the local AWS
# (VAST_VERSION=v6.20.0), and somebody who types into the shell: `id -un; cat /proc/1/comm`, a query, `exit`.
#
#   script --quiet --command 'stty cols 100 rows 60; docs/recording/shell.sh' docs/recording/shell.typescript
#   node docs/recording/terminal-picture.mjs docs/recording/shell.typescript docs/shell.svg
set -u
here=$(cd "$(dirname "$0")/../.." && pwd) || exit
export VAST_AWS_REGION=${VAST_AWS_REGION:-eu-west-1}
vast-cloud() { "$here/vast-cloud" "$1" --local "${@:2}"; }

show() {
  printf '\033[1;36m$\033[0m %s\n' "$1"
  eval "$1"
}

show "vast-cloud execute-command"
show "vast-cloud execute-command --cmd \"tenzir 'export | where proto == \\\"tcp\\\" | select id.resp_p | write_csv'\" 2>/dev/null | sort -n | uniq -c | sort -rn | head -3"
show "vast-cloud execute-command --cmd 'echo out; echo \"no such thing\" >&2; exit 42' 2>/dev/null; echo \"exit code \$?\""
show "sha256sum < README.md; vast-cloud execute-command --stdin --cmd sha256sum < README.md"
show "vast-cloud execute-command --cmd 'sleep 60' --timeout 1; echo \"exit code \$?\""
