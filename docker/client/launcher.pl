# The first process of the client's image: it becomes the bootstrap (`perl -w launcher.pl PROGRAM ARGUMENT...`; the
# program gets the number of a socket as its last argument) and leaves a child, the launcher, which makes the processes
# that become commands, and buries them.
#
# Node.js cannot do that itself: the pipes that it gives to a child are socket pairs, for which opening /dev/stderr
# fails; it cannot adopt orphans; and forking a process of its size takes longer than running a short command.
#
# - There is a process ready before there is a command: in a session of its own, with real pipes, waiting for a line that
#   makes it bash. It waits as a plain shell (dash, in Debian) because leaving a small process for another program is
#   quicker than leaving a large one. Between the line and bash there is nothing but `exec`.
# - Every descendant of a command that loses its parent becomes a child of the launcher. When the command has ended, the
#   launcher kills its process group and then its own descendants until the kernel says that there is no child left:
#   nothing survives, whatever it has done to get away.
#
# What comes through the socket is the line for the waiting shell and, when the command has ended:
#   next           make the next process; not earlier, since making one would take the time that the answer needs
# What goes out is a line each:
#   ready PID      a process waits, with its pipes for output at 1 and 2, and one for input at 3
#   ended STATUS   the command has ended, with this status as wait(2) has it; its leftovers may still be there
#
# It is Perl because every image of the engine has it (perl-base is essential in Debian), and it uses no modules because
# perl-base has few and each costs time at the start: the one for constants alone takes as long as Perl itself.
use strict;

sub AF_UNIX() { 1 }
sub SOCK_STREAM() { 1 }
sub WNOHANG() { 1 }
sub SETPIPE_SZ() { 1031 }
sub SIGTERM() { 15 }
sub DEATH_SIGNAL() { 1 }
sub SUBREAPER() { 36 }
sub NPROC() { 6 }
sub PIPE_BYTES() { 1 << 20 }
# Lambda allows 1,024 processes and threads: the rest is for what must go on working when a command has used up its share.
sub MOST_PROCESSES() { 960 }
# By the machine's number in ELF files: those of x86-64 and arm64.
my %SYSTEM_CALLS = (
  62 => { prctl => 157, setsid => 112, prlimit64 => 302 },
  183 => { prctl => 167, setsid => 157, prlimit64 => 261 },
);

sub fail { print STDERR "cdk-vast: $_[0]\n"; exit 126 }

socketpair(my $ours, my $theirs, AF_UNIX, SOCK_STREAM, 0) or fail("cannot make a socket: $!");
defined(my $launcher = fork) or fail("cannot fork: $!");
if ($launcher) {
  $^F = 255; # descriptors up to this number survive exec
  open(my $socket, "+<&", $theirs) or fail("cannot hand on the socket: $!");
  exec { $ARGV[0] } @ARGV, fileno $socket or fail("cannot run $ARGV[0]: $!");
}

open(STDIN, "+<&", $ours) && close $ours && close $theirs or fail("cannot keep the socket: $!");
my $scratch = $ENV{CDK_VAST_SCRATCH_DIRECTORY} || "/tmp";
chdir $scratch or fail("cannot enter $scratch: $!");
my $most_processes = $ENV{CDK_VAST_MOST_PROCESSES} || MOST_PROCESSES;
open(my $self, "<", "/proc/self/exe") or fail("cannot read /proc/self/exe: $!");
read($self, my $elf, 20);
close $self;
my $call = $SYSTEM_CALLS{unpack "x18 v", $elf} or fail("this architecture is not supported");
syscall($call->{prctl}, SUBREAPER, 1, 0, 0, 0) == 0 or fail("cannot adopt orphans: $!");
# Without the bootstrap, nobody waits for a command.
$SIG{TERM} = sub { kill KILL => descendants(); exit 0 };
syscall($call->{prctl}, DEATH_SIGNAL, SIGTERM, 0, 0, 0);

for (;;) {
  defined(my $command = fork) or fail("cannot fork: $!");
  if (!$command) {
    $SIG{TERM} = "DEFAULT";
    wait_for_a_command();
  }
  while ((my $pid = waitpid(-1, 0)) != $command) { fail("has lost a child") if $pid < 0 }
  report("ended $?");
  bury($command);
  wait_for_next();
}

sub report {
  my $line = "$_[0]\n";
  exit 0 if (syswrite(STDIN, $line) // 0) != length $line; # nobody is there any more
}

sub wait_for_next {
  exit 0 if !sysread STDIN, my $word, length "next\n"; # nobody is there any more
  # A process that did not live to read its line has left it here.
  fail("is asked for something else than the next process") if $word ne "next\n";
}

sub wait_for_a_command {
  syscall($call->{setsid});
  my $limit = pack "QQ", $most_processes, $most_processes;
  syscall($call->{prlimit64}, 0, NPROC, $limit, 0);
  $^F = 3;
  pipe(my $stdin, my $to_stdin) && pipe(my $from_stdout, my $stdout) && pipe(my $from_stderr, my $stderr) or fail("cannot make pipes: $!");
  fileno $stdin == 3 or fail("descriptor 3 is in use");
  # As large as they may be, so that neither side waits for the other often. It is no harm if that is refused.
  fcntl($_, SETPIPE_SZ, PIPE_BYTES) for $stdout, $stderr;
  open(STDOUT, ">&", $stdout) && open(STDERR, ">&", $stderr) or fail("cannot redirect: $!");
  report("ready $$");
  exec { "/bin/sh" } "sh" or fail("cannot run sh: $!");
}

sub bury {
  return if waitpid(-1, WNOHANG) < 0; # nothing is left, as after most commands
  kill KILL => -$_[0];
  while ((my $pid = waitpid(-1, WNOHANG)) >= 0) {
    next if $pid;
    kill KILL => descendants();
    waitpid(-1, 0);
  }
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
