# Shows commands and runs them. What a recording begins with, in the directory of the clone.
export VAST_AWS_REGION=${VAST_AWS_REGION:-eu-west-1}
vast-cloud() { ./vast-cloud "$1" --local "${@:2}"; }

show() {
  printf '\033[1;36m$\033[0m %s\n' "$1"
  eval "$1"
}
