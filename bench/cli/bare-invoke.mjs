// What somebody writes who wants one command run by the client's function, and nothing else: the call, and its output.
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';

const { EventStream } = await new LambdaClient({}).send(new InvokeWithResponseStreamCommand({
  FunctionName: process.argv[2], Payload: Buffer.from(JSON.stringify({ cmd: process.argv[3], cmdEncoding: 'utf8', stream: true })),
}));
let bytes = 0;
for await (const { PayloadChunk } of EventStream) {
  bytes += PayloadChunk?.Payload?.length ?? 0;
}
console.log(bytes);
