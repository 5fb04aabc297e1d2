/** Runs the command, and tells its end when nothing is left behind. */
export const RUN = `
trap : HUP INT QUIT TERM
cdkv_collect o &
cdkv_collect e &
cdkv_write &
cdkv_writer=$!
cdkv_listen &
cdkv_beats &
cdkv_watch &
[ "$cdkv_limit" = 0 ] || cdkv_after "$cdkv_limit" cdkv_overdue &
cdkv_input=/dev/null
if [ -n "$cdkv_stdin" ]; then
  cdkv_feed &
  cdkv_input=$cdkv_dir/i
fi

# Files without a name cannot be left behind. The names stay where other processes may not open our descriptors.
exec 3<"$cdkv_dir/env" 4<"$cdkv_dir/sh"
if (: </proc/$$/fd/3 && : </proc/$$/fd/4); then
  rm -f "$cdkv_dir/env" "$cdkv_dir/sh"
  set -- /proc/$$/fd/3 /proc/$$/fd/4
else
  set -- "$cdkv_dir/env" "$cdkv_dir/sh"
fi
(
  exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9>&-
  cdkv_apart /bin/sh "$1" "$cdkv_dir" "$cdkv_umask" "$2" "$cdkv_input"
)
cdkv_code=$?
exec 3<&- 4<&-

echo 'x x' >&6
cdkv_after "$cdkv_grace" echo q >&6 &
while kill -0 "$cdkv_writer"; do
  wait "$cdkv_writer"
done
if [ -e "$cdkv_dir/called" ]; then
  # Stopping takes 15 seconds at most, and cannot always tell that it is through.
  cdkv_i=0
  until [ -e "$cdkv_dir/stopped" ] || [ "$cdkv_i" -ge 300 ]; do
    sleep 0.1 || sleep 1
    cdkv_i=$((cdkv_i + 1))
  done
fi
read -r cdkv_seq cdkv_sums <"$cdkv_dir/sums" || cdkv_seq=
cdkv_how=ended
[ ! -e "$cdkv_dir/called" ] || cdkv_how=stopped
[ ! -e "$cdkv_dir/late" ] || cdkv_how=late
[ ! -e "$cdkv_dir/lost" ] || cdkv_how=lost
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
# Without the sums of the writer, the client was told that the run has failed.
[ -z "$cdkv_seq" ] || cdkv_say end "$cdkv_code" "$cdkv_how" $cdkv_sums $cdkv_left
exit 0
`;
