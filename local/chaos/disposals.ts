import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pLimit from 'p-limit';
import * as z from 'zod';
import { formatAddress } from '../../shared/platform/address.ts';
import { day } from '../../shared/platform/instant.ts';
import type { Cloud } from '../cloud.ts';
import { tryToDelete } from '../plain-client.ts';
import { backlogBucket } from './acts.ts';
import type { Approving, Mood } from './approving.ts';
import type { Difference } from './compare.ts';
import type { Draw } from './draw.ts';
import { evidenceBucket, evidenceFolder } from './rules-of-run.ts';
import type { ChaosStore } from './store.ts';
import { listVersions } from './versions.ts';
import type { Weather } from './watch.ts';

/** Versions of the backlog that go, when their time is over, by the plan of one person and the approval of another. */
export interface Disposals {
  /** Takes the next step of a disposition, if there is anything that may go. */
  round(mood: Mood, weather: Weather): Promise<void>;
  end(): Promise<readonly Difference[]>;
  certified(): number;
}

interface Disposal {
  readonly folder: string;
  step: 'plan' | 'approve' | 'delete' | 'certify';
}

/** Days for which the rules keep the backlog. */
const keptDays = 30;
const deletedRate = 0.9;
const mostRoundsInTheEnd = 16;

const planned = z.object({
  bucket: z.string(),
  key: z.string(),
  versionId: z.string(),
  lastModified: z.iso.datetime(),
});

export function createDisposals(
  cloud: Cloud,
  store: ChaosStore,
  { run }: Approving,
  draw: Draw,
  cwd: string,
): Disposals {
  const found: Difference[] = [];
  let current: Disposal | undefined;
  let count = 0;
  let certified = 0;
  const client = store.client(backlogBucket);
  const fileOf = ({ folder }: Disposal, name: string) => join(cwd, folder, name);
  const versionsOf = (disposal: Disposal) =>
    linesOf(fileOf(disposal, 'versions.jsonl')).map((line) => planned.parse(line));

  const steps: Readonly<
    Record<Disposal['step'], (disposal: Disposal, mood: Mood, weather: Weather) => Promise<void>>
  > = {
    async plan(disposal, _mood, weather) {
      const address = formatAddress(store.cloud, { bucket: backlogBucket });
      const words = ['disposition', 'plan', address, '--out', disposal.folder];
      const { stdout, stderr } = await run('operator', words, weather);
      // One that was killed is not gone on with once other matters are open.
      if (`${stdout}${stderr}`.includes('CHECKPOINT_MISMATCH'))
        await run('operator', [...words, '--restart'], weather);
      if (!existsSync(fileOf(disposal, 'plan.json'))) return;
      const now = cloud.time.now().getTime();
      const versions = versionsOf(disposal);
      for (const { key, versionId, lastModified } of versions)
        if (Date.parse(lastModified) + keptDays * day > now)
          found.push({ kind: 'released early', what: `a plan of disposition has ${key} ${versionId}` });
      if (versions.length === 0) current = undefined;
      else disposal.step = 'approve';
    },
    async approve(disposal, mood, weather) {
      if (mood === 'none' || mood === 'late') {
        await run('operator', ['disposition', 'certify', disposal.folder], weather);
        return;
      }
      const span = mood === 'soon over' ? '1h' : '30d';
      const who = mood === 'own' ? 'operator' : 'approver';
      const words = [
        'disposition',
        'approve',
        disposal.folder,
        '--for',
        span,
        '--reason',
        'a review',
        '--yes',
      ];
      const { code } = await run(who, words, weather);
      if (code === 0) disposal.step = 'delete';
    },
    async delete(disposal) {
      for (const { key, versionId } of versionsOf(disposal))
        if (draw.chance(deletedRate)) await tryToDelete(client, key, versionId);
      disposal.step = 'certify';
    },
    async certify(disposal, _mood, weather) {
      await run('operator', ['disposition', 'certify', disposal.folder], weather);
      if (!existsSync(fileOf(disposal, 'certificate.json'))) return;
      certified += 1;
      current = undefined;
    },
  };
  const round = async (mood: Mood, weather: Weather) => {
    if (current === undefined) {
      if (!(await hasOld())) return;
      count += 1;
      current = { folder: `disposition-${count}`, step: 'plan' };
    }
    await steps[current.step](current, mood, weather);
  };
  const hasOld = async () => {
    const now = cloud.time.now().getTime();
    const versions = await listVersions(client);
    return versions.some(({ lastModified }) => Date.parse(lastModified) + keptDays * day < now);
  };

  return {
    round,
    certified: () => certified,
    async end() {
      await round('approved', 'calm');
      for (let tries = 0; tries < mostRoundsInTheEnd && current !== undefined; tries += 1)
        await round('approved', 'calm');
      if (current !== undefined)
        found.push({ kind: 'approved in vain', what: `${current.folder} stands at: ${current.step}` });
      const records = await recordsOfDispositions(store);
      const of = (action: string, plan: string) =>
        records.filter((each) => each.action === action && each.plan === plan);
      for (const { plan, action } of records) {
        if (action !== 'disposition-certified') continue;
        const makers = of('disposition-planned', plan).map(({ caller }) => caller);
        const isApproved = of('disposition-approved', plan).some(({ caller }) => !makers.includes(caller));
        if (!isApproved) found.push({ kind: 'not approved', what: `the certificate of plan ${plan}` });
      }
      return found;
    },
  };
}

const step = z.object({ action: z.string(), plan: z.string(), caller: z.string() });

/** Reads what the evidence has of dispositions, with the plain client. */
async function recordsOfDispositions(store: ChaosStore): Promise<z.infer<typeof step>[]> {
  const client = store.client(evidenceBucket);
  const files = (await listVersions(client, `${evidenceFolder}2`)).filter(({ name }) =>
    name.includes('disposition'),
  );
  const texts = await pLimit(8).map(files, async ({ name, versionId }) => {
    const params = {
      method: 'GET',
      bucket: evidenceBucket,
      object: name,
      subres: { versionId },
      headers: {},
    };
    return (await client.request(params)).data.toString();
  });
  return texts.flatMap((text) =>
    text.split('\n').flatMap((line) => {
      const { data } = step.safeParse(parsed(line));
      return data === undefined ? [] : [data];
    }),
  );
}

const linesOf = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(parsed);

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
