/** How much output a frame has at most, in bytes. */
export const CHUNK_BYTES = 768 * 1024;

/** What does not fit into a frame without gzip's header being most of it. */
const ZIP_FROM_BYTES = 600;

/** After how many frames it is tried again whether compressing is worth it, and with how much at most. */
const TRIAL_EVERY = 16;
const TRIAL_BYTES = 64 * 1024;

/** How much of a stream may wait in a file for being sent, in bytes. */
const SPOOL_BYTES = 4 * 1024 * 1024;

/** After how many full blocks of 64 KiB in a row more of them are read at a time, and how many. */
const BULK_AFTER = 4;
const BULK_BLOCKS = 32;

/** What collects the output of the command, and what writes it to the terminal. */
export const OUTPUT = `
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
    else
      cdkv_n=${BULK_BLOCKS}
      if [ -z "$cdkv_ticker" ]; then
        cdkv_ticks "$1" &
        cdkv_ticker=$!
      fi
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
      # The writer waits for the next.
      cdkv_n=1
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
      [ "$cdkv_k" -le ${TRIAL_BYTES} ] || cdkv_k=${TRIAL_BYTES}
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
  true >>"$cdkv_dir/so"
  true >>"$cdkv_dir/se"
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
        true >"$cdkv_dir/s$cdkv_b" || { cdkv_say failed; continue; }
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
  echo "$cdkv_seq $cdkv_done_o $cdkv_a $cdkv_done_e $cdkv_c" >"$cdkv_dir/sums" || cdkv_say failed
}
`;
