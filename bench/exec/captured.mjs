// One captured command over a session: the answer of ExecuteCommand, and the script. Prints what under-terminal.py prints.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Session } = require('../../lib/runtime/exec/session');
const { webSocketConnect } = require('../../lib/runtime/exec/websocket-transport');
const { runCaptured } = require('../../lib/runtime/exec/captured');

const [{ SessionId, StreamUrl, TokenValue }, script] = [JSON.parse(process.argv[2]), process.argv[3]];
const began = performance.now();
const session = await Session.open({
  sessionId: SessionId, streamUrl: StreamUrl, tokenValue: TokenValue, clientVersion: '1.2.677.0', connect: webSocketConnect(),
});
let first;
let last;
let bytes = 0;
// That it is what was sent is looked at by whoever receives it: it would fail.
const { exitCode } = await runCaptured(session, {
  script,
  onStdout: (data) => {
    last = performance.now();
    first ??= last;
    bytes += data.length;
  },
  onStderr: data => process.stderr.write(data),
});
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(JSON.stringify({
  markMs: first - began, endMs: performance.now() - began, bytes, seconds: (last - first) / 1000,
  cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, memoryMB: maxRSS / 1000, exitCode,
}));
process.exit(0);
