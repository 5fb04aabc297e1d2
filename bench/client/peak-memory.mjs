import { readFileSync } from 'node:fs';

/**
 * The most memory that a process has had, in bytes.
 *
 * What `getrusage` says would include what its parent had when it was forked.
 */
export function peakMemory(pid) {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}
