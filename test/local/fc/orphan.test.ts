import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { programs, timerTrigger, writeFunctions } from '../../support/functions.ts';

/** A function that connects to the test: when its process ends, so does the connection. */
const clinging = (port: number, then: string) => `
  exports.handler = () => new Promise((resolve) => {
    const socket = require('node:net').connect(${port}, '127.0.0.1', () => {
      socket.write(String(process.pid), () => { ${then} });
    });
  });`;

/** A program that runs the function and waits, as a cloud does. */
const parent = (template: string, folder: string, bootstrap: string) => `
  import { createRuntime } from './local/fc/runtime.ts';
  import { createKeyring } from './local/keyring.ts';
  import { createVirtualTime } from './local/virtual-time.ts';
  import { loadTemplate } from './shared/deploy/template.ts';
  const runtime = createRuntime({
    template: loadTemplate(${JSON.stringify(template)}, { environment: {} }),
    codeRoot: ${JSON.stringify(folder)},
    bootstrap: ${JSON.stringify(bootstrap)},
    place: { region: 'cn-hangzhou', accountId: '1' },
    time: createVirtualTime({ idle: async () => {} }),
    environment: {},
    issueCredentials: createKeyring([]).issue,
    everyBucket: false,
    deliver: () => [0],
    onInvocation: () => process.stdout.write('answered'),
  });
  runtime.submit('f', Buffer.from('{}'));`;

test.each([
  ['waits for something', '', false],
  ['loops for ever', 'for (;;);', false],
  ['is frozen after its answer', 'resolve()', true],
])(
  'when the cloud is killed, the process of a function that %s ends by itself',
  async (_what, then, answers) => {
    const server = createServer();
    onTestFinished(() => void server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const triggers = [timerTrigger('@every 9h')];
    const { template, folder } = writeFunctions({ f: { code: clinging(port, then), triggers } });
    const outfile = join(folder, 'parent.cjs');
    const contents = parent(template, folder, programs.processes);
    buildSync({
      stdin: { contents, resolveDir: process.cwd(), loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      logLevel: 'error',
    });

    const cloud = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void cloud.kill('SIGKILL'));
    const answered = once(cloud.stdout, 'data');
    const [socket] = await once(server, 'connection');
    const [pid] = await once(socket, 'data');
    onTestFinished(() => endIfThere(Number(pid)));
    if (answers) await answered;
    expect(process.kill(Number(pid), 0)).toBe(true);
    const closed = once(
      socket.on('error', () => undefined),
      'close',
    );
    cloud.kill('SIGKILL');
    await closed;
  },
);

/** Leaves nothing behind, even where the test has failed. */
function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself, as it should
  }
}
