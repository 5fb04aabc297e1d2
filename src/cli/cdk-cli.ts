import os from 'node:os';

/**
 * Runs the CDK CLI whose file is the first argument, without the user's own configuration of it.
 *
 * `~/.cdk.json` may have any option of the CLI, such as a profile or a plug-in, and context for the app; there is no option
 * to leave it out. The CLI looks for it in `os.homedir()`, and for `~/.aws` in the home directory that the environment names,
 * as Docker and the programs of credentials do: only the former is another directory here.
 */
process.env.HOME ||= os.homedir();
Object.assign(os, { homedir: () => process.env.CDK_HOME! });

process.argv.splice(1, 1);
// eslint-disable-next-line @typescript-eslint/no-require-imports
require(process.argv[1]);
