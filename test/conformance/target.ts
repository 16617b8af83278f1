import { afterAll, beforeAll, test } from 'vitest';
import { accessKeyId, accessKeySecret, type OssServer, startOss } from '../support/oss-server.ts';
import { emptyBucket, isLeftOver } from './clean-up.ts';
import { type Endpoint, type Reply, type Request, sendSigned } from './client.ts';

const env = process.env;
const realUrl = env['HOLDFAST_CONFORMANCE_ENDPOINT'];
const isReal = realUrl !== undefined;
const mayLock = !isReal || env['HOLDFAST_CONFORMANCE_IRREVERSIBLE'] === '1';
const prefix = env['HOLDFAST_CONFORMANCE_BUCKET_PREFIX'] ?? 'holdfast-conformance-';

/** The service that is tested: the embedded OSS, or a real account (docs/conformance.md). */
export interface Target {
  now(): Date;
  send(request: Request): Promise<Reply>;
  /** A bucket of this case alone. Returns its name; it is removed after the case as far as it can be. */
  makeBucket(): Promise<string>;
  /** An instant from now, as the service takes dates; cut to the second. */
  inSeconds(seconds: number): string;
}

/** The embedded OSS, whose time can be moved. */
export interface EmbeddedTarget extends Target {
  advance(ms: number): void;
  setTime(instant: string): void;
  /** What the service does once a day. */
  runLifecycle(): void;
}

let endpoint: Endpoint;
let server: OssServer | undefined;
let made: string[] = [];
let count = 0;

/** To be called once by each file of the suite: starts and stops what its cases run against. */
export function useTarget(): void {
  beforeAll(async () => {
    if (isReal) endpoint = realEndpoint(realUrl);
    else {
      server = await startOss();
      endpoint = embeddedEndpoint(server);
    }
  });
  afterAll(async () => {
    await server?.close();
  });
}

/** A case for every endpoint. What it retains, it retains for a minute or two, or lets go itself. */
export function everywhere(title: string, run: (target: Target) => Promise<void>): void {
  test(title, async () => {
    try {
      await run(target);
    } finally {
      await cleanUp();
    }
  });
}

/** A case that locks a bucket's policy, which nobody can undo: on a real account only when told so. */
export function irreversibly(title: string, run: (target: Target) => Promise<void>): void {
  if (mayLock) everywhere(title, run);
}

/** A case that moves the time, or retains for years: there is none of these on a real account. */
export function embeddedOnly(title: string, run: (target: EmbeddedTarget) => Promise<void>): void {
  if (isReal) return;
  test(title, async () => {
    const oss = server;
    if (!oss) throw new Error('useTarget() was not called');
    oss.setTime('2026-11-22T10:00:00.000Z');
    await run({
      ...target,
      advance: (ms) => oss.advance(ms),
      setTime: (instant) => oss.setTime(instant),
      runLifecycle: () => oss.oss.runLifecycle(),
    });
  });
}

const target: Target = {
  now: () => endpoint.now(),
  send: (request) => sendSigned(endpoint, request),
  async makeBucket() {
    count += 1;
    const name = `${prefix}${endpoint.now().getTime().toString(36)}-${process.pid}-${count}`;
    const { status, code, body } = await sendSigned(endpoint, { method: 'PUT', bucket: name });
    if (status !== 200) throw new Error(`no bucket ${name}: ${status} ${code} ${body}`);
    made.push(name);
    return name;
  },
  inSeconds(seconds) {
    const instant = new Date(endpoint.now().getTime() + seconds * 1000);
    return instant.toISOString().replace(/\.\d+/, '');
  },
};

/** On a real account nothing is left behind but what is still retained, and the next case tries those again. */
async function cleanUp(): Promise<void> {
  if (!isReal) {
    made = [];
    return;
  }
  const left: string[] = [];
  for (const bucket of made) {
    const reply = await emptyBucket(target, bucket);
    if (isLeftOver(reply)) left.push(bucket);
  }
  made = left;
}

function embeddedEndpoint(oss: OssServer): Endpoint {
  const url = new URL(`http://127.0.0.1:${oss.port}`);
  return { url, region: 'cn-hangzhou', accessKeyId, accessKeySecret, now: () => oss.now() };
}

function realEndpoint(url: string): Endpoint {
  return {
    url: new URL(url),
    region: required('HOLDFAST_CONFORMANCE_REGION'),
    accessKeyId: required('HOLDFAST_CONFORMANCE_ACCESS_KEY_ID'),
    accessKeySecret: required('HOLDFAST_CONFORMANCE_ACCESS_KEY_SECRET'),
    // biome-ignore lint/plugin: a real service lives in real time
    now: () => new Date(),
  };
}

function required(name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is needed with HOLDFAST_CONFORMANCE_ENDPOINT (docs/conformance.md)`);
  return value;
}
