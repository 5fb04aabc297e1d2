/** Where there may be room for files, besides TMPDIR. */
export const PLACES = '/tmp /dev/shm /var/tmp /run';

/** What the name of the directory begins with; twelve more characters follow. */
export const DIRECTORY_PREFIX = 'cdk-vast-';

/** All that there is ever in the directory. */
export const FILES = 'g n q i o e ho he ao ae so se to te po pe p c z pid env sh sums called late lost heard stopped guarded'.split(' ');
