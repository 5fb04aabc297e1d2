import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ContainerTerminal } from '../../../local-aws/exec-gateway/docker/container-terminal';
import { DockerEngine } from '../../../local-aws/exec-gateway/docker/docker-engine';

// What the containers of the end-to-end tests do only now and then: a Docker that is slow between two of its answers.

let docker: http.Server;
let stream: Duplex | undefined;

/** The terminal of a command that cannot be started, which Docker says this of a while after its exit code. */
async function terminalOf(command: string, said: string): Promise<ContainerTerminal> {
  docker = http.createServer((request, response) => {
    const state = request.url?.startsWith('/containers/')
      ? { Id: 'an-exec', Config: { Env: [] }, State: { Running: true, Pid: 0 } }
      : { Pid: 0, Running: false, ExitCode: 126 };
    response.end(JSON.stringify(state));
    const ended = stream;
    if (request.url === '/exec/an-exec/json') setTimeout(() => ended?.end(said), 100);
  });
  docker.on('upgrade', (_, socket) => {
    stream = socket;
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  });
  docker.listen(0, '127.0.0.1');
  await once(docker, 'listening');
  const engine = new DockerEngine(`tcp://127.0.0.1:${(docker.address() as AddressInfo).port}`);
  return new ContainerTerminal(engine, { containerId: 'a-container', command, user: '0' }, () => {});
}

afterEach(() => {
  stream?.destroy();
  docker.close();
});

test.each([
  ['OCI runtime exec failed: exec: "/no/such/program": stat /no/such/program: no such file or directory: unknown\r\n', 'fork/exec /no/such/program: no such file or directory'],
  ['', 'Docker did not say why'],
])('why a command could not be started is waited for, which Docker says after its exit code: %j', async (said, why) => {
  const terminal = await terminalOf('/no/such/program', said);
  await expect(terminal.start(() => {})).rejects.toThrow(`\n----------ERROR-------\nUnable to start command: Failed to start pty: ${why}\n`);
});
