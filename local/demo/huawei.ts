import { formatAddress } from '../../shared/platform/address.ts';
import type { PlainClient } from '../plain-client.ts';
import { createObsRetentionBucket } from '../plain-obs.ts';
import { uploadVersion } from '../plain-uploads.ts';
import type { Admin } from './admin.ts';
import { inspect } from './objects.ts';
import { type Check, describe, heading, type ObjectRow, objectTable, say } from './report.ts';
import { obsUploadsOf, type Upload } from './uploads.ts';

/** OBS refuses to delete a protected version in other words than OSS. */
const refusedByObs = '403 AccessDenied';

/** Uploads to the embedded OBS by the same rules, and compares what it holds with what they say. */
export async function showHuawei(url: string, admin: Admin): Promise<Check[]> {
  heading(
    '4. The same rules on Huawei OBS',
    'A plain client of OBS uploads to another cloud. The same rules file and the same code protect its objects, on FunctionGraph ' +
      'instead of Function Compute.',
  );
  const uploads = obsUploadsOf((await admin.now()).getUTCFullYear());
  const clients = new Map<string, PlainClient>();
  const sent: { upload: Upload; client: PlainClient; versionId: string }[] = [];
  for (const upload of uploads) {
    const client = clients.get(upload.bucket) ?? (await createObsRetentionBucket(url, upload.bucket));
    clients.set(upload.bucket, client);
    sent.push({ upload, client, versionId: await uploadVersion(client, upload) });
  }
  await admin.idle();

  const modified = new Map<string, Date>();
  for (const client of clients.values()) {
    const { objects = [] } = await client.getBucketVersions({});
    for (const { versionId, lastModified } of objects) modified.set(versionId, new Date(lastModified));
  }
  const rows: ObjectRow[] = [];
  for (const { upload, client, versionId } of sent) {
    const lastModified = modified.get(versionId);
    if (lastModified === undefined)
      throw new Error(`OBS does not list version ${versionId} of ${upload.key}`);
    rows.push(await inspect(client, upload, versionId, lastModified, refusedByObs));
  }
  objectTable(rows, refusedByObs);
  say('');
  return rows.map(({ upload, ok }) => ({
    what: `${formatAddress('obs', upload)}: ${describe(upload)}`,
    ok,
  }));
}
