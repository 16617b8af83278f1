import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { workflowSchema } from '../../shared/deploy/cloudflow.ts';
import { loadTemplate } from '../../shared/deploy/template.ts';

const text = readFileSync('cloudflow.yaml', 'utf8');
const { functions } = loadTemplate('s.yaml', { environment: {}, accountId: '1234567890123456' });

test('cloudflow.yaml is a workflow over the shards, for the function that s.yaml deploys', () => {
  const workflow = workflowSchema.parse(parse(text));
  const [map] = workflow.States;
  const [task] = map?.Processor.States ?? [];
  const name = /functions\/([^/]+)\/LATEST$/.exec(task?.Parameters.resourceArn ?? '')?.[1];
  const deployed = functions.find(({ functionName }) => functionName === name);
  expect(deployed?.code).toBe('./dist/protect-existing');
  expect(map?.MaxConcurrency).toBe(deployed?.concurrencyConfig?.reservedConcurrency);
});

test('what all instances may ask of OSS together fits the smaller quota of an account', () => {
  const repair = functions.find(({ functionName }) => functionName === 'holdfast-protect-existing');
  const qps = Number(repair?.environmentVariables['HOLDFAST_TASK_QPS']);
  expect(qps * (repair?.concurrencyConfig?.reservedConcurrency ?? Number.NaN)).toBeLessThanOrEqual(2000);
});

test.each<[what: string, piece: string, replacement: string, says: string]>([
  ['a misspelt key', 'MaxConcurrency', 'MaxConcurency', 'MaxConcurency'],
  ['a key that nobody knows', 'SpecVersion: v1', 'SpecVersion: v1\nSpeed: high', 'Speed'],
  ['an unknown mode', 'ExecutionMode: Express', 'ExecutionMode: Fast', 'ExecutionMode'],
  [
    'a start that is not there',
    'StartAt: every-shard',
    'StartAt: each-shard',
    'each-shard, which is no state',
  ],
  [
    'an inner start that is not there',
    'StartAt: protect-shard',
    'StartAt: protect',
    'protect, which is no state',
  ],
  ['a state without an end', '    End: true\n', '', 'needs one of Next and End'],
  ['a function that is no ARN', 'acs:fc:', 'acs:oss:', 'functions/NAME/LATEST'],
  ['a body that is no expression', 'body.$: $Input', 'body.$: Input', 'body.$'],
  ['an old format', 'SpecVersion: v1', 'SpecVersion: v1beta1', 'SpecVersion'],
])('%s is refused', (_what, piece, replacement, says) => {
  expect(text).toContain(piece);
  const { error } = workflowSchema.safeParse(parse(text.replace(piece, replacement)));
  expect(error?.message).toContain(says);
});
