import { spawnSync } from 'node:child_process';
import { SYNTHESIS_OPTIONS } from '../../src/cli/cdk';

// Without them deployments work, and take longer: nobody else would notice that a new Node.js has dropped one.
test('this Node.js knows the options that apps are synthesized with', () => {
  expect(spawnSync(process.execPath, [...SYNTHESIS_OPTIONS, '--version'], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});
