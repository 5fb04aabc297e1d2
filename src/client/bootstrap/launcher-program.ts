/**
 * The launcher: a process that makes the processes that become commands, and that buries them.
 *
 * Node.js cannot do this itself: the pipes that it gives to a child are socket pairs, for which opening `/dev/stderr`
 * fails; it cannot adopt orphans; and forking a process of its size takes longer than running a short command.
 *
 * - It has a process ready before there is a command: with real pipes, in a session of its own, waiting for a request.
 *   The request makes it bash with nothing but `exec`, so that a command pays for no fork.
 * - Every descendant of a command that loses its parent becomes the launcher's child (`PR_SET_CHILD_SUBREAPER`). When
 *   the command has ended, the launcher kills its process group and then its own children until the kernel says that it
 *   has none: nothing survives, whatever it has done to get away.
 *
 * It is Perl because every image of the engine has it (`perl-base` is essential in Debian), and without modules, because
 * `perl-base` has few and they take time. The numbers of system calls come from outside: they differ by architecture.
 *
 * Standard input are the requests, standard output the reports:
 * - `ready PID STDIN STDOUT STDERR`: a process waits; the numbers are its descriptors of our ends of its pipes;
 * - `ended STATUS`: the command has ended, with this status as `wait(2)` has it; its leftovers may still be there;
 * - `clean`: they are gone.
 */
export const LAUNCHER_PROGRAM = String.raw`
use strict; use warnings; use Errno;
my ($prctl, $setsid, $prlimit64, $most_processes) = @ARGV;
use constant { SUBREAPER => 36, NPROC => 6, SETPIPE_SZ => 1031, PIPE_BYTES => 1 << 20, ARGUMENT_BYTES => 128 << 10, WNOHANG => 1 };
# With the command on a descriptor: for one that is too long to be an argument.
use constant LONG => 'BASH_EXECUTION_STRING=$(</dev/fd/%1$d); exec %1$d<&-; eval "$BASH_EXECUTION_STRING"';

sub fail { print STDERR "cdk-vast: $_[0]\n"; exit 126 }
sub report { my $line = "@_\n"; syswrite(STDOUT, $line) == length $line or exit 126 }

sub take {
  my ($bytes, $taken) = ($_[0], "");
  while (length $taken < $bytes) {
    sysread(STDIN, $taken, $bytes - length $taken, length $taken) or $!{EINTR} or exit 0; # nobody is there any more
  }
  return $taken;
}

sub become_a_command {
  syscall($setsid);
  pipe(my $stdin, my $to_stdin) && pipe(my $from_stdout, my $stdout) && pipe(my $from_stderr, my $stderr) or fail("cannot make pipes: $!");
  # As large as they may be, so that neither side waits for the other often. It is no harm if that is refused.
  fcntl($_, SETPIPE_SZ, PIPE_BYTES) for $stdout, $stderr;
  report("ready", $$, map { fileno $_ } $to_stdin, $from_stdout, $from_stderr);

  my ($has_stdin, $command, @environment) = split /\0/, take(unpack "N", take(4)), -1;
  for (@environment) { my ($name, $value) = split /=/, $_, 2; $ENV{$name} = $value }
  my $limit = pack "QQ", $most_processes, $most_processes;
  syscall($prlimit64, 0, NPROC, $limit, 0);
  if (length $command >= ARGUMENT_BYTES) {
    $^F = 255; # descriptors up to this number survive exec
    open(my $file, "+>", undef) or fail("cannot keep the command in a file: $!");
    (syswrite($file, $command) // 0) == length $command or fail("cannot keep the command in a file: $!");
    $command = sprintf LONG, fileno $file;
  }
  open(STDERR, ">&", $stderr) && open(STDOUT, ">&", $stdout) or fail("cannot redirect: $!");
  ($has_stdin ? open(STDIN, "<&", $stdin) : open(STDIN, "<", "/dev/null")) or fail("cannot redirect: $!");
  exec { "/bin/bash" } "bash", "-c", $command or fail("cannot run bash: $!");
}

# All that descends from this process.
sub descendants {
  my %parent;
  opendir(my $proc, "/proc") or fail("cannot read /proc: $!");
  for my $pid (grep { /^\d+$/ } readdir $proc) {
    open(my $stat, "<", "/proc/$pid/stat") or next;
    my $text = do { local $/; <$stat> } // next;
    $parent{$pid} = $1 if $text =~ /.*\) \S (\d+)/s;
  }
  return grep { my $pid = $_; $pid = $parent{$pid} // 0 while $pid > 1 && $pid != $$; $pid == $$ && $_ != $$ } keys %parent;
}

sub bury {
  kill KILL => -$_[0];
  while ((my $pid = waitpid(-1, WNOHANG)) >= 0) {
    next if $pid;
    kill KILL => descendants();
    waitpid(-1, 0);
  }
}

syscall($prctl, SUBREAPER, 1, 0, 0, 0) == 0 or fail("cannot adopt orphans: $!");
for (;;) {
  defined(my $command = fork) or fail("cannot fork: $!");
  become_a_command() if !$command;
  while ((my $pid = waitpid(-1, 0)) != $command) { fail("has lost a child") if $pid < 0 && !$!{EINTR} }
  report("ended", $?);
  bury($command);
  report("clean");
}
`.trim();
