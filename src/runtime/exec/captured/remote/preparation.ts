import { PLACES } from './directory';
import { LIBRARY } from './library';
import { HEADER_BYTES } from '../bootstrap';

/** Looks what the image has, begins the guard, makes the directory, and takes the command. */
export const PREPARATION = `
cdkv_lib='${LIBRARY}
'
eval "$cdkv_lib"
cdkv_umask=$(umask)
umask 077
exec 8<&0 9>&1 </dev/null >/dev/null 2>/dev/null
cdkv_seq=0
cdkv_dir=
cdkv_say() {
  printf '\\n%s %s %s:.\\n' "$cdkv_nonce" "$cdkv_seq" "$*" >&9
  cdkv_seq=$((cdkv_seq + 1))
}
cdkv_fail() {
  cdkv_say "$@"
  cdkv_clear "$cdkv_dir"
  exit 1
}

cdkv_lacks=
for cdkv_t in base64 cat date dd env mkdir mkfifo rm rmdir sleep tee tr wc "$cdkv_shell"; do
  command -v "$cdkv_t" || cdkv_lacks="$cdkv_lacks $cdkv_t"
done
[ -z "$cdkv_lacks" ] || cdkv_fail missing$cdkv_lacks
cdkv_sum=cksum
command -v sha256sum && cdkv_sum=sha256sum
cdkv_zip=
for cdkv_t in 'gzip -c' 'gzip -1c'; do
  $cdkv_t && cdkv_zip=$cdkv_t
done
cdkv_b64=base64
base64 -w0 && cdkv_b64='base64 -w0'
# Becomes a program in a session of its own, which has no terminal that it could write to behind our back, and which no
# signal to another process group reaches.
cdkv_setsid=1
if command -v setsid; then
  cdkv_apart() { exec setsid "$@"; }
elif command -v perl; then
  cdkv_apart() { exec perl -e 'eval { require POSIX; POSIX::setsid() }; exec { $ARGV[0] } @ARGV; exit 127' "$@"; }
else
  cdkv_setsid=
  cdkv_apart() { exec "$@"; }
fi

cdkv_apart /bin/sh -c "$cdkv_lib cdkv_guard \\"\\$@\\"" cdk-vast-guard $$ "$cdkv_name" 8<&- 9>&- &
cdkv_guard=$!
# Until it is in a session of its own, whoever kills this process and its group kills it, too, and what is made below stays.
cdkv_i=0
while [ -n "$cdkv_setsid" ] && [ "$cdkv_i" -lt 300 ] && read -r cdkv_l <"/proc/$cdkv_guard/stat"; do
  set -- \${cdkv_l##*) }
  [ "$4" != "$cdkv_guard" ] || break
  cdkv_i=$((cdkv_i + 1))
  [ "$cdkv_i" -lt 100 ] || sleep 0.01 || sleep 1
done
for cdkv_t in "$TMPDIR" ${PLACES}; do
  case $cdkv_t in
    *[!A-Za-z0-9._/-]*) ;;
    /*)
      # A full disk has room for a directory, and for nothing in it.
      mkdir "\${cdkv_t%/}/$cdkv_name" && cdkv_dir="\${cdkv_t%/}/$cdkv_name" && dd if=/dev/zero bs=65536 count=16 of="$cdkv_dir/p" && break
      [ -z "$cdkv_dir" ] || cdkv_clear "$cdkv_dir"
      cdkv_dir=
      ;;
  esac
done
[ -n "$cdkv_dir" ] || cdkv_fail nodirectory
mkfifo "$cdkv_dir/g" "$cdkv_dir/n" "$cdkv_dir/q" "$cdkv_dir/i" "$cdkv_dir/ho" "$cdkv_dir/he" "$cdkv_dir/ao" "$cdkv_dir/ae" || cdkv_fail nodirectory
# Whoever the command becomes may open /dev/stderr, which is this.
mkfifo -m 666 "$cdkv_dir/o" "$cdkv_dir/e" || cdkv_fail nodirectory
true >"$cdkv_dir/pid" || cdkv_fail nodirectory
exec 5<"$cdkv_dir/pid" 7<>"$cdkv_dir/g"
true >"$cdkv_dir/guarded" || cdkv_fail nodirectory

# The command: a header with the length of its base64, with that of its first part, which has the environment, and with its
# sums.
cdkv_say give
set -- $(cdkv_read ${HEADER_BYTES} <&8)
[ $# -eq 4 ] || cdkv_fail damaged
cdkv_read "$1" <&8 | base64 -d >"$cdkv_dir/p"
cdkv_whole "$@" <"$cdkv_dir/p" || cdkv_fail damaged
{ dd bs="$2" count=1 >"$cdkv_dir/env" && cat >"$cdkv_dir/sh"; } <"$cdkv_dir/p" || cdkv_fail damaged
rm "$cdkv_dir/p"
# For whoever reads the log of the session.
cdkv_say command
cat -v "$cdkv_dir/sh" >&9
cdkv_say started "$cdkv_sum"

exec 6<>"$cdkv_dir/n"
`;
