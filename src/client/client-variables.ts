/** Where the program in the image is told of the bucket for results; output goes below `results/`. */
export const RESULTS_BUCKET = 'CDK_VAST_RESULTS_BUCKET';

/** Where commands are told of their work bucket. The engine would take a name that begins with `VAST_` for an option of its own. */
export const WORK_BUCKET = 'CDK_VAST_WORK_BUCKET';
