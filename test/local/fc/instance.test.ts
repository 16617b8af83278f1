import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { InstanceKind } from '../../../local/fc/sandbox.ts';
import { folderWith } from '../../support/cli.ts';
import { runtimeWith, timerTrigger } from '../../support/functions.ts';

const parsed = (text = '') => JSON.parse(text);

/** Runs a function on each event, one after the other, and hands back how each went. */
async function runsIn(instances: InstanceKind, code: string, events: readonly unknown[] = [{}], props = {}) {
  const runtime = runtimeWith({ f: { code, props } }, { instances });
  const finished = [];
  for (const event of events) {
    const { invocation } = await runtime.invoke('f', Buffer.from(JSON.stringify(event)));
    finished.push(invocation);
  }
  return finished;
}

type Tail<List extends readonly unknown[]> = List extends readonly [unknown, ...infer Rest] ? Rest : never;

describe.each(['processes', 'threads'] as const)('in %s,', (instances) => {
  const runs = (...given: Tail<Parameters<typeof runsIn>>) => runsIn(instances, ...given);

  test('the handler gets the event as a buffer and its answer comes back', async () => {
    const code = `exports.handler = async (event) => ({ buffer: Buffer.isBuffer(event), name: JSON.parse(event).name })`;
    const [run] = await runs(code, [{ name: '账本' }]);
    expect(run).toMatchObject({ status: 'succeeded', attempt: 1, trigger: 'api', event: { name: '账本' } });
    expect(parsed(run?.result)).toEqual({ buffer: true, name: '账本' });
  });

  test('an instance is used again, and its initializer runs once', async () => {
    const code = `
    const id = Math.random();
    let initialized = 0, calls = 0;
    exports.initializer = async () => { initialized += 1; };
    exports.handler = async () => ({ initialized, calls: ++calls, id });`;
    const props = { instanceLifecycleConfig: { initializer: { handler: 'index.initializer' } } };
    const [first, second] = (await runs(code, [1, 2], props)).map((run) => parsed(run.result));
    expect(first).toMatchObject({ initialized: 1, calls: 1 });
    expect(second).toEqual({ ...first, calls: 2 });
  });

  test('an initializer that fails fails the call, and the next call starts a new instance', async () => {
    const code = `
    exports.initializer = async (context) => { throw new TypeError('no rules in ' + context.function.name); };
    exports.handler = async () => 'never';`;
    const props = { instanceLifecycleConfig: { initializer: { handler: 'index.initializer' } } };
    const [first, second] = await runs(code, [1, 2], props);
    const error = { errorType: 'TypeError', errorMessage: 'no rules in f' };
    expect(first).toMatchObject({ status: 'failed', error });
    expect(second).toMatchObject({ status: 'failed', error });
  });

  test('one instance serves one request at a time; requests at the same time get instances of their own', async () => {
    const code = `
    const id = Math.random();
    let now = 0, most = 0;
    exports.handler = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 20));
      now -= 1;
      return { most, id };
    };`;
    const runtime = runtimeWith({ f: { code } }, { instances });
    const all = await Promise.all(Array.from({ length: 10 }, () => runtime.invoke('f', Buffer.from('{}'))));
    const results = all.map(({ invocation }) => parsed(invocation.result));
    expect(Math.max(...results.map(({ most }) => most))).toBe(1);
    const count = new Set(results.map((result) => result.id)).size;
    expect(count).toBeGreaterThan(1);
    expect(count).toBeLessThanOrEqual(4);
  });

  test('the context is that of Function Compute, with fresh credentials for each invocation', async () => {
    const code = `exports.handler = async (event, context) => ({ ...context, logger: Object.keys(context.logger) })`;
    const [first, second] = await runs(code, [1, 2]);
    const context = parsed(first?.result);
    expect(context).toMatchObject({
      requestId: first?.requestId,
      function: { name: 'f', handler: 'index.handler', memory: 256, timeout: 600 },
      service: { logProject: 'logs', logStore: 'functions', qualifier: 'LATEST', versionId: '' },
      region: 'cn-hangzhou',
      accountId: '1000000000000001',
      logger: ['debug', 'info', 'warn', 'error', 'log'],
    });
    expect(context.credentials.accessKeyId).toMatch(/^STS\./);
    expect(parsed(second?.result).credentials).not.toEqual(context.credentials);
  });

  test('the environment holds what the platform and s.yaml set, and nothing of the machine', async () => {
    const code = `exports.handler = async () => ({ ...process.env, cwd: process.cwd() })`;
    const [run] = await runs(code, [1], { environmentVariables: { HOLDFAST_LOG_LEVEL: 'debug' } });
    const environment = parsed(run?.result);
    expect(Object.keys(environment).sort()).toEqual([
      'ALIBABA_CLOUD_ACCESS_KEY_ID',
      'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
      'ALIBABA_CLOUD_SECURITY_TOKEN',
      'FC_ACCOUNT_ID',
      'FC_FUNCTION_HANDLER',
      'FC_FUNCTION_MEMORY_SIZE',
      'FC_FUNCTION_NAME',
      'FC_FUNC_CODE_PATH',
      'FC_INSTANCE_ID',
      'FC_REGION',
      'FC_VER_ID',
      'HOLDFAST_LOG_LEVEL',
      'PATH',
      'TZ',
      'cwd',
    ]);
    expect(environment).toMatchObject({ TZ: 'UTC', FC_FUNCTION_NAME: 'f', HOLDFAST_LOG_LEVEL: 'debug' });
    // A thread cannot have a folder of its own.
    if (instances === 'processes') expect(environment.FC_FUNC_CODE_PATH).toBe(environment.cwd);
  });

  test('a thrown error comes back with its message, type and stack', async () => {
    const code = `exports.handler = async () => { throw new RangeError('too far'); }`;
    const [run] = await runs(code);
    expect(run).toMatchObject({
      status: 'failed',
      error: {
        errorMessage: 'too far',
        errorType: 'RangeError',
        stackTrace: expect.arrayContaining([expect.stringMatching(/^at exports\.handler .*index\.js:1:\d+/)]),
      },
    });
  });

  test('a callback function answers through its callback', async () => {
    const code = `exports.handler = (event, context, callback) => { setImmediate(() => callback(null, 'late')); }`;
    const [run] = await runs(code);
    expect(run).toMatchObject({ status: 'succeeded', result: 'late' });
  });

  test('a function that takes too long is killed, and the next request gets a new instance', async () => {
    const code = `exports.handler = async (event) => {
    if (JSON.parse(event).hang) {
      process.stdout.write('hanging\\n');
      require('node:fs').writeFileSync(process.env.HANGING, '');
      for (;;);
    }
    return 'fine';
  }`;
    const hanging = join(folderWith({}), 'hanging');
    // The time limit passes when the test says so, which is when the function hangs.
    const limits: { ms: number; expire: () => void }[] = [];
    const runtime = runtimeWith(
      { f: { code, props: { timeout: 1 } } },
      {
        instances,
        environment: { HANGING: hanging },
        timeLimit: (ms, expire) => {
          limits.push({ ms, expire });
          return () => undefined;
        },
      },
    );
    const running = runtime.invoke('f', Buffer.from('{"hang":true}'));
    await vi.waitUntil(() => existsSync(hanging), { timeout: 120_000 });
    expect(limits.map(({ ms }) => ms)).toEqual([1000]);
    limits[0]?.expire();
    const { invocation: hung } = await running;
    const { invocation: next } = await runtime.invoke('f', Buffer.from('{}'));
    expect(hung).toMatchObject({
      status: 'failed',
      logs: ['hanging'],
      error: { errorType: 'FunctionTimeoutError', errorMessage: 'Function timed out after 1 seconds' },
    });
    expect(next).toMatchObject({ status: 'succeeded', result: 'fine' });
  });

  test('an instance that ends in the middle fails its request only', async () => {
    const code = `exports.handler = async (event) => {
    if (JSON.parse(event).crash) { process.stderr.write('last words\\n'); process.exit(3); }
    return 'fine';
  }`;
    const [crashed, next] = await runs(code, [{ crash: true }, {}]);
    expect(crashed).toMatchObject({
      status: 'failed',
      logs: ['last words'],
      error: { errorMessage: 'Process exited unexpectedly before completing request' },
    });
    expect(next).toMatchObject({ status: 'succeeded' });
  });

  test('a function that needs more memory than it has fails for lack of memory', async () => {
    const code = `exports.handler = async () => { const all = []; for (;;) all.push(new Array(1e6).fill({})); }`;
    const [run] = await runs(code, [{}], { memorySize: 128, cpu: 0.1 });
    expect(run).toMatchObject({ status: 'failed', error: { errorType: 'FunctionOOMError' } });
  });

  test('every line that an invocation writes is in its log, and in no other', async () => {
    const code = `exports.handler = async (event, context) => {
    const { n } = JSON.parse(event);
    for (let line = 0; line < 2000; line += 1) process.stdout.write(n + ' line ' + line + '\\n');
    process.stderr.write('no line feed ' + n);
  }`;
    const [first, second] = await runs(code, [{ n: 1 }, { n: 2 }]);
    for (const [n, run] of [first, second].entries()) {
      expect(run?.logs).toHaveLength(2001);
      expect(run?.logs).toContain(`no line feed ${n + 1}`);
      expect(run?.logs.every((line) => line.startsWith(`${n + 1} `) || line.endsWith(` ${n + 1}`))).toBe(
        true,
      );
    }
  });

  test('what a function writes to the descriptors of its output is in its log, in order', async () => {
    const code = `const { writeSync } = require('node:fs');
    exports.handler = async () => {
      writeSync(1, Buffer.from('bytes\\n'));
      require('node:fs').writeSync(1, 'text\\n');
      process.stdout.write('stream\\n');
      writeSync(2, 'error\\n');
    }`;
    const [run] = await runs(code);
    expect(run?.logs.filter((line) => line !== 'error')).toEqual(['bytes', 'text', 'stream']);
    expect(run?.logs).toContain('error');
  });

  test('what the console and the logger write carries time, request and level', async () => {
    const code = `exports.handler = async (event, { logger }) => {
    console.log('a %d', 1, { b: 2 });
    console.warn('w');
    logger.error('e');
    process.stdout.write('raw\\n');
  }`;
    const [run] = await runs(code);
    const prefix = `\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z ${run?.requestId} `;
    for (const text of ['\\[info\\] a 1 { b: 2 }', '\\[warn\\] w', '\\[error\\] e']) {
      expect(run?.logs).toContainEqual(expect.stringMatching(`^${prefix}${text}$`));
    }
    expect(run?.logs).toContain('raw');
  });

  test('ALIYUN_FC_LOG_LEVEL leaves out what is below it, of the console and the logger', async () => {
    const code = `exports.handler = async (event, { logger }) => {
    console.log('no'); logger.info('no'); console.warn('yes'); logger.error('yes');
  }`;
    const [run] = await runs(code, [{}], { environmentVariables: { ALIYUN_FC_LOG_LEVEL: 'warn' } });
    expect(run?.logs.map((line) => line.replace(/^.*\] /, ''))).toEqual(['yes', 'yes']);
  });

  test('an instance is frozen once it has answered: what it left running goes on with the next request', async () => {
    const code = `
    let turns = 0;
    const turn = () => { turns += 1; setImmediate(turn); };
    exports.handler = async (event) => {
      if (JSON.parse(event).start) turn();
      else if (JSON.parse(event).wait) await new Promise((resolve) => setTimeout(resolve, 20));
      return turns;
    };`;
    const other = `exports.handler = () => new Promise((resolve) => setTimeout(resolve, 50));`;
    const runtime = runtimeWith(
      { f: { code }, other: { code: other, triggers: [timerTrigger('@every 900h')] } },
      { instances },
    );
    const turns = async (event: object) =>
      Number((await runtime.invoke('f', Buffer.from(JSON.stringify(event)))).invocation.result);
    const atAnswer = await turns({ start: true });
    await runtime.invoke('other', Buffer.from('{}'));
    expect(await turns({})).toBe(atAnswer);
    expect(await turns({ wait: true })).toBeGreaterThan(atAnswer);
  });

  test('virtual time moves on while an instance is frozen', async () => {
    const code = `exports.handler = async () => Date.now()`;
    const runtime = runtimeWith({ f: { code } }, { instances });
    const now = async () => Number((await runtime.invoke('f', Buffer.from('{}'))).invocation.result);
    const before = await now();
    await runtime.time.advance(1000 * 60 * 60);
    expect((await now()) - before).toBeGreaterThanOrEqual(1000 * 60 * 60);
  });

  test('a handler that is not there is a clear error', async () => {
    const [run] = await runs('exports.other = 1');
    expect(run?.error?.errorMessage).toMatch(/^index\.handler: .*index\.js exports no function handler$/);
  });
});

test('in processes, the memory limit counts what is outside of the heap too', async () => {
  const code = `
    const all = [];
    exports.handler = async () => {
      while (all.length < 300) all.push(Buffer.alloc(1e6, 1));
      for (;;);
    };`;
  const [run] = await runsIn('processes', code, [{}], { memorySize: 128, cpu: 0.1 });
  expect(run).toMatchObject({ status: 'failed', error: { errorType: 'FunctionOOMError' } });
});
