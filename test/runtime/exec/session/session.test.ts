import { ScriptedAgent } from './scripted-agent';
import { MessageType, PayloadType } from '../../../../src/runtime/exec/wire';

test('a session opens, shows, is typed into, and ends', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  const shown: string[] = [];
  session.onOutput(data => { shown.push(data.toString()); });
  agent.output(PayloadType.OUTPUT, 'hello');
  await session.write(Buffer.from('ls\r'));
  agent.say(MessageType.CHANNEL_CLOSED, { Output: 'bye' });
  await agent.clock.advance(1000);
  expect(await session.ended).toEqual({ message: 'bye' });
  expect(shown).toEqual(['hello']);
  expect(agent.typed).toEqual(['ls\r']);
  expect(agent.openings).toEqual([expect.objectContaining({ MessageSchemaVersion: '1.0', TokenValue: 'token', ClientVersion: '1.2.3' })]);
  expect(agent.acknowledged).toEqual([0, 1, 2]);
  expect(agent.clock.pending).toBe(0);
});
