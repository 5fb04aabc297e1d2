# Has zsh print what it would offer, instead of drawing it.
compadd() {
  # Calls that only fill an array, or only look, offer nothing.
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a matches
  builtin compadd -A matches "$@"
  (( $#matches )) && print -rl -- :MATCH:${^matches}:
  builtin compadd "$@"
}
capture() {
  _main_complete
  compstate[list]='' compstate[insert]=''
  print -r -- ':COMPLETER:'DONE:
}
zle -C capture complete-word capture
bindkey '^I' capture
unsetopt beep
print -r -- ':COMPLETER:'READY:
