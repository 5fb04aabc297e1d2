// Our client of a session as AWS's plugin is one: the answer of ExecuteCommand as the first argument, a terminal around it.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Session } = require('../../lib/runtime/exec/session');
const { webSocketConnect } = require('../../lib/runtime/exec/websocket-transport');
const { refuseWithoutTerminal, runInteractive } = require('../../lib/runtime/exec/interactive');

const { SessionId, StreamUrl, TokenValue } = JSON.parse(process.argv[2]);
// As the command does, before it asks AWS.
refuseWithoutTerminal();
const session = await Session.open({
  sessionId: SessionId, streamUrl: StreamUrl, tokenValue: TokenValue, clientVersion: '1.2.677.0', connect: webSocketConnect(),
});
await runInteractive(session);
process.exit(0);
