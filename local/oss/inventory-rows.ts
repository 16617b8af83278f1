import type { InventoryRequest } from './inventory-request.ts';
import { encode } from './signature/request.ts';
import type { Bucket, ObjectVersion, Version } from './state.ts';
import type { Store } from './store/store.ts';

/** The optional columns that are written, and what is in them for an object. */
const optional: Readonly<Record<string, (version: ObjectVersion, bucket: Bucket | undefined) => string>> = {
  Size: ({ content }) => String(content.size),
  StorageClass: ({ storageClass }) => storageClass,
  LastModifiedDate: ({ lastModified }) => inventoryDate(lastModified),
  ETag: ({ etag }) => etag,
  IsMultipartUploaded: ({ type }) => String(type === 'Multipart'),
  EncryptionStatus: ({ encryption }) => String(encryption !== undefined),
  ObjectAcl: ({ acl }, bucket) => (acl === undefined || acl === 'default' ? (bucket?.acl ?? 'private') : acl),
  TaggingCount: ({ tags }) => String(Object.keys(tags).length),
  ObjectType: ({ type }) => type,
  Crc64: ({ crc64 }) => crc64,
};

/** Dates of inventories have hyphens where others have colons (shared cases, "date-hyphen"). */
function inventoryDate(instant: Date): string {
  return instant
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/:/g, '-');
}

/** Returns the columns of an inventory, in their order. */
export function schemaOf({ allVersions, fields }: InventoryRequest): string[] {
  const ofVersions = allVersions ? ['VersionId', 'IsLatest', 'IsDeleteMarker'] : [];
  return ['Bucket', 'Key', ...ofVersions, ...Object.keys(optional).filter((name) => fields.includes(name))];
}

/** A version that an inventory names. */
interface NamedVersion {
  readonly key: string;
  readonly version: Version;
  readonly isLatest: boolean;
}

/** Returns the versions that an inventory names, by their keys. */
export function* inventoryVersions(
  store: Store,
  name: string,
  request: InventoryRequest,
): Generator<NamedVersion> {
  let key = store.nextKey(name, request.filter.prefix, true);
  while (key?.startsWith(request.filter.prefix)) {
    for (const [index, version] of store.versions(name, key).entries()) {
      if (isWanted(version, index, request)) yield { key, version, isLatest: index === 0 };
    }
    key = store.nextKey(name, key, false);
  }
}

/** Returns the rows of an inventory: the bucket bare, all else quoted, the key URL-encoded, no header. */
export function* inventoryRows(store: Store, name: string, request: InventoryRequest): Generator<string> {
  const bucket = store.bucket(name);
  const columns = schemaOf(request).slice(request.allVersions ? 5 : 2);
  for (const { key, version, isLatest } of inventoryVersions(store, name, request)) {
    const isObject = version.kind === 'object';
    const ofVersion = [version.versionId, String(isLatest), String(!isObject)];
    const cells = columns.map((column) =>
      isObject
        ? (optional[column]?.(version, bucket) ?? '')
        : column === 'LastModifiedDate'
          ? inventoryDate(version.lastModified)
          : '',
    );
    yield `${name},${inventoryCells([encode(key), ...(request.allVersions ? ofVersion : []), ...cells])}\n`;
  }
}

/** Writes cells of a row, each in quotes. */
export const inventoryCells = (cells: readonly string[]): string =>
  cells.map((cell) => `"${cell.replace(/"/g, '""')}"`).join(',');

function isWanted(version: Version, index: number, { allVersions, filter }: InventoryRequest): boolean {
  if (!allVersions && (index > 0 || version.kind !== 'object')) return false;
  const seconds = version.lastModified.getTime() / 1000;
  if (seconds < filter.from || seconds > filter.until) return false;
  if (version.kind !== 'object') return true;
  const { size } = version.content;
  if (size < filter.smallest || size > filter.largest) return false;
  return filter.storageClasses?.includes(version.storageClass) ?? true;
}
