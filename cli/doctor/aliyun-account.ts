import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { AccountReader } from '../../shared/doctor/account-port.ts';
import { failure } from '../../shared/platform/errors.ts';
import { firstIssue } from '../../shared/platform/first-issue.ts';

const run = promisify(execFile);
const answerMs = 30_000;

const role = z.object({ Role: z.object({ AssumeRolePolicyDocument: z.string() }) });
const trust = z.object({
  Statement: z.array(
    z.object({
      Effect: z.string(),
      Principal: z.object({ Service: z.union([z.string(), z.array(z.string())]).optional() }),
    }),
  ),
});
const attached = z.object({
  Policies: z.object({ Policy: z.array(z.object({ PolicyName: z.string(), PolicyType: z.string() })) }),
});
const policy = z.object({ DefaultPolicyVersion: z.object({ PolicyDocument: z.string() }) });

/**
 * Reads an account by Alibaba's command line, with the key that it is configured with or that the environment has.
 * @param profile of that command line, when one is named
 * @throws USAGE when that program is not there
 */
export async function aliyunAccount(region: string, profile?: string): Promise<AccountReader> {
  const common = ['--region', region, ...(profile === undefined ? [] : ['--profile', profile])];
  /** @returns what it prints, or the code that the service refuses with */
  const ask = async (...words: readonly string[]): Promise<{ text: string } | { refusal: string }> => {
    try {
      const { stdout } = await run('aliyun', [...words, ...common], { timeout: answerMs });
      return { text: stdout };
    } catch (cause) {
      const { code, stderr } = failedRun.parse(cause);
      if (code === 'ENOENT') {
        throw failure('USAGE', { reason: 'there is no program aliyun' }, { cause });
      }
      return { refusal: stderr === '' ? String(code) : stderr };
    }
  };
  const read = async <Result>(
    form: z.ZodType<Result>,
    ...words: readonly string[]
  ): Promise<Result | undefined> => {
    const answer = await ask(...words);
    if ('refusal' in answer) {
      if (/NotExist/.test(answer.refusal)) return undefined;
      throw unreadable(words, answer.refusal);
    }
    const parsed = form.safeParse(json(answer.text));
    if (parsed.success) return parsed.data;
    const [operation, target] = [words.slice(0, 2).join(' '), words.slice(2).join(' ')];
    throw failure(
      'UNEXPECTED_REPLY',
      { operation, target, reason: firstIssue(parsed.error, 'the reply') },
      { cause: parsed.error },
    );
  };
  await ask('version');

  return {
    async getRole(name) {
      const found = await read(role, 'ram', 'GetRole', '--RoleName', name);
      if (found === undefined) return undefined;
      const { Statement } = trust.parse(json(found.Role.AssumeRolePolicyDocument));
      const list = await read(attached, 'ram', 'ListPoliciesForRole', '--RoleName', name);
      const policies = (list?.Policies.Policy ?? []).map(async ({ PolicyName, PolicyType }) => {
        const words = ['--PolicyType', PolicyType, '--PolicyName', PolicyName];
        const document = await read(policy, 'ram', 'GetPolicy', ...words);
        return { name: PolicyName, text: document?.DefaultPolicyVersion.PolicyDocument ?? '' };
      });
      return {
        services: Statement.flatMap(({ Effect, Principal }) =>
          Effect === 'Allow' ? [Principal.Service ?? []].flat() : [],
        ),
        policies: await Promise.all(policies),
      };
    },
    async getLogPlace(project, logstore) {
      const found = await ask('sls', 'GetProject', '--project', project);
      if ('refusal' in found) return /NotExist/.test(found.refusal) ? 'no-project' : 'unreadable';
      const words = ['sls', 'GetLogStore', '--project', project, '--logstore', logstore];
      const store = await ask(...words);
      if ('text' in store) return 'there';
      if (/NotExist/.test(store.refusal)) return 'no-logstore';
      throw unreadable(words, store.refusal);
    },
  };
}

const failedRun = z.object({
  code: z.union([z.string(), z.number()]).nullish(),
  stderr: z.string().default(''),
});

const unreadable = (words: readonly string[], reason: string) =>
  failure('ACCOUNT_UNREADABLE', { command: `aliyun ${words.join(' ')}`, reason: reason.trim() });

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
