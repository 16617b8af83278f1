import pLimit from 'p-limit';
import * as z from 'zod';
import { minute } from '../../shared/platform/instant.ts';
import type { PlainClient } from '../plain-client.ts';
import { listVersions } from './versions.ts';

/**
 * Approvals as they lie in the folder of the evidence, read with the plain client, and by other means than the product: who has
 * written one is told by its folder, when by the service, and what counts is decided anew here.
 */

const act = z.looseObject({ act: z.string() });

/** An act that was approved, as an approval names it. */
export type ApprovedAct = z.infer<typeof act>;

const written = z.object({ until: z.iso.datetime(), subjects: z.array(act) });

/** One approval, and from when to when it was in force, in milliseconds. */
export interface GivenApproval {
  readonly key: string;
  readonly by: string;
  readonly from: number;
  /** Its own end, or when it was taken back. */
  readonly until: number;
  readonly acts: readonly ApprovedAct[];
}

/** Something that was done, or was tried, and that needed an approval. */
export interface Happening {
  readonly what: string;
  /** The access key that did it; a function has none that could approve. */
  readonly by: string;
  /** The instants at which it may have been done, in milliseconds: it has to have been approved at one of these. */
  readonly times: readonly number[];
  covers(act: ApprovedAct): boolean;
}

/** A command or a run of the timer reads the approvals, and writes after that: it may take so long. */
const slackMs = 5 * minute;

/** @param takenBack when delete markers were put over approvals, by key */
export async function readLedger(
  client: PlainClient,
  bucket: string,
  folder: string,
  takenBack: ReadonlyMap<string, number>,
): Promise<readonly GivenApproval[]> {
  const read = async ({ name, versionId, lastModified }: Listed): Promise<GivenApproval> => {
    const params = { method: 'GET', bucket, object: name, subres: { versionId }, headers: {} };
    const { status, data } = await client.request(params);
    if (status !== 200) throw new Error(`GET ${name} answered ${status}`);
    const { until, subjects } = written.parse(JSON.parse(data.toString()));
    const [by = ''] = name.slice(folder.length).split('/');
    const end = Math.min(Date.parse(until), takenBack.get(name) ?? Number.POSITIVE_INFINITY);
    return { key: name, by, from: Date.parse(lastModified), until: end, acts: subjects };
  };
  return await pLimit(8).map(await listVersions(client, folder), read);
}

type Listed = Awaited<ReturnType<typeof listVersions>>[number];

/** Returns the approvals of an act by somebody else than who does it. */
export const approvalsOf = (
  ledger: readonly GivenApproval[],
  { by, covers }: Pick<Happening, 'by' | 'covers'>,
): readonly GivenApproval[] =>
  ledger.filter((given) => given.by !== by && given.acts.some((each) => covers(each)));

/** Tells whether something was approved by somebody else at the instant at which it was done. */
export const wasApproved = (ledger: readonly GivenApproval[], happening: Happening): boolean =>
  approvalsOf(ledger, happening).some(({ from, until }) =>
    happening.times.some((time) => from <= time && time < until + slackMs),
  );
