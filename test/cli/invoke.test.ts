import { describe, expect, it } from 'vitest';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { cloudWith } from '../support/cloud.ts';

const code = `
  exports.handler = async (event) => {
    const order = JSON.parse(event);
    console.log('got %j', order);
    if (order.fail) throw new RangeError('too far');
    return { got: order };
  };`;

async function start() {
  const cloud = await cloudWith({ f: { code } });
  const env = { ...cloudEnvironment(cloud.url), HOLDFAST_FC_ENDPOINT: cloud.url };
  const invoke = (args: readonly string[], input?: string) =>
    runCli(['invoke', ...args], { env, ...(input === undefined ? {} : { input }) });
  return { cloud, env, invoke };
}

describe('holdfast invoke', () => {
  it('prints what the function logged and answered', async () => {
    const { invoke } = await start();
    const { code, stdout, stderr } = await invoke(['f', '-e', '-'], '{"n":1}');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^FC Invoke Start RequestId: .*\n.*\[info\] got \{"n":1\}\nFC Invoke End/m);
    expect(stdout).toContain('f succeeded: {"got":{"n":1}}');
  });

  it('sends an empty object when no event is given', async () => {
    const { invoke } = await start();
    expect((await invoke(['f'])).stdout).toContain('f succeeded: {"got":{}}');
  });

  it('exits with 1 when the function failed, and says how', async () => {
    const { invoke } = await start();
    const { code, stdout } = await invoke(['f', '-e', '-'], '{"fail":true}');
    expect(code).toBe(1);
    expect(stdout).toMatch(/f failed: RangeError: too far \(UnhandledInvocationError, request id \S+\)/);
  });

  it('gives machines one JSON object', async () => {
    const { invoke } = await start();
    const good = await invoke(['f', '--json']);
    expect(JSON.parse(good.stdout)).toMatchObject({
      function: 'f',
      result: { got: {} },
      logs: expect.any(Array),
    });
    const bad = await invoke(['f', '--json', '-e', '-'], '{"fail":true}');
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.stdout)).toMatchObject({ error: { errorType: 'RangeError' } });
  });

  it('queues an event, and a task once', async () => {
    const { cloud, invoke } = await start();
    expect((await invoke(['f', '--async'])).stdout).toBe('f accepted the event\n');
    const task = ['f', '--async', '--task-id', 'shard-1'];
    expect((await invoke(task)).stdout).toBe('f accepted the event as task shard-1\n');
    const again = await invoke(task);
    expect(again).toMatchObject({ code: 0, stdout: 'f knows task shard-1 already; nothing was queued\n' });
    expect(JSON.parse((await invoke([...task, '--json'])).stdout)).toEqual({
      format: 'holdfast.invoke/1',
      function: 'f',
      taskId: 'shard-1',
      outcome: 'already-known',
    });
    await cloud.idle();
    expect(cloud.fc.invocations()).toHaveLength(2);
  });

  it.each([
    { what: 'a function that is not there', args: ['g'], env: {}, code: 1, says: 'error NO_SUCH_FUNCTION' },
    {
      what: 'a wrong secret',
      args: ['f'],
      env: { ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'x' },
      code: 1,
      says: 'error CREDENTIALS_INVALID',
    },
    {
      what: 'a server that is down',
      args: ['f'],
      env: { HOLDFAST_FC_ENDPOINT: 'http://127.0.0.1:9' },
      code: 1,
      says: 'error UNREACHABLE: InvokeFunction on function f: no answer from http://127.0.0.1:9',
    },
    {
      what: 'no credentials',
      args: ['f'],
      env: { ALIBABA_CLOUD_ACCESS_KEY_ID: '' },
      code: 1,
      says: 'error CREDENTIALS_MISSING',
    },
    {
      what: 'neither account nor endpoint',
      args: ['f'],
      env: { HOLDFAST_FC_ENDPOINT: '' },
      code: 2,
      says: 'error USAGE: give --account',
    },
    {
      what: 'an account that is none',
      args: ['f', '--account', 'x.example.com/'],
      env: {},
      code: 2,
      says: 'error USAGE: --account (ALIBABA_CLOUD_ACCOUNT_ID): expected the id of an account, in digits alone, found "x.example.com/"',
    },
    {
      what: 'an account of the environment that is none',
      args: ['f'],
      env: { ALIBABA_CLOUD_ACCOUNT_ID: 'x' },
      code: 2,
      says: 'in digits alone, found "x"',
    },
    {
      what: 'an endpoint that is no URL',
      args: ['f', '--endpoint', 'here'],
      env: {},
      code: 2,
      says: 'error CONFIG_INVALID: HOLDFAST_FC_ENDPOINT',
    },
    {
      what: 'a task id alone',
      args: ['f', '--task-id', 'a'],
      env: {},
      code: 2,
      says: '--task-id needs --async',
    },
    {
      what: 'an event that is not there',
      args: ['f', '-e', 'no.json'],
      env: {},
      code: 2,
      says: 'FILE_UNREADABLE',
    },
    { what: 'no function', args: [], env: {}, code: 2, says: "missing required argument 'function'" },
  ])('says what is wrong with $what', async ({ args, env, code, says }) => {
    const cloud = await start();
    const result = await runCli(['invoke', ...args], { cwd: folderWith({}), env: { ...cloud.env, ...env } });
    expect(result).toMatchObject({ code, stdout: '' });
    expect(result.stderr).toContain(says);
  });
});
