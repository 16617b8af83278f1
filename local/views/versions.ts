import { takePage } from '../oss/operations/walk.ts';
import { walkVersions } from '../oss/operations/walk-versions.ts';
import type { Bucket, Version } from '../oss/state.ts';
import type { Store } from '../oss/store/store.ts';
import { isImmutable } from '../oss/worm.ts';
import type { VersionsMarker, VersionsPage, VersionView } from './shown.ts';

/** The part of a bucket that is asked for. */
export interface VersionsWanted {
  readonly prefix: string;
  /** The most versions of the page. */
  readonly limit: number;
  /** The last version of the page before. */
  readonly after: VersionsMarker | undefined;
}

/** Returns one page of a bucket's versions, as they are protected at an instant. */
export function versionsPage(
  store: Store,
  bucket: Bucket,
  { prefix, limit, after }: VersionsWanted,
  now: Date,
): VersionsPage {
  const range = {
    prefix,
    delimiter: '',
    keyMarker: after?.key ?? '',
    versionIdMarker: after?.versionId ?? '',
  };
  const { page, isTruncated } = takePage(walkVersions(store, bucket.name, range), limit);
  const versions = page.flatMap((item) =>
    item.kind === 'version' ? [versionView(bucket, item.key, item.version, item.isLatest, now)] : [],
  );
  const last = versions.at(-1);
  const next = isTruncated && last ? { key: last.key, versionId: last.versionId } : undefined;
  return { versions, ...(next && { next }) };
}

function versionView(
  bucket: Bucket,
  key: string,
  version: Version,
  isLatest: boolean,
  now: Date,
): VersionView {
  const { versionId, lastModified } = version;
  const common = { key, versionId, isLatest, lastModified: lastModified.toISOString() };
  if (version.kind === 'delete marker') {
    return { kind: 'delete-marker', ...common, size: 0, tags: {}, legalHold: false, immutable: false };
  }
  const { content, tags, retention, legalHold } = version;
  return {
    kind: 'version',
    ...common,
    size: content.size,
    tags,
    ...(retention && { retention: { mode: retention.mode, until: retention.retainUntil.toISOString() } }),
    legalHold: legalHold === 'ON',
    immutable: isImmutable(bucket, version, now),
  };
}
