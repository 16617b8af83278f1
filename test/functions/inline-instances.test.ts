import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { exitedUnexpectedly, startInstance } from '../../local/fc/instance.ts';
import type { InvocationContext } from '../../local/fc/messages.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { folderWith } from '../support/cli.ts';
import { nativeEntry } from '../support/events.ts';
import {
  holdfastCloud,
  invoke,
  logOf,
  objectCreated,
  policyTimer,
  requestsOfFunctions,
} from '../support/holdfast-cloud.ts';
import { inlineInstances } from '../support/inline-instances.ts';

/* Most tests run functions within their own thread. What they see there is what threads and processes do. */

const rules = `version: 1
limits: { maxRetention: 10y }
objects: [{ name: all, match: { bucket: records }, retain: 1y }]
buckets: [{ name: archives, match: { bucket: "archive-*" }, policy: { days: { atLeast: 30, atMost: 3650 }, lock: { after: 1h } } }]
`;

type Instances = 'processes' | 'threads' | typeof inlineInstances;

/** Everything that an invocation leaves but what is new each time. */
async function traceIn(instances: Instances) {
  const cloud = await holdfastCloud(rules, { instances, deliver: () => [] });
  const client = await createRetentionBucket(cloud.url, 'records');
  const { res } = await client.put('k', Buffer.from('x'));
  const event = nativeEntry({
    ...{ bucket: 'records', key: 'k', time: cloud.time.now().toISOString() },
    eTag: String(res.headers.etag).replaceAll('"', ''),
  });
  const runs = [
    await invoke(cloud, objectCreated, { events: [event] }),
    await invoke(cloud, objectCreated, { events: [event] }),
    await invoke(cloud, objectCreated, 'no event'),
  ];
  const inVirtualTime = runs.flatMap(logOf).map(({ time }) => String(time).slice(0, 15));
  return {
    runs: runs.map(({ status, cold, error }) => ({ status, cold, error: error?.errorMessage })),
    lines: runs.flatMap(logOf).map(({ level, msg, result, code }) => ({ level, msg, result, code })),
    days: [...new Set(inVirtualTime)],
    requests: requestsOfFunctions(cloud),
  };
}

/** Returns what the timer answers, logs and sends: it finds a policy to lock once time has gone on, and then finds it locked. */
async function timerTraceIn(instances: Instances) {
  const cloud = await holdfastCloud(rules, { instances, deliver: () => [] });
  for (const bucket of ['archive-a', 'archive-b']) {
    const client = plainClient(cloud.url, bucket);
    await client.putBucket(bucket);
    await client.initiateBucketWorm(bucket, '365');
  }
  const event = { triggerTime: '2027-03-01T10:00:00Z', triggerName: 'every-15-minutes', payload: '' };
  const runs = [await invoke(cloud, policyTimer, event)];
  await cloud.advance(2 * 60 * 60_000);
  runs.push(await invoke(cloud, policyTimer, event));
  const lines = cloud.fc.invocations(policyTimer).flatMap(logOf);
  return {
    runs: runs.map(({ status, cold, error }) => ({ status, cold, error: error?.errorMessage })),
    lines: lines.map(({ level, msg, bucket, action }) => [level, msg, bucket, action].join(' ')).sort(),
    hours: [...new Set(lines.map(({ time }) => String(time).slice(0, 13)))].sort(),
    requests: requestsOfFunctions(cloud).sort(), // of several buckets at once
  };
}

it('an instance in the thread of the test does and writes what one in a process does', async () => {
  const inline = await traceIn(inlineInstances);
  expect(inline.days).toEqual(['2027-03-01T10:0']);
  expect(inline.requests).toContain('PutObjectRetention');
  expect(inline).toEqual(await traceIn('threads'));
  expect(inline).toEqual(await traceIn('processes'));
});

it('the timer does so too, while time goes on', async () => {
  const inline = await timerTraceIn(inlineInstances);
  expect(inline.hours).toEqual(['2027-03-01T10', '2027-03-01T12']);
  expect(inline.requests.filter((operation) => operation === 'CompleteBucketWorm')).toHaveLength(2);
  expect(inline).toEqual(await timerTraceIn('threads'));
  expect(inline).toEqual(await timerTraceIn('processes'));
});

it('one that is killed while it waits for the service sends nothing more', async () => {
  const code = `
    const http = require('node:http');
    const agent = new http.Agent({ keepAlive: true });
    const send = (path) => new Promise((done, fail) =>
      http.request(process.env.SERVER + path, { agent }, done).on('error', fail).end());
    exports.handler = () => send('/first').catch(() => send('/second'));
  `;
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url);
    if (request.url === '/first') void instance.kill();
    else response.end();
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${portOf(server.address())}`;
  const instance = startInstance({
    startSandbox: inlineInstances,
    codeFolder: folderWith({ 'index.js': code }),
    environment: { SERVER: url },
    memorySize: 128,
    offsetMs: 0,
  });
  const outcome = await instance.invoke('index.handler', context, Buffer.from('x'), 600_000);
  expect(outcome).toEqual({ ok: false, error: exitedUnexpectedly, logs: [] });
  await fetch(`${url}/own`);
  expect(seen).toEqual(['/first', '/own']);
});

const portOf = (address: AddressInfo | string | null) =>
  typeof address === 'object' ? (address?.port ?? 0) : 0;

const context: InvocationContext = {
  requestId: 'r',
  credentials: { accessKeyId: 'id', accessKeySecret: 'secret', securityToken: 'token' },
  function: { name: 'f', handler: 'index.handler', memory: 128, timeout: 600 },
  service: { logProject: '', logStore: '', qualifier: '', versionId: '' },
  region: 'cn-hangzhou',
  accountId: '1000000000000001',
};
