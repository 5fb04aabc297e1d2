import { DeployedVast } from 'cdk-vast';

/** Starts the server, lets a command run next to it, and stops it again if it was stopped before. */
async function main(stackName: string, command: string) {
  const vast = new DeployedVast({ stackName });

  const started = await vast.server.start();
  console.error(started.alreadyRunning ? 'the server was running already' : 'the server runs');
  try {
    const { exitCode, stdout, stderr } = await vast.client.run(command);
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    process.exitCode = exitCode;
  } finally {
    if (!started.alreadyRunning) {
      await vast.server.stop();
      console.error('the server is stopped');
    }
  }
}

const [stackName, command] = process.argv.slice(2);
if (!stackName || !command) {
  console.error('usage: npm run operate -- STACK COMMAND');
  process.exit(2);
}
main(stackName, command).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
