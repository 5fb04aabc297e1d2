import path from 'node:path';

/** The directory of the package, in a clone as well as where it is installed. */
export const PACKAGE_ROOT = path.resolve(__dirname, '..', '..');
