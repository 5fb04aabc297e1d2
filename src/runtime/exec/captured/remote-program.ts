import { HEADER_BYTES } from './bootstrap';

/** What goes with one run of the program. */
export interface RemoteSettings {
  /** Begins every frame; nobody but the program and we know it. */
  readonly nonce: string;

  /** The name of the directory for what has to be in files, without the place. */
  readonly directory: string;

  /** The absolute path of the shell that runs the script. */
  readonly shell: string;

  /** Whether the command has an input. */
  readonly stdin: boolean;

  /** How long those who still hold the output are waited for after the command's end, in seconds. */
  readonly graceSeconds: number;

  /** How long the command may take, in seconds; 0 where there is no limit. */
  readonly timeoutSeconds: number;

  /** How often there is a sign of life, in seconds. */
  readonly heartbeatSeconds: number;
}

/** How much output a frame has at most, in bytes. */
export const CHUNK_BYTES = 512 * 1024;

/** What does not fit into a frame without gzip's header being most of it. */
const ZIP_FROM_BYTES = 600;

/** Where there may be room for files, besides TMPDIR. */
const PLACES = '/tmp /dev/shm /var/tmp /run';

/** What the name of the directory begins with; twelve more characters follow. */
export const DIRECTORY_PREFIX = 'cdk-vast-';

/** All that there is ever in the directory. */
const FILES = 'g n q i o e ho he ao ae so se to te po pe p c z pid env sh sums called late stopped guarded'.split(' ');

/** After how many frames it is tried again whether compressing is worth it. */
const TRIAL_EVERY = 16;

/** How much of a stream may wait in a file for being sent, in bytes. */
const SPOOL_BYTES = 4 * 1024 * 1024;

/** After how many full blocks of 64 KiB in a row more of them are read at a time, and how many. */
const BULK_AFTER = 4;
const BULK_BLOCKS = 32;

/** The program for one run, as it is sent: one that /bin/sh of Debian, Alpine and Fedora understands. */
export function remoteProgram(settings: RemoteSettings): string {
  const { nonce, directory, shell, stdin, graceSeconds, timeoutSeconds, heartbeatSeconds } = settings;
  const lines = `
cdkv_nonce=${nonce}
cdkv_name=${directory}
cdkv_shell=${shell}
cdkv_stdin=${stdin ? 1 : ''}
cdkv_grace=${graceSeconds}
cdkv_limit=${timeoutSeconds}
cdkv_beat=${heartbeatSeconds}
${PROGRAM}`.split('\n').map(line => line.trim());
  return lines.filter(line => line !== '' && !line.startsWith('#')).join('\n');
}

/**
 * What the program and its guard have in common: the one ends what is left when the session is over, the other when the
 * program was killed, with all of its process group, as agents do that. It stands in single quotes.
 */
