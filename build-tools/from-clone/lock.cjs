const { spawnSync } = require('node:child_process');
const fs = require('node:fs');

/** Node.js cannot lock a file, but the lock of flock(2) belongs to the open file, which these programs inherit as descriptor 3. */
const PERL = 'use Errno; use Fcntl ":flock"; open(my $file, ">>&=", 3) or exit 2; '
  + 'flock($file, LOCK_EX | ($ARGV[0] ? LOCK_NB : 0)) or exit($!{EWOULDBLOCK} ? 1 : 2)';
const PROGRAMS = [
  { program: 'flock', wait: ['3'], try: ['-n', '3'] },
  { program: 'perl', wait: ['-e', PERL, '0'], try: ['-e', PERL, '1'] },
];

/**
 * Locks a file, which stays: the kernel unlocks it when the last process that has it open ends, however it ends.
 * Calls `onWait` if another process has the lock, and then waits for it. Returns the open file, or nothing where neither
 * program is there or the file system has no locks: then nothing is locked.
 */
function lock(file, onWait) {
  const descriptor = fs.openSync(file, 'a');
  const call = (program, args) => spawnSync(program, args, { stdio: ['ignore', 'ignore', 'ignore', descriptor] }).status;
  for (const one of PROGRAMS) {
    let status = call(one.program, one.try);
    if (status === 1) {
      onWait();
      status = call(one.program, one.wait);
    }
    if (status === 0) return descriptor;
  }
  fs.closeSync(descriptor);
  return undefined;
}

module.exports = { lock };
