import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { retentionServer } from '../../bench/figures/retention-server.ts';
import { rulesFile } from '../support/rules-file.ts';

const rules =
  'version: 1\nlimits: { maxRetention: 100y }\nobjects: [{ name: all, match: { bucket: bench }, retain: 90y }]\n';
const events = 10_000;

/** Handles events one after the other, a few at once now and then, and tells the heap after a fifth of them and in the end. */
const program = (bundle: string) => `
  const { handler } = require(${JSON.stringify(bundle)});
  const context = { requestId: 'R', region: 'cn-hangzhou', accountId: '', function: { name: 'object-created', timeout: 60 },
    credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret', securityToken: '' } };
  const entry = (key) => ({ eventName: 'ObjectCreated:PutObject', eventTime: '2026-11-21T10:00:00.000Z',
    oss: { bucket: { name: 'bench' }, object: { key, eTag: '00', size: 0, deltaSize: 1 } } });
  const heap = () => { gc(); gc(); return process.memoryUsage().heapUsed; };
  (async () => {
    let early;
    for (let done = 0; done < ${events}; ) {
      const batch = done % 100 === 0 ? 20 : 1;
      const keys = Array.from({ length: batch }, (_, at) => 'key-' + (done + at));
      const malformed = done % 50 === 1 ? [{}] : [];
      await handler(Buffer.from(JSON.stringify({ events: [...keys.map(entry), ...malformed] })), context).catch(() => undefined);
      done += batch;
      if (early === undefined && done >= ${events / 5}) early = heap();
    }
    console.log(JSON.stringify({ early, late: heap() }));
    process.disconnect?.();
    process.exit();
  })();`;

test('10,000 events in one process leak neither sockets nor memory', async () => {
  const server = await retentionServer(0);
  try {
    const child = spawn(
      process.execPath,
      ['--expose-gc', '-e', program(resolve('dist/object-created/index.js'))],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env['PATH'],
          HOLDFAST_RULES: rulesFile(rules),
          HOLDFAST_OSS_ENDPOINT: `http://127.0.0.1:${server.port}`,
          HOLDFAST_LOG_LEVEL: 'error',
        },
      },
    );
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect(err).toBe('');
    const last = out.trimEnd().split('\n').at(-1) ?? '';
    const { early, late } = z.object({ early: z.number(), late: z.number() }).parse(JSON.parse(last));
    // What is remembered of events is bounded, and was full by then.
    expect(late - early).toBeLessThan(2_000_000);
    const { requests, opened } = await server.counts();
    expect(requests).toBeGreaterThanOrEqual(2 * events);
    expect(opened).toBeLessThanOrEqual(40); // no more than 8 events are under way at once
  } finally {
    server.close();
  }
});
