// Reads a pipe as the client's bootstrap does, and does nothing else with what comes, or also sums it up as that does.
//
// A process of its own, so that its memory is its own: for each message with a command it answers with the milliseconds
// until the end of its output, and with the most memory that it has had.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { peakMemory } from './peak-memory.mjs';

const summed = process.argv[2] === 'summed';

/** The two ends of a pipe. Node.js has no `pipe(2)`; a named one is the same in the kernel. */
function pipe() {
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-bench-'));
  const name = path.join(directory, 'pipe');
  execFileSync('mkfifo', [name]);
  const ends = [openSync(name, constants.O_RDONLY | constants.O_NONBLOCK), openSync(name, constants.O_WRONLY)];
  rmSync(directory, { recursive: true });
  return ends;
}

process.on('message', ({ command, bytes: expected }) => {
  const [from, to] = pipe();
  const begin = performance.now();
  spawn('bash', ['-c', command], { stdio: ['ignore', to, 'inherit'] });
  closeSync(to);
  const hash = createHash('sha256');
  let bytes = 0;
  const socket = new Socket({ fd: from, readable: true, writable: false });
  socket.on('data', (piece) => {
    bytes += piece.length;
    if (summed) hash.update(piece);
  });
  socket.on('end', () => {
    const ms = performance.now() - begin;
    if (bytes !== expected) throw new Error(`${bytes} bytes have come through the pipe`);
    process.send({ ms, peakMemory: peakMemory(process.pid) });
  });
});
