// Stands between clients and an endpoint of AWS, and knows when an operation was answered.
import { once } from 'node:events';
import http from 'node:http';

export class Answers {
  /** @param operation whose answers count */
  static async to(endpoint, operation) {
    const answers = new Answers();
    const { hostname, port } = new URL(endpoint);
    answers.agent = new http.Agent({ keepAlive: true });
    answers.server = http.createServer((request, response) => {
      const { method, url, headers } = request;
      const onward = http.request({ hostname, port, method, path: url, headers, agent: answers.agent }, (answer) => {
        response.writeHead(answer.statusCode, answer.rawHeaders);
        answer.pipe(response).on('finish', () => {
          if (headers['x-amz-target']?.endsWith(`.${operation}`)) answers.answeredAt = process.hrtime.bigint();
        });
      });
      request.pipe(onward.on('error', () => response.destroy()));
    }).listen(0, '127.0.0.1');
    await once(answers.server, 'listening');
    answers.endpoint = `http://127.0.0.1:${answers.server.address().port}`;
    return answers;
  }

  /** Milliseconds from the last of these answers to a moment of the system's monotonic clock, in seconds. */
  msUntil(moment) {
    return moment * 1000 - Number(this.answeredAt) / 1e6;
  }

  stop() {
    this.server.close();
    this.agent.destroy();
  }
}
