import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bareClient } from './bare-client.ts';
import { type Figure, median } from './figure.ts';
import { retentionServer } from './retention-server.ts';

const events = 40;
const rounds = 5;
const delayMs = 10;

const rules =
  'version: 1\nlimits: { maxRetention: 100y }\nobjects: [{ name: all, match: { bucket: bench }, retain: 90y }]\n';
const context = {
  requestId: 'bench',
  region: 'cn-hangzhou',
  accountId: '1234567890123456',
  function: { name: 'object-created', timeout: 60 },
  credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret', securityToken: '' },
};

interface ObjectCreated {
  handler(event: Uint8Array, of: typeof context): Promise<Readonly<Record<string, number>>>;
}

/** Warm events of one upload each, one after the other, against a bare client that sends as many HEAD and PUT. */
export const event: Figure = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const server = await retentionServer(delayMs);
  const bare = bareClient(server.port);
  try {
    await writeFile(join(folder, 'rules.yaml'), rules);
    const { handler } = bundle({
      HOLDFAST_RULES: join(folder, 'rules.yaml'),
      HOLDFAST_OSS_ENDPOINT: `http://127.0.0.1:${server.port}`,
      HOLDFAST_LOG_LEVEL: 'error',
    });
    const handle = async (key: string) => {
      const { protect } = await handler(Buffer.from(eventOf(key)), context);
      if (protect !== 1) throw new Error(`an event of the benchmark ended otherwise: ${key}`);
    };
    await wallOf(handle, 'warm');
    await wallOf(bare.headAndPut, 'warm-bare');
    const [ours, theirs]: [number[], number[]] = [[], []];
    let requests = 0;
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await wallOf(bare.headAndPut, `bare-${round}`));
      const before = await server.counts();
      ours.push(await wallOf(handle, `ours-${round}`));
      requests += (await server.counts()).requests - before.requests;
    }
    const each = (values: readonly number[]) => median(values) / events;
    return [
      {
        what: `warm event, wall time at ${delayMs} ms`,
        value: `${each(ours).toFixed(1)} ms`,
        reference: `bare client, ${each(theirs).toFixed(1)} ms`,
        measured: each(ours) / each(theirs),
        goal: 1.05,
      },
      {
        what: 'warm event, requests',
        value: (requests / (events * rounds)).toFixed(2),
        reference: 'HEAD and PUT, 2',
        measured: requests / (events * rounds) / 2,
        goal: 1,
      },
    ];
  } finally {
    server.close();
    bare.close();
    await rm(folder, { recursive: true, force: true });
  }
};

/** The function as it is deployed, with this environment. */
function bundle(environment: Readonly<Record<string, string>>): ObjectCreated {
  Object.assign(process.env, environment);
  const loaded: ObjectCreated = createRequire(import.meta.url)(resolve('dist/object-created/index.js'));
  return loaded;
}

/** The event of an upload as Function Compute documents it, as far as it is read. */
function eventOf(key: string): string {
  const object = { key, eTag: '00', size: 0, deltaSize: 1 };
  const entry = {
    eventName: 'ObjectCreated:PutObject',
    eventTime: '2026-11-21T10:00:00.000Z',
    oss: { bucket: { name: 'bench' }, object },
  };
  return JSON.stringify({ events: [entry] });
}

async function wallOf(each: (key: string) => Promise<unknown>, name: string): Promise<number> {
  const begin = performance.now();
  for (let index = 0; index < events; index += 1) await each(`${name}-${index}`);
  return performance.now() - begin;
}
