import path from 'node:path';

/** The directory of the package, in a clone as well as where it is installed. */
export const PACKAGE_ROOT = path.resolve(__dirname, '..', '..');

/** Absolute path of a compiled file of the package. */
export function compiled(file: string): string {
  return path.join(PACKAGE_ROOT, 'lib', file);
}
