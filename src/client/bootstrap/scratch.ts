import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Removes everything in a directory, whatever permissions a command has given it. */
export function empty(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      makeRemovable(path);
      rmSync(path, { recursive: true, force: true });
    }
  }
}

function makeRemovable(path: string): void {
  if (!lstatSync(path).isDirectory()) {
    return;
  }
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) {
    makeRemovable(join(path, name));
  }
}