const LIBRARY = `
# Removes a directory of ours: by the names of its files, and never a tree. A wrong path must not cost the container more
# than what is ours.
cdkv_clear() {
  case $1 in
    /*/${DIRECTORY_PREFIX}????????????) ;;
    *) return ;;
  esac
  [ -d "$1" ] || return
  for cdkv_t in ${FILES.join(' ')}; do
    rm -f "$1/$cdkv_t"
  done
  rmdir "$1"
}
# The processes of the command: its session, and who descends from it.
cdkv_family() {
  read -r cdkv_root <"$cdkv_dir/pid" || return
  cdkv_known=" $cdkv_root "
  cdkv_descend
}
# All who descend from those in cdkv_known, and who are in the session of cdkv_root; the dead do not count.
cdkv_descend() {
  cdkv_more=1
  while [ -n "$cdkv_more" ]; do
    cdkv_more=
    for cdkv_f in /proc/[0-9]*/stat; do
      cdkv_p=\${cdkv_f#/proc/}
      cdkv_p=\${cdkv_p%/stat}
      case $cdkv_known in *" $cdkv_p "*) continue ;; esac
      read -r cdkv_l <"$cdkv_f" || continue
      set -- \${cdkv_l##*) }
      [ "$1" != Z ] || continue
      case $cdkv_known in
        *" $2 "*) ;;
        *) [ "$4" = "$cdkv_root" ] || continue ;;
      esac
      cdkv_known="$cdkv_known$cdkv_p "
      cdkv_more=1
    done
  done
  set -- $cdkv_known
  for cdkv_p; do
    read -r cdkv_l <"/proc/$cdkv_p/stat" || continue
    case \${cdkv_l##*) } in Z*) ;; *) printf "%s " "$cdkv_p" ;; esac
  done
}
# Who has one of two fifos open for writing, and is not among those in the third word.
cdkv_holders() {
  cdkv_known=" $3 "
  for cdkv_f in /proc/[0-9]*/fd/*; do
    [ "$cdkv_f" -ef "$1" ] || [ "$cdkv_f" -ef "$2" ] || continue
    cdkv_p=\${cdkv_f#/proc/}
    cdkv_p=\${cdkv_p%%/*}
    case $cdkv_known in *" $cdkv_p "*) continue ;; esac
    while read -r cdkv_k cdkv_v; do
      case $cdkv_k$cdkv_v in
        flags:*[12])
          cdkv_known="$cdkv_known$cdkv_p "
          printf "%s " "$cdkv_p"
          ;;
      esac
    done <"/proc/$cdkv_p/fdinfo/\${cdkv_f##*/}"
  done
}
# Ends the command and all that it has started: five seconds after SIGTERM comes SIGKILL.
cdkv_stop() {
  cdkv_signal=TERM
  cdkv_since=$(date +%s)
  while :; do
    cdkv_all=$(cdkv_family)
    set -- $cdkv_all $(cdkv_holders "$cdkv_dir/o" "$cdkv_dir/e" "$cdkv_all")
    [ $# -gt 0 ] || break
    [ -z "$cdkv_signal" ] || kill -$cdkv_signal "$@"
    [ "$cdkv_signal" != TERM ] || kill -CONT "$@"
    cdkv_signal=
    sleep 0.1 || sleep 1
    cdkv_i=$(($(date +%s) - cdkv_since))
    [ "$cdkv_i" -le 5 ] || cdkv_signal=KILL
    # What is stuck in the kernel does not end.
    [ "$cdkv_i" -lt 15 ] || break
  done
  : >"$cdkv_dir/stopped"
}
# Waits for the end of the program, which has the fifo g open for as long as it lives. Its arguments: the process, and the
# name of the directory.
cdkv_guard() {
  trap "" HUP INT QUIT TERM
  cdkv_main=$1
  cdkv_name=$2
  cdkv_dir=
  until [ -n "$cdkv_dir" ]; do
    for cdkv_t in "$TMPDIR" ${PLACES}; do
      [ ! -e "\${cdkv_t%/}/$cdkv_name/guarded" ] || cdkv_dir=\${cdkv_t%/}/$cdkv_name
    done
    # The dead may wait for long in a container in which nobody buries them.
    cdkv_l=") Z"
    read -r cdkv_l <"/proc/$cdkv_main/stat"
    case \${cdkv_l##*) } in
      *Z*) cdkv_gone=1 ;;
      *) cdkv_gone= ;;
    esac
    if [ -n "$cdkv_gone" ] && [ -z "$cdkv_dir" ]; then
      for cdkv_u in "$TMPDIR" ${PLACES}; do
        cdkv_clear "\${cdkv_u%/}/$cdkv_name"
      done
      exit
    fi
    [ -n "$cdkv_dir" ] || sleep 0.1 || sleep 1
  done
  exec 4<>"$cdkv_dir/g"
  exec 3<"$cdkv_dir/g" 4>&-
  read -r cdkv_k <&3
  [ -e "$cdkv_dir/g" ] || exit
  : >"$cdkv_dir/called"
  cdkv_stop
  # Those who have worked for the program know each other by this fifo.
  kill -KILL $(cdkv_holders "$cdkv_dir/n" "$cdkv_dir/n")
  cdkv_clear "$cdkv_dir"
}
`;

/**
 * Processes of it, besides the command:
 *
 * - two collectors, one for each stream: whatever is in the stream goes into a file at once, and the writer hears of it;
 * - one writer, so that frames cannot get mixed up: takes what has gathered in the files, encodes it and writes it to the
 *   terminal. The longer it takes, the more has gathered for the next frame, so that much output costs few processes, and
 *   little is never held back;
 * - one reader of the terminal: input for the command, and the end of the session, after which nothing may be left;
 * - a guard in a session of its own, for when all these are killed;
 * - the feeder of the command's input, which may wait for the command as long as it likes, and clocks.
 *
 * The first process runs the command in the foreground: in the background, shells ignore SIGINT and SIGQUIT for it.
 *
 * Descriptors: 6 the fifo to the writer, 7 that of the guard or of the feeder, 5 that of a collector, 8 and 9 the terminal.
 */
