/**
 * The gateway as a process of the emulator: its secret is in the environment, its port is the first line that it writes,
 * and it ends with its standard input, which the emulator holds open.
 */
import { startGateway } from './server/gateway';

const SECRET = 'CDK_VAST_EXEC_GATEWAY_SECRET';

async function main(): Promise<void> {
  const secret = process.env[SECRET];
  if (!secret) {
    throw new Error(`${SECRET} is not set`);
  }
  const gateway = await startGateway(secret, what => process.stderr.write(`exec: ${what}\n`));
  process.stdout.write(`${JSON.stringify({ port: gateway.port })}\n`);
  let ending = false;
  const end = () => {
    if (!ending) {
      ending = true;
      void gateway.close().finally(() => process.exit(0));
    }
  };
  process.stdin.on('end', end).on('close', end).on('error', end).resume();
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

main().catch((error: Error) => {
  process.stderr.write(`exec: ${error.message}\n`);
  process.exitCode = 1;
});
