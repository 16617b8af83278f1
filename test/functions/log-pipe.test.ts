import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const events = 10_000;
const context = {
  requestId: 'R',
  region: 'cn-hangzhou',
  accountId: '',
  credentials: { accessKeyId: 'key', accessKeySecret: 'secret-of-key', securityToken: '' },
};

test('no line is lost when whoever reads the log is slower than the function, and the pipe does not wait', async () => {
  const program = `
    new (require('node:net').Socket)({ fd: 1 }); // from now on a full pipe refuses to take more
    const { handler } = require(${JSON.stringify(resolve('dist/object-created/index.js'))});
    const event = JSON.stringify({ events: Array.from({ length: ${events} }, () => ({})) });
    handler(Buffer.from(event), ${JSON.stringify(context)}).catch(() => process.exit(0));`;
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] },
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect(err).toBe('');
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines).toHaveLength(events + 1);
  expect(lines[0]).toMatchObject({ level: 'error', code: 'EVENT_MALFORMED', requestId: 'R' });
});
