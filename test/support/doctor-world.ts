import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { worldOf } from '../../cli/doctor/world.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createRetentionBucket, plainClient } from '../../local/plain-client.ts';
import { examine } from '../../shared/doctor/examine.ts';
import type { DoctorFinding } from '../../shared/doctor/finding.ts';
import { minute } from '../../shared/platform/instant.ts';
import { cloudEnvironment, folderWith, runCli } from './cli.ts';

const rules = `version: 1
limits: { maxRetention: 10y }
deadLetters: oss://letters/dead/
objects:
  - { name: finance, match: { bucket: [fin-*, ledger] }, retain: 7y }
buckets:
  - { name: archive, match: { bucket: archive-* }, policy: { days: 365, lock: { after: 20h } } }
`;

const functions = ['object-created', 'policy-timer', 'protect-existing', 'dead-letter'];

/** A whole set-up that is as it has to be, deployed from one folder and looked at from another. */
export interface DoctorWorld {
  readonly cloud: Cloud;
  /** Runs `holdfast doctor --json`. */
  doctor(): Promise<{ readonly code: number | null; readonly findings: readonly DoctorFinding[] }>;
  /** The same without a process of its own: the lines that are not ok, as `status check of`, but for what only Alibaba's command line tells. */
  troubles(): Promise<readonly string[]>;
  /** Changes a file here, not what is deployed; @returns a function that puts it back */
  edit(file: string, change: (text: string) => string): () => void;
  /** Deletes an empty bucket. */
  remove(bucket: string): Promise<void>;
  /** Writes an object into the folder of the dead letters. */
  keep(key: string, content: unknown): Promise<void>;
}

/** Starts it; it ends with the test. The built functions are needed. */
export async function doctorWorld(): Promise<DoctorWorld> {
  const deployed = folderWith({});
  const here = folderWith({});
  for (const folder of [deployed, here]) lay(folder);
  const cloud = await startCloud({
    template: join(deployed, 's.yaml'),
    rules: join(deployed, 'rules.yaml'),
    clock: new Date('2026-11-20T10:00:00Z'),
  });
  onTestFinished(() => cloud.close());
  for (const bucket of ['fin-1', 'ledger']) await createRetentionBucket(cloud.url, bucket);
  const letters = plainClient(cloud.url, 'letters');
  for (const bucket of ['letters', 'archive-1']) await letters.putBucket(bucket);
  await letters.initiateBucketWorm('archive-1', '365');
  const env = { ...cloudEnvironment(cloud.url), HOLDFAST_FC_ENDPOINT: cloud.url };
  const keep = async (key: string, content: unknown) => {
    await letters.put(`dead/${key}`, Buffer.from(JSON.stringify(content)));
  };
  for (const bucket of ['fin-1', 'ledger'])
    await keep(`repairs/${bucket}.json`, repairOf(bucket, cloud.time.now()));
  await cloud.advance(15 * minute); // the timer runs

  const doctor: DoctorWorld['doctor'] = async () => {
    const { code, stdout } = await runCli(['doctor', '--json'], { cwd: here, env });
    return { code, findings: JSON.parse(stdout).findings };
  };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const options = {
    cloud: 'oss' as const,
    region: 'cn-hangzhou',
    endpoint: cloud.url,
    fcEndpoint: cloud.url,
  };
  return {
    cloud,
    doctor,
    keep,
    async remove(bucket) {
      const { status } = await letters.request({ method: 'DELETE', bucket, subres: {}, headers: {} });
      if (status !== 204) throw new Error(`deleting ${bucket} answered ${status}`);
    },
    async troubles() {
      const [rulesFile, template] = ['rules.yaml', 's.yaml'].map((name) => join(here, name));
      const findings = await examine(
        await worldOf({ ...options, rules: `${rulesFile}`, template: `${template}` }),
      );
      const odd = findings.filter(
        ({ status, check }) => status !== 'ok' && check !== 'live role' && check !== 'log project',
      );
      return odd.map(({ status, check, about }) => `${status} ${check} ${about}`).sort();
    },
    edit(file, change) {
      const path = join(here, file);
      const before = readFileSync(path, 'utf8');
      writeFileSync(path, change(before));
      return () => writeFileSync(path, before);
    },
  };
}

/** The record of a repair, as `holdfast protect` leaves it. */
export const repairOf = (bucket: string, completedAt: Date) => ({
  bucket,
  source: 'listing',
  completedAt: completedAt.toISOString(),
  versions: 10,
  changed: 0,
  failed: 0,
});

/** The repository's own s.yaml and roles, for the buckets of the rules above, and its built functions. */
function lay(folder: string): void {
  writeFileSync(join(folder, 'rules.yaml'), rules);
  writeFileSync(join(folder, 's.yaml'), template());
  mkdirSync(join(folder, 'ram'));
  for (const name of functions) {
    writeFileSync(join(folder, 'ram', `${name}.json`), policyFor(name));
    const code = join(folder, 'dist', name);
    cpSync(join('dist', name), code, { recursive: true, filter: (file) => !file.endsWith('.map') });
    writeFileSync(join(code, 'rules.yaml'), rules);
  }
}

/** With a trigger for each of the two buckets. */
function template(): string {
  const text = readFileSync('s.yaml', 'utf8').replace(
    "env('HOLDFAST_BUCKET', 'holdfast-records')",
    "env('B', 'fin-1')",
  );
  const [trigger = ''] = /^ {8}- triggerName: uploads-.*\n(?: {10}.*\n)*/m.exec(text) ?? [];
  const second = trigger.replaceAll(/\$\{vars\.bucket\}/g, 'ledger');
  return text.replace(trigger, trigger + second);
}

function policyFor(name: string): string {
  return readFileSync(join('ram', `${name}.json`), 'utf8')
    .replaceAll(
      '"acs:oss:*:ACCOUNT:BUCKET',
      '"acs:oss:*:ACCOUNT:ledger", "acs:oss:*:ACCOUNT:ledger/*", "acs:oss:*:ACCOUNT:fin-*',
    )
    .replaceAll('INVENTORY', 'holdfast-inventory')
    .replaceAll('holdfast-dead-letters/dead-letters', 'letters/dead')
    .replaceAll('holdfast-dead-letters', 'letters')
    .replaceAll('"dead-letters/', '"dead/');
}
