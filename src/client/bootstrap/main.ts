import { Launcher } from './launcher';
import { RuntimeApi } from './runtime-api';
import { serve } from './serve';
import { settingsFrom } from './settings';

/**
 * The program in the function's image: runs the commands that it is sent, see `contract.ts`.
 *
 * Its last argument is the number of a socket, see `docker/client/launcher.pl`.
 */
async function main(): Promise<void> {
  const settings = settingsFrom(process.env);
  const api = new RuntimeApi(settings.runtimeApi);
  const launcher = new Launcher(Number(process.argv.at(-1)), settings.scratchDirectory);
  try {
    await launcher.waitingProcess();
  } catch (error) {
    await api.failInit({ errorType: 'LauncherFailed', errorMessage: (error as Error).message });
    throw error;
  }
  await serve(api, launcher, settings);
}

main().catch((error: Error) => {
  // Lambda then replaces the sandbox.
  console.error(`cdk-vast: ${error.message}`);
  process.exit(1);
});
