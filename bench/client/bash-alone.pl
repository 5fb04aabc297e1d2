# For each line that comes in, forks, becomes `bash -c true`, waits for its end, and prints the milliseconds. It is Perl
# because that is a small process, as whatever forks in a good client is.
use strict;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

$| = 1;
while (<STDIN>) {
  my $begin = clock_gettime(CLOCK_MONOTONIC);
  defined(my $pid = fork) or die "cannot fork: $!";
  if (!$pid) {
    # A bash whose input is a socket takes itself for one of a remote login, and reads more at its start.
    open STDIN, "<", "/dev/null" or die "cannot open /dev/null: $!";
    exec "/bin/bash", "-c", "true" or die "cannot run bash: $!";
  }
  waitpid $pid, 0;
  printf "%.4f\n", (clock_gettime(CLOCK_MONOTONIC) - $begin) * 1000;
}