const PROGRAM = `
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
# In a session of its own the command has no terminal that it could write to behind our back.
cdkv_setsid=
command -v setsid && cdkv_setsid=setsid

$cdkv_setsid /bin/sh -c "$cdkv_lib cdkv_guard \\"\\$@\\"" cdk-vast-guard $$ "$cdkv_name" 8<&- 9>&- &
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
    /*) mkdir "\${cdkv_t%/}/$cdkv_name" && cdkv_dir="\${cdkv_t%/}/$cdkv_name" && break ;;
  esac
done
[ -n "$cdkv_dir" ] || cdkv_fail nodirectory
mkfifo "$cdkv_dir/g" "$cdkv_dir/n" "$cdkv_dir/q" "$cdkv_dir/i" "$cdkv_dir/ho" "$cdkv_dir/he" "$cdkv_dir/ao" "$cdkv_dir/ae" || cdkv_fail nodirectory
# Whoever the command becomes may open /dev/stderr, which is this.
mkfifo -m 666 "$cdkv_dir/o" "$cdkv_dir/e" || cdkv_fail nodirectory
exec 7<>"$cdkv_dir/g"
: >"$cdkv_dir/guarded"

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

# A collector. Its arguments: the stream.
#
# One process for 64 KiB is much where there is a lot to read. Then it reads more at a time, and as it does not know how
# much it has until it is through, the writer is told to look for itself meanwhile.
cdkv_collect() {
  trap '' HUP INT QUIT TERM
  # By itself: where the next one has to wait for the other end of a fifo, bash keeps copies of what it closes meanwhile.
  exec 7<&- 8<&- 9>&-
  exec 5<>"$cdkv_dir/a$1" <"$cdkv_dir/$1"
  cdkv_total=0
  cdkv_held=0
  cdkv_n=1
  cdkv_full=0
  cdkv_ticker=
  while :; do
    cdkv_r=$(LC_ALL=C dd bs=65536 count="$cdkv_n" 2>&1 >>"$cdkv_dir/s$1") || { echo "f $1" >&6; break; }
    # What dd says begins with the number of blocks that were full and of those that were not.
    cdkv_k=\${cdkv_r%%[!0-9+]*}
    cdkv_l=\${cdkv_k#*+}
    cdkv_k=\${cdkv_k%+*}
    [ "$cdkv_k$cdkv_l" != 00 ] || break
    if [ "$cdkv_k" -le "$cdkv_l" ]; then
      cdkv_full=0
      cdkv_n=1
      [ -z "$cdkv_ticker" ] || kill -KILL "$cdkv_ticker"
      cdkv_ticker=
    elif [ "$cdkv_n" -eq 1 ] && [ "$cdkv_full" -lt ${BULK_AFTER} ]; then
      cdkv_full=$((cdkv_full + 1))
    elif [ -z "$cdkv_ticker" ]; then
      cdkv_n=${BULK_BLOCKS}
      cdkv_ticks "$1" &
      cdkv_ticker=$!
    fi
    # Its third line begins with the number of bytes.
    cdkv_k=\${cdkv_r##*records out}
    set -- "$1" $cdkv_k
    case $2 in
      '' | *[!0-9]*) cdkv_k=$(($(wc -c <"$cdkv_dir/s$1") - cdkv_held)) ;;
      *) cdkv_k=$2 ;;
    esac
    cdkv_total=$((cdkv_total + cdkv_k))
    cdkv_held=$((cdkv_held + cdkv_k))
    echo "$cdkv_total" >"$cdkv_dir/t$1"
    echo "$1 $cdkv_total" >&6
    if [ "$cdkv_held" -ge ${SPOOL_BYTES} ]; then
      echo "r $1" >&6
      read -r cdkv_k <&5
      cdkv_held=0
    fi
  done
  [ -z "$cdkv_ticker" ] || kill -KILL "$cdkv_ticker"
  echo "x $1" >&6
}
cdkv_ticks() {
  while sleep 0.1 || sleep 1; do
    echo "p $1" >&6
  done
}

# Sends what has gathered. Its arguments: the stream, how much there has been of it at least, and where it is read from.
cdkv_send() {
  eval "cdkv_done=\\$cdkv_done_$1"
  cdkv_all=$2
  read -r cdkv_k <"$cdkv_dir/t$1"
  [ "$cdkv_k" -gt "$cdkv_all" ] && cdkv_all=$cdkv_k
  while [ "$cdkv_done" -lt "$cdkv_all" ]; do
    cdkv_k=$((cdkv_all - cdkv_done))
    [ "$cdkv_k" -le ${CHUNK_BYTES} ] || cdkv_k=${CHUNK_BYTES}
    if [ "$cdkv_k" -lt ${ZIP_FROM_BYTES} ] || [ -z "$cdkv_zip" ]; then
      cdkv_how=p
    elif [ "$cdkv_trial" -gt 0 ]; then
      cdkv_trial=$((cdkv_trial - 1))
      cdkv_how=$cdkv_good
    else
      # What does not get smaller, such as what is compressed already, is not worth the time: tried again now and then.
      dd bs="$cdkv_k" count=1 <&"$3" | tee "$cdkv_dir/h$1" | $cdkv_zip >"$cdkv_dir/z"
      cdkv_good=z
      [ $(($(wc -c <"$cdkv_dir/z") * 10)) -lt $((cdkv_k * 9)) ] || cdkv_good=p
      cdkv_trial=${TRIAL_EVERY}
      cdkv_how=t
    fi
    printf '\\n%s %s %s %s %s:' "$cdkv_nonce" "$cdkv_seq" "$1" "$cdkv_k" "$cdkv_how" >&9
    case $cdkv_how in
      p) dd bs="$cdkv_k" count=1 <&"$3" | tee "$cdkv_dir/h$1" | $cdkv_b64 ;;
      z) dd bs="$cdkv_k" count=1 <&"$3" | tee "$cdkv_dir/h$1" | $cdkv_zip | $cdkv_b64 ;;
      *) $cdkv_b64 <"$cdkv_dir/z" ;;
    esac >&9
    printf '.\\n' >&9
    cdkv_seq=$((cdkv_seq + 1))
    cdkv_done=$((cdkv_done + cdkv_k))
  done
  eval "cdkv_done_$1=$cdkv_done"
}

# The writer.
cdkv_write() {
  trap '' HUP INT QUIT TERM
  exec 8<&-
  : >>"$cdkv_dir/so"
  : >>"$cdkv_dir/se"
  $cdkv_sum <"$cdkv_dir/ho" >"$cdkv_dir/po" 6<&- 7>&- 9>&- &
  $cdkv_sum <"$cdkv_dir/he" >"$cdkv_dir/pe" 6<&- 7>&- 9>&- &
  exec 7<&-
  exec 4>"$cdkv_dir/ho" 7>"$cdkv_dir/he" 3<"$cdkv_dir/so" 5<"$cdkv_dir/se"
  cdkv_done_o=0
  cdkv_done_e=0
  cdkv_base_o=0
  cdkv_base_e=0
  cdkv_open=oex
  cdkv_trial=0
  while read -r cdkv_a cdkv_b <&6; do
    case $cdkv_a in
      o) cdkv_send o "$cdkv_b" 3 ;;
      e) cdkv_send e "$cdkv_b" 5 ;;
      p)
        eval "cdkv_a=\\$cdkv_base_$cdkv_b"
        cdkv_a=$((cdkv_a + $(wc -c <"$cdkv_dir/s$cdkv_b")))
        if [ "$cdkv_b" = o ]; then cdkv_send o "$cdkv_a" 3; else cdkv_send e "$cdkv_a" 5; fi
        ;;
      r)
        : >"$cdkv_dir/s$cdkv_b"
        if [ "$cdkv_b" = o ]; then exec 3<"$cdkv_dir/so"; else exec 5<"$cdkv_dir/se"; fi
        eval "cdkv_base_$cdkv_b=\\$cdkv_done_$cdkv_b"
        echo >"$cdkv_dir/a$cdkv_b"
        ;;
      x)
        cdkv_open=\${cdkv_open%%$cdkv_b*}\${cdkv_open##*$cdkv_b}
        [ -n "$cdkv_open" ] || break
        ;;
      f) cdkv_say failed ;;
      q) break ;;
      *) cdkv_say "$cdkv_a" ;;
    esac
  done
  exec 4>&- 7>&-
  wait
  read -r cdkv_a cdkv_b <"$cdkv_dir/po"
  read -r cdkv_c cdkv_b <"$cdkv_dir/pe"
  echo "$cdkv_seq $cdkv_done_o $cdkv_a $cdkv_done_e $cdkv_c" >"$cdkv_dir/sums"
}

# The reader. It ends with the session: when its terminal is gone, or when SIGHUP has ended whoever reads for it.
cdkv_listen() {
  trap '' INT QUIT TERM PIPE
  trap : HUP
  exec 9>&- 7<>"$cdkv_dir/q"
  while set -- $(cdkv_read ${HEADER_BYTES} <&8) && [ $# -gt 0 ]; do
    case $1 in
      d)
        cdkv_read "$2" <&8 | base64 -d >"$cdkv_dir/c" || echo f >&6
        echo d >&7
        ;;
      e) echo e >&7 ;;
      k)
        : >"$cdkv_dir/called"
        cdkv_stop 8<&- &
        ;;
    esac
  done
  trap '' HUP
  exec 8<&-
  : >"$cdkv_dir/called"
  cdkv_stop
}

# The feeder.
cdkv_feed() {
  trap '' HUP INT QUIT TERM
  exec 8<&- 9>&- 7<>"$cdkv_dir/q"
  exec >"$cdkv_dir/i"
  echo w >&6
  while read -r cdkv_a <&7 && [ "$cdkv_a" = d ] && cat "$cdkv_dir/c"; do
    echo w >&6
  done
  [ "$cdkv_a" = e ] || echo c >&6
}

# A clock. Its arguments: the seconds, and what is to be done then.
cdkv_after() {
  trap '' HUP INT QUIT TERM
  exec 7<&- 8<&- 9>&-
  sleep "$1"
  shift
  "$@"
}
cdkv_beats() {
  trap '' HUP INT QUIT TERM
  exec 7<&- 8<&- 9>&-
  while sleep "$cdkv_beat" && [ -e "$cdkv_dir" ]; do
    echo h >&6
  done
}
cdkv_overdue() {
  : >"$cdkv_dir/late"
  : >"$cdkv_dir/called"
  cdkv_stop
}

trap : HUP INT QUIT TERM
cdkv_collect o &
cdkv_collect e &
cdkv_write &
cdkv_writer=$!
cdkv_listen &
cdkv_beats &
[ "$cdkv_limit" = 0 ] || cdkv_after "$cdkv_limit" cdkv_overdue &
cdkv_input=/dev/null
if [ -n "$cdkv_stdin" ]; then
  cdkv_feed &
  cdkv_input=$cdkv_dir/i
fi

(
  exec 6<&- 7<&- 8<&- 9>&-
  exec <"$cdkv_input" >"$cdkv_dir/o" 2>"$cdkv_dir/e"
  exec $cdkv_setsid /bin/sh "$cdkv_dir/env" "$cdkv_dir" "$cdkv_umask"
)
cdkv_code=$?

echo 'x x' >&6
cdkv_after "$cdkv_grace" echo q >&6 &
while kill -0 "$cdkv_writer"; do
  wait "$cdkv_writer"
done
if [ -e "$cdkv_dir/called" ]; then
  while ! [ -e "$cdkv_dir/stopped" ]; do
    sleep 0.1 || sleep 1
  done
fi
read -r cdkv_seq cdkv_sums <"$cdkv_dir/sums"
cdkv_how=ended
[ ! -e "$cdkv_dir/called" ] || cdkv_how=stopped
[ ! -e "$cdkv_dir/late" ] || cdkv_how=late
cdkv_left=
for cdkv_p in $(cdkv_holders "$cdkv_dir/o" "$cdkv_dir/e"); do
  cdkv_left="$cdkv_left$cdkv_p=$(tr '\\000' ' ' <"/proc/$cdkv_p/cmdline" | $cdkv_b64 | tr -d '\\n') "
done

# Nothing is left behind before the end is told: whoever hears it may end the session at once. The guard is the last to go.
cdkv_root=none
cdkv_known=" $$ "
for cdkv_p in $(cdkv_descend); do
  case $cdkv_p in $$ | "$cdkv_guard") ;; *) kill -KILL "$cdkv_p" ;; esac
done
cdkv_clear "$cdkv_dir"
kill -KILL "$cdkv_guard"
wait "$cdkv_guard"
# It may just have opened its fifo, which makes one that is gone anew, as a file.
cdkv_clear "$cdkv_dir"
cdkv_say end "$cdkv_code" "$cdkv_how" $cdkv_sums $cdkv_left
exit 0
`;
