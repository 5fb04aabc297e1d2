import { HEADER_BYTES } from '../bootstrap';

/** What reads the terminal and feeds the command, and the clocks. */
export const INPUT = `
# The reader. It ends with the session: when its terminal is gone, or when SIGHUP has ended whoever reads for it.
cdkv_listen() {
  trap '' INT QUIT TERM PIPE
  trap : HUP
  exec 9>&- 7<>"$cdkv_dir/q"
  while set -- $(cdkv_read ${HEADER_BYTES} <&8) && [ $# -gt 0 ]; do
    true >"$cdkv_dir/heard"
    case $1 in
      d)
        cdkv_read "$2" <&8 | base64 -d >"$cdkv_dir/c" || echo f >&6
        echo d >&7
        ;;
      e) echo e >&7 ;;
      k)
        cdkv_mark called
        cdkv_stop 8<&- &
        ;;
    esac
  done
  trap '' HUP
  exec 8<&-
  cdkv_mark called
  cdkv_stop
}

# The feeder.
cdkv_feed() {
  trap '' HUP INT QUIT TERM
  exec 8<&- 9>&- 7<>"$cdkv_dir/q"
  exec >"$cdkv_dir/i"
  echo w >&6
  while read -r cdkv_a <&7 && [ "$cdkv_a" = d ] && cat "$cdkv_dir/c"; do
    true >"$cdkv_dir/c"
    echo w >&6
  done
  [ "$cdkv_a" = e ] || echo c >&6
}

# Creates the marker in the first word. Where that fails, as on a full disk, the run fails, but the caller goes on: other than
# with ':', a failing redirection of 'true' does not end the shell.
cdkv_mark() {
  true >"$cdkv_dir/$1" || echo "f $1" >&6
}
# Sleeps for a number of seconds, even when the command kills sleep(1).
cdkv_wait() {
  cdkv_until=$(($(date +%s) + $1))
  sleep "$1" || while [ "$(date +%s)" -lt "$cdkv_until" ]; do
    sleep 1
  done
}
# A clock. Its arguments: the seconds, and what is to be done then.
cdkv_after() {
  trap '' HUP INT QUIT TERM
  exec 7<&- 8<&- 9>&-
  cdkv_wait "$1"
  shift
  "$@"
}
# Gives the signs of life of the container, until the command has removed our directory: then the run has failed.
cdkv_beats() {
  trap '' HUP INT QUIT TERM
  exec 7<&- 8<&- 9>&-
  while cdkv_wait "$cdkv_beat" && [ -e "$cdkv_dir" ]; do
    echo h >&6
  done
  echo f >&6
}
# Ends the command of a client that is gone. Whatever comes from it is a sign of life, and it gives one with every look. Looks
# are counted, and not seconds: the time in which the container itself stands still is no silence.
cdkv_watch() {
  trap '' HUP INT QUIT TERM
  exec 7<&- 8<&- 9>&-
  cdkv_silent=0
  while [ "$cdkv_silent" -lt "$cdkv_looks" ]; do
    cdkv_wait "$cdkv_look"
    cdkv_silent=$((cdkv_silent + 1))
    [ ! -e "$cdkv_dir/heard" ] || cdkv_silent=0
    rm -f "$cdkv_dir/heard"
  done
  cdkv_mark lost
  cdkv_mark called
  cdkv_stop
  # The end is written for a client that may come back. Nobody reads it where the terminal is full: then the guard clears up.
  cdkv_wait "$((cdkv_grace + 10))"
  kill -KILL $$
}
cdkv_overdue() {
  cdkv_mark late
  cdkv_mark called
  cdkv_stop
}
`;
