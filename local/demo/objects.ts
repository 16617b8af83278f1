import type { OssClient } from 'ali-oss';
import * as z from 'zod';
import { createRetentionBucket, heldRetention, type PlainClient, tryToDelete } from '../plain-client.ts';
import { uploadVersion } from '../plain-uploads.ts';
import type { Admin, Run } from './admin.ts';
import { parseLogLine } from './complaints.ts';
import { type Check, describe, failures, heading, type ObjectRow, objectTable, say } from './report.ts';
import { type Upload, uploadsOf } from './uploads.ts';

const refusedByOss = '409 FileImmutable';

/** Uploads, waits, and compares what the server holds with what the rules say. */
export async function showObjects(url: string, admin: Admin): Promise<Check[]> {
  heading(
    '1. Objects: each upload is protected the moment it lands',
    'A plain OSS client uploads files; it knows nothing of Holdfast. Each upload fires the function object-created, ' +
      'which puts the retention of the matching rule on exactly that version: nobody can delete it before that date. ' +
      'One key is overwritten twice at once: each of its three versions is kept by its own tag.',
  );
  const uploads = uploadsOf((await admin.now()).getUTCFullYear());
  const clients = new Map<string, OssClient>();
  for (const { bucket } of uploads) {
    if (!clients.has(bucket)) clients.set(bucket, await createRetentionBucket(url, bucket));
  }
  say(
    `Uploading ${uploads.length} versions to ${clients.size} buckets, one after the other, waiting for nothing.`,
  );
  const sent: { upload: Upload; versionId: string }[] = [];
  for (const upload of uploads) {
    sent.push({ upload, versionId: await uploadVersion(clientOf(clients, upload.bucket), upload) });
  }
  await admin.idle();

  const versions = new Map<string, Date>();
  for (const client of clients.values()) {
    const { objects = [] } = await client.getBucketVersions({});
    for (const { versionId, lastModified } of objects) versions.set(versionId, new Date(lastModified));
  }
  const rows: ObjectRow[] = [];
  for (const { upload, versionId } of sent) {
    const lastModified = versions.get(versionId);
    if (lastModified === undefined)
      throw new Error(`the server does not list version ${versionId} of ${upload.key}`);
    rows.push(await inspect(clientOf(clients, upload.bucket), upload, versionId, lastModified, refusedByOss));
  }
  objectTable(rows, refusedByOss);
  const runs = await admin.runs('holdfast-object-created');
  return [
    ...rows.map(({ upload, ok }) => ({ what: `${upload.bucket}/${upload.key}: ${describe(upload)}`, ok })),
    { what: 'the server holds these versions and no others', ok: versions.size === uploads.length },
    ...checkFailures(runs, uploads),
  ];
}

function clientOf(clients: ReadonlyMap<string, OssClient>, bucket: string): OssClient {
  const client = clients.get(bucket);
  if (client === undefined) throw new RangeError(`there is no client for ${bucket}`);
  return client;
}

/** Reads one version's retention back and tries to delete the version; one that waits for a person is left alone. */
export async function inspect(
  client: PlainClient,
  upload: Upload,
  versionId: string,
  lastModified: Date,
  refused: string,
): Promise<ObjectRow> {
  const { expect, key } = upload;
  const held = await heldRetention(client, key, versionId);
  const deletion = expect.kind === 'reported' ? undefined : await tryToDelete(client, key, versionId);
  if (expect.kind !== 'kept') {
    const ok = held === undefined && (deletion ?? 'deleted') === 'deleted';
    return { upload, expected: undefined, held, deletion, ok };
  }
  const expected = expect.until(lastModified);
  const exact = held?.mode === 'COMPLIANCE' && held.until.getTime() === expected.getTime();
  return { upload, expected, held, deletion, ok: exact && deletion === refused };
}

const objectEvent = z.object({
  events: z.tuple([z.object({ oss: z.object({ object: z.object({ key: z.string() }) }) })]),
});

const failureLine = z.object({
  level: z.literal('error'),
  key: z.string(),
  code: z.string(),
  reason: z.string(),
});

/** A failure that no repetition can fix ends the run well: the dead letter is written at once, and the log says why. */
function failureIn(text: string): { key: string; code: string; message: string }[] {
  const { data } = failureLine.safeParse(parseLogLine(text));
  return data === undefined ? [] : [{ key: data.key, code: data.code, message: data.reason }];
}

/** The function fails for the uploads that it is to fail for, with the code that says why, and for no others. */
function checkFailures(runs: readonly Run[], uploads: readonly Upload[]): Check[] {
  const failed = runs.flatMap(({ event, status, error, logs }) => {
    if (status === 'succeeded') return logs.flatMap(failureIn);
    const key = objectEvent.safeParse(event).data?.events[0].oss.object.key ?? 'an unknown object';
    return [{ key, code: error?.errorType ?? status, message: error?.errorMessage ?? '' }];
  });
  if (failed.length > 0) {
    say(
      '\nWhat the function could not protect, it reports in its log, with a code, the reason and what to do:',
    );
    failures(failed);
  }
  const wanted = new Map(
    uploads.flatMap(({ key, expect }) => (expect.kind === 'reported' ? [[key, expect.code]] : [])),
  );
  return [
    ...[...wanted].map(([key, code]) => ({
      what: `${key} is reported as ${code}`,
      ok: failed.some((failure) => failure.key === key && failure.code === code),
    })),
    ...failed
      .filter(({ key }) => !wanted.has(key))
      .map(({ key, code }) => ({ what: `the function failed for ${key}: ${code}`, ok: false })),
  ];
}
