/** What the terminal says when it takes the program: it shows nothing that is typed any more. */
export const READY = 'cdk-vast:ready';

/** Followed by the name of a program that there is not in the image. */
export const MISSING = 'cdk-vast:missing ';

/** The program did not arrive as it was sent. */
export const DAMAGED = 'cdk-vast:damaged';

/**
 * How long what comes before data is, filled up with blanks.
 *
 * It is no line, because bash reads more than a line from a terminal, and loses what it has read too much.
 */
export const HEADER_BYTES = 128;

/**
 * The command of the request: `ecs:ExecuteCommand` has it, CloudTrail keeps it, and it is the same for all commands.
 *
 * It makes the terminal take bytes as they are and show none of them, reads a program from it (a header with the
 * program's length and its sums, see `sumsOf`, and then the program), and runs that if it is whole. What is to be run and
 * with which environment comes after that, through the terminal.
 *
 * The agent takes it apart into words like a shell, and starts it without one. A carriage return counts as a line feed
 * because there are clients that make the one into the other. Not every BusyBox has cksum, and not every system sha256sum.
 */
export const CAPTURED_COMMAND = `/bin/sh -c '${[
  `for cdkv_t in stty dd; do command -v $cdkv_t >/dev/null || echo "${MISSING}$cdkv_t"; done`,
  `command -v cksum >/dev/null || command -v sha256sum >/dev/null || echo "${MISSING}sha256sum"`,
  `stty raw -echo icrnl && echo ${READY} || exit 1`,
  'cdkv_read() { dd bs="$1" count=1 iflag=fullblock 2>/dev/null; }',
  'cdkv_whole() { cdkv_s=$(sha256sum 2>/dev/null || cksum); case " $* " in *" ${cdkv_s%% *} "*) ;; *) false; esac; }',
  `set -- $(cdkv_read ${HEADER_BYTES}) && cdkv_p=$(cdkv_read "$1") && printf %s "$cdkv_p" | cdkv_whole "$@" && set -- && eval "$cdkv_p"`,
  `echo ${DAMAGED}`,
].join('; ')}'`;
