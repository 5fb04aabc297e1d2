import { DIRECTORY_PREFIX, FILES, PLACES } from './directory';

/**
 * What the program and its guard have in common: the one ends what is left when the session is over, the other when the
 * program was killed, with all of its process group, as agents do that. It stands in single quotes.
 */
export const LIBRARY = `
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
# The processes of the command: its session, and who descends from it. Descriptor 5 is the file with the process of the
# command, for when the command has removed it.
cdkv_family() {
  read -r cdkv_root <"$cdkv_dir/pid" || read -r cdkv_root </proc/self/fd/5 || return
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
  true >"$cdkv_dir/stopped"
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
  exec 4<>"$cdkv_dir/g" 7<>"$cdkv_dir/n"
  exec 3<"$cdkv_dir/g" 4>&- 5<"$cdkv_dir/pid" 6<"$cdkv_dir/n" 7>&-
  read -r cdkv_k <&3
  true >"$cdkv_dir/called"
  cdkv_stop
  # Those who have worked for the program have this fifo open for writing.
  kill -KILL $(cdkv_holders /proc/self/fd/6 /proc/self/fd/6)
  cdkv_clear "$cdkv_dir"
}
`;
