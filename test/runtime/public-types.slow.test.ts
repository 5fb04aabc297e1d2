import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..', '..');

/** What a user might write; all that `cdk-vast/runtime` exports is in it. */
const PROGRAM = `
import * as runtime from 'cdk-vast/runtime';
import {
  AmbiguousDeploymentError, AwsCallError, AwsConnection, AwsFailure, Client, findDeployment, LogSource, readCommand, RunTaskWait, Server, ServerState,
  VastRuntimeError, WorkBucket, type AwsConnectionOptions, type ClientRunResult, type ServerStatus, type TakePiece, type WorkObject,
} from 'cdk-vast/runtime';

const options: AwsConnectionOptions = { region: 'eu-west-1' };
const take: TakePiece = piece => { process.stdout.write(piece); };

export async function operate(signal: AbortSignal): Promise<ClientRunResult | undefined> {
  const connection = new AwsConnection(options);
  try {
    const deployment = await findDeployment(connection, 'VastCloud', 'Vast');
    const server = new Server(connection, deployment);
    const started = await server.start({ timeoutSeconds: 60, signal, onProgress: (what: string) => console.error(what) });
    const id: string = started.task.taskId;
    const status: ServerStatus = await server.status({ askEngine: true });
    if (status.state !== ServerState.RUNNING) return undefined;
    await server.runTask({ command: 'true', wait: RunTaskWait.STOPPED, environment: { ID: id } });
    await server.logs({ which: LogSource.SERVER, last: 1, onEvent: ({ time, message }) => console.log(time.toISOString(), message) });
    const objects: WorkObject[] = await new WorkBucket(connection, deployment).list();
    console.log(objects.length, Object.keys(runtime).length);
    return await new Client(connection, deployment).run(await readCommand(connection, 'vast count'), { signal, onStdout: take });
  } catch (error) {
    if (error instanceof AwsCallError && error.failure === AwsFailure.CREDENTIALS) console.error(error.requestId);
    if (error instanceof AmbiguousDeploymentError || error instanceof VastRuntimeError) console.error(error.message);
    throw error;
  } finally {
    connection.close();
  }
}
`;

/** A directory in which nothing is installed but the package's types and those of Node.js. */
let site: string;
beforeAll(() => {
  // Past the links of the temporary directory: the compiler looks into node_modules of every directory above.
  site = realpathSync(mkdtempSync(path.join(tmpdir(), 'cdk-vast-types-')));
  const installed = path.join(site, 'node_modules', 'cdk-vast');
  mkdirSync(installed, { recursive: true });
  cpSync(path.join(ROOT, 'package.json'), path.join(installed, 'package.json'));
  cpSync(path.join(ROOT, 'lib'), path.join(installed, 'lib'), { recursive: true, filter: file => statSync(file).isDirectory() || file.endsWith('.d.ts') });
  mkdirSync(path.join(site, 'node_modules', '@types'));
  for (const name of ['@types/node', 'undici-types']) {
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(site, 'node_modules', name));
  }
});
afterAll(() => rmSync(site, { recursive: true }));

/** What the compiler says of a program, with the types of all that it imports looked at, too. */
function compile(program: string): string {
  writeFileSync(path.join(site, 'program.ts'), program);
  const { stdout } = spawnSync(process.execPath, [
    path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    '--noEmit', '--strict', '--skipLibCheck', 'false', '--preserveSymlinks', '--target', 'es2022', '--module', 'node16', '--types', 'node', 'program.ts',
  ], { cwd: site, encoding: 'utf8' });
  return stdout;
}

test('a program compiles against cdk-vast/runtime where there is no AWS SDK', () => {
  expect(existsSync(path.join(site, 'node_modules', '@aws-sdk'))).toBe(false);
  expect(compile(PROGRAM)).toBe('');
});

test('the compiler does look into the types of the package', () => {
  expect(compile(PROGRAM.replace('timeoutSeconds: 60', 'timeoutSeconds: \'60\''))).toMatch(/Type 'string' is not assignable to type 'number'/);
});
