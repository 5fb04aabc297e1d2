#!/bin/sh
# Runs vast-cloud in an image of its own (docker/cli), where there is no Node.js that will do. ./vast-cloud calls it.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
node=$(node --version 2>/dev/null || :)
need="Node.js 20.12 or newer (https://nodejs.org)"
if [ "$node" ]; then have="Node.js $node is too old"; else have='Node.js is missing'; fi

refuse() {
  echo "vast-cloud: $*" >&2
  exit 2
}

command -v docker >/dev/null 2>&1 || refuse "$have: install $need, or Docker, in which vast-cloud can run as well"
trouble=$(docker version 2>&1 >/dev/null) || refuse "$have, and Docker does not answer ($(echo "$trouble" | tail -n 1)): start it, or install $need"
command=
for word in "$@"; do
  case $word in
    --) break ;;
    --local) command=local ;;
    -*) ;;
    *) command=${command:-$word} ;;
  esac
done
case $command in
  local | demo) refuse "$have: the local AWS takes it; install $need" ;;
esac
# These would take the place of what is in the image.
case $PWD in
  / | /bin* | /dev* | /etc* | /home | /home/vast* | /lib* | /opt | /opt/cdk-vast* | /proc* | /sbin* | /sys* | /usr*)
    refuse "$have, so vast-cloud runs in an image, which cannot have a $PWD of yours: call it from another directory, or install $need" ;;
esac

# Lists the sources of the image alone: the clone has much more in it, and desktops and editors add files of their own.
sources() {
  (cd "$here" && find package.json package-lock.json tsconfig.json .projen/*.json bin build-tools/bundle*.mjs docker examples/typescript src \
    \( -name node_modules -o -name cdk.out -o -name bootstrap.js \) -prune -o \
    -type f \( -name '[!.#]*.ts' -o -name '[!.#]*.js' -o -name '[!.#]*.json' -o -name '[!.#]*.mjs' -o -name '[!.#]*.pl' -o -name Dockerfile -o -name .dockerignore \) -print \
    | LC_ALL=C sort)
}

digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum; else shasum -a 256; fi | cut -c 1-64
}

image=cdk-vast-cli
base=${VAST_CLOUD_NODE_IMAGE:-}
wanted=$( (sources; cd "$here" && sources | xargs cat) | digest)
built=$(docker image inspect --format '{{.Id}} {{index .Config.Labels "cdk-vast.sources"}} {{index .Config.Labels "cdk-vast.base"}}' "$image" 2>/dev/null || :)
# Another base is a reason only where one is asked for: it need not be named again with every command.
case $built in
  *" $wanted "${base:-*}) ;;
  *) built= ;;
esac
if [ -z "$built" ]; then
  echo "vast-cloud: $have: building the image $image to run in (once; some minutes)" >&2
  before=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null || :)
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  trap 'exit 130' INT TERM
  if ! (cd "$here" && sources | tar -cf - -T -) | docker build --tag "$image" --label "cdk-vast.sources=$wanted" --label "cdk-vast.base=$base" \
      ${base:+--build-arg "NODE_IMAGE=$base"} --file docker/cli/Dockerfile - >"$log" 2>&1; then
    cat "$log" >&2
    echo "vast-cloud: the image $image could not be built; VAST_CLOUD_NODE_IMAGE names another image with Node.js and npm, based on Debian" >&2
    exit 1
  fi
  rm -f "$log"
  trap - EXIT INT TERM
  # The one before is of no use any more; where somebody still runs it, Docker keeps it.
  [ -z "$before" ] || docker image rm "$before" >/dev/null 2>&1 || :
fi

# The value of --mount, which is a line of CSV: --volume has no way to name a path with a colon.
bind() { printf 'type=bind,%s,%s%s' "$(field source "$1")" "$(field target "$2")" "${3:+,$3}"; }
field() { printf '"%s=%s"' "$1" "$(printf '%s' "$2" | sed 's/"/""/g')"; }

# From here on the words of the command line grow at their front: docker's options, the image, and what the user has said.
set -- "$image" "$@"

# Several variables may name the same file, which can be mounted once.
mounted='
'
# By name, so that no value is seen in the list of processes.
for name in $(env | sed -n -e 's/^\(AWS_[A-Za-z0-9_]*\)=.*/\1/p' -e 's/^\(VAST_[A-Za-z0-9_]*\)=.*/\1/p' \
    -e 's/^\(NODE_EXTRA_CA_CERTS\)=.*/\1/p' -e 's/^\(NO_COLOR\)=.*/\1/p' -e 's/^\(TERM\)=.*/\1/p' -e 's/^\([A-Za-z]*_[Pp][Rr][Oo][Xx][Yy]\)=.*/\1/p'); do
  set -- --env "$name" "$@"
  case $name in
    AWS_*_FILE | AWS_CA_BUNDLE | NODE_EXTRA_CA_CERTS)
      eval "file=\$$name"
      # A relative path means the same file there, as the directory of the call has its name.
      [ ! -f "$file" ] || file=$(CDPATH='' cd -- "$(dirname -- "$file")" && pwd)/${file##*/}
      case $mounted in
        *"
$file
"*) ;;
        *) [ ! -f "$file" ] || set -- --mount "$(bind "$file" "$file" readonly)" "$@" ;;
      esac
      mounted="$mounted$file
" ;;
  esac
done

# Logins are renewed in the caches; the configuration itself is only read.
# Without HOME the directory is that of the user database, as for other programs.
home=${HOME:-$(getent passwd "$(id -u)" 2>/dev/null | cut -d: -f6)}
if [ -d "$home/.aws" ]; then
  set -- --mount "$(bind "$home/.aws" /home/vast/.aws readonly)" "$@"
  for cache in sso/cache cli/cache login/cache; do
    [ ! -d "$home/.aws/$cache" ] || set -- --mount "$(bind "$home/.aws/$cache" "/home/vast/.aws/$cache")" "$@"
  done
fi

socket=/var/run/docker.sock
engine=${DOCKER_HOST:-}
# Without the variable it is the context that says where Docker is. Docker Desktop has its machine's own socket at the usual place.
if [ -z "$engine" ] && [ "$(uname)" != Darwin ]; then
  engine=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null || :)
fi
case $engine in
  */.docker/desktop/*) ;;
  unix://*) socket=${engine#unix://} ;;
  ?*) set -- --env "DOCKER_HOST=$engine" "$@" ;;
esac
if [ -S "$socket" ]; then
  set -- --mount "$(bind "$socket" /var/run/docker.sock)" --group-add "$(ls -lnL "$socket" | awk '{ print $4 }')" "$@"
  # Where Docker has a machine of its own, the socket belongs to that one's root.
  [ "$(uname)" != Darwin ] || set -- --group-add 0 "$@"
fi

# An AWS on this machine, whatever setting names it, and the role of an instance or a container are reached from the machine's
# own network only. Where Docker has a machine of its own, it is known by the variables alone.
case $(uname)/${AWS_ENDPOINT_URL:-$(sed -n 's/^AWS_ENDPOINT_URL=["'\'']*//p' .env 2>/dev/null || :)} in
  Linux/* | *://localhost | *://localhost[:/]* | *://127.* | *"://[::1]"*)
    # An engine that remaps users refuses the machine's network without its users.
    set -- --network host --userns host "$@" ;;
esac

if [ -t 0 ] && [ -t 1 ] && [ -t 2 ]; then set -- --tty "$@"; fi
exec docker run --rm --init --interactive --user "$(id -u):$(id -g)" --mount "$(bind "$PWD" "$PWD")" --workdir "$PWD" "$@"
