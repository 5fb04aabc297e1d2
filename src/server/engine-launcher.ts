import { VastVersion } from '../engine';

/**
 * Starts the engine as the only one on its state directory.
 *
 * ECS does not guarantee that: a replacement may start while the old container is still stopping. So the first process
 * of the container takes a lock (`flock`) on a file beside the database and then becomes the engine: `exec` keeps the
 * process and its open descriptor, so the lock lives exactly as long as the engine, and the kernel (for EFS, the file
 * system) lets go of it after a crash, too. Whoever comes later waits.
 *
 * It is Perl because that is what every official image has: `perl-base` is essential in Debian, while `flock(1)` is
 * missing from the newer ones and a shell cannot take a lock of its own.
 *
 * Holding the lock proves that no engine is at work, so the engine's own pid file is then a leftover of a crash. Its
 * number may well belong to another process of this container, upon which the engine would refuse to start.
 */
const LAUNCHER = String.raw`
use strict; use warnings; use Errno; use Fcntl qw(:flock);
my ($state, $version, $patience, $config_file, $config, @engine) = @ARGV;
sub note { print STDERR "cdk-vast: $_[0]\n" }
sub fail { note($_[0]); exit 1 }
sub spill {
  my ($name, $text) = @_;
  open(my $file, ">", "$name.new") or fail("cannot write $name: $!");
  print $file $text and close($file) or fail("cannot write $name: $!");
  rename("$name.new", $name) or fail("cannot write $name: $!"); # so that a crash leaves the old one or the new
}
$SIG{TERM} = $SIG{INT} = sub { note("stopped before the engine was started"); exit 143 };

$^F = 255; # descriptors up to this number survive exec
open(my $lock, ">>", "$state/.cdk-vast.lock") or fail("cannot open $state/.cdk-vast.lock: $!");
for (my $waited = 0; !flock($lock, LOCK_EX | LOCK_NB); $waited++) {
  fail("cannot lock $state/.cdk-vast.lock: $!") unless $!{EAGAIN} or $!{EACCES} or $!{EINTR};
  fail("another engine still holds $state after $patience s: giving up") if $waited >= $patience;
  note("another engine holds $state: waiting until it has ended") if $waited % 15 == 0;
  sleep 1;
}

if (unlink "$state/pid.lock") { note("removed the pid file of an engine that did not end by itself") }
my $last_file = "$state/.cdk-vast.engine";
if (open(my $file, "<", $last_file)) {
  my $last = <$file> // ""; chomp $last;
  my ($was, $is) = map { /^v(\d+)\.(\d+)\.(\d+)$/ ? sprintf("%06d%06d%06d", $1, $2, $3) : $_ eq "main" ? "9" x 18 : "" } $last, $version;
  note("WARNING: $state was last written by $last, which is newer than $version: the older engine may misread or damage it") if $was gt $is;
} else {
  opendir(my $dir, $state) or fail("cannot read $state: $!");
  note("no database in $state: beginning an empty one") unless grep { !/^\.{1,2}$|^\.cdk-vast\./ } readdir $dir;
}
spill($last_file, "$version\n");

if ($config ne "-") {
  my $umask = umask 077;
  spill($config_file, $config);
  umask $umask; # the engine's own files are not ours to restrict
}
note("starting the engine $version");
exec { $engine[0] } @engine or fail("cannot run $engine[0]: $!");
`.trim();

/** How long a successor waits for the lock, in seconds: the 120 s of a graceful stop, and as much again for EFS to notice a crash. */
export const LOCK_PATIENCE_SECONDS = 240;

/** Outside of the state directory, so that it is not mistaken for state. */
const CONFIG_FILE = '/tmp/cdk-vast-engine.yaml';

/** The container's entry point; `launcherCommand` is what it takes. */
export function launcherEntryPoint(): string[] {
  return ['perl', '-e', LAUNCHER, '--'];
}

/**
 * The arguments of the launcher.
 *
 * @param configuration the engine's configuration file as JSON, which is YAML; undefined for none
 */
export function launcherCommand(version: VastVersion, configuration?: string): string[] {
  return [
    version.stateDirectory,
    version.name,
    `${LOCK_PATIENCE_SECONDS}`,
    CONFIG_FILE,
    // An empty argument does not survive everywhere.
    configuration ?? '-',
    ...version.daemonCommand(configuration === undefined ? undefined : CONFIG_FILE),
  ];
}
