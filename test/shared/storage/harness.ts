import type { RequestParams } from 'ali-oss';
import type { FaultRule } from '../../../local/oss/index.ts';
import { plainClient } from '../../../local/plain-client.ts';
import {
  createOssStorage,
  type OssStorage,
  type OssStorageOptions,
  storageOver,
} from '../../../shared/storage/oss/index.ts';
import { undiciConnections } from '../../../shared/storage/oss/undici-connections.ts';
import { type Storage, type VersionId, versionId } from '../../../shared/storage/port.ts';
import { accessKeyId, accessKeySecret, startOss } from '../../support/oss-server.ts';
import { aliOssTransport } from '../../support/reference/ali-oss-transport.ts';
import { copyVersions } from '../../support/store.ts';

/** A backend to hold to the port's promises, and hands to prepare it that are not Holdfast's own. */
export interface StorageHarness {
  readonly storage: Storage;
  /** The same without decorators, to prepare what a read-only one cannot. */
  readonly direct: Storage;
  /** The region of its buckets. */
  readonly region: string;
  /** The backend's time. */
  now(): Date;
  advance(ms: number): void;
  createBucket(name: string, options?: { versioning?: 'Enabled' | 'Suspended' }): Promise<void>;
  setVersioning(bucket: string, status: 'Enabled' | 'Suspended'): Promise<void>;
  upload(
    bucket: string,
    key: string,
    text: string,
    tags?: Record<string, string>,
  ): Promise<VersionId | undefined>;
  append(bucket: string, key: string, text: string): Promise<void>;
  /** Uploads one object and lays it under all of the keys, without a request for each. */
  fill(bucket: string, keys: readonly string[]): Promise<void>;
  /** Deletes the key, or one version; gives the delete marker's version id if there is one now. */
  remove(bucket: string, key: string, version?: VersionId): Promise<VersionId | undefined>;
  /** Lets the next `times` requests of an operation go wrong. */
  fail(operation: string, effect: FaultRule['effect'], times?: number): void;
  /** The operations asked of the backend since the last call. */
  operations(): string[];
  close(): Promise<void>;
}

/** The adapter over the official client, which Holdfast's own must equal. */
export const referenceStorage = (options: OssStorageOptions): OssStorage =>
  storageOver(aliOssTransport(options));

/** The adapter as commands have it that send many requests. */
export const undiciStorage = (options: OssStorageOptions): OssStorage =>
  createOssStorage({ ...options, connections: undiciConnections() });

/**
 * The adapter under test against the embedded OSS; objects are written by a plain ali-oss client.
 * @param host `localhost` is addressed by path, `127.0.0.1` by Host header
 * @param create makes the adapter
 */
export async function embeddedOss(
  host: 'localhost' | '127.0.0.1',
  decorate: (storage: Storage) => Storage = (storage) => storage,
  create: (options: OssStorageOptions) => OssStorage = createOssStorage,
): Promise<StorageHarness> {
  const server = await startOss();
  const endpoint = `http://${host}:${server.port}`;
  const oss = create({
    region: 'cn-hangzhou',
    endpoint,
    credentials: { accessKeyId, accessKeySecret },
  });
  const client = plainClient(`http://127.0.0.1:${server.port}`, 'unused');
  const ask = async (request: Pick<RequestParams, 'method' | 'bucket'> & Partial<RequestParams>) => {
    const reply = await client.request({ subres: {}, headers: {}, ...request });
    if (reply.status >= 300) throw new Error(`${request.method} was refused: ${reply.data.toString()}`);
    const id = reply.headers['x-oss-version-id'];
    return id === undefined ? undefined : versionId(id);
  };
  const harness: StorageHarness = {
    storage: decorate(oss),
    direct: oss,
    region: 'cn-hangzhou',
    now: () => server.now(),
    advance: (ms) => server.advance(ms),
    async createBucket(name, { versioning } = {}) {
      await ask({ method: 'PUT', bucket: name });
      if (versioning !== undefined) await harness.setVersioning(name, versioning);
    },
    async setVersioning(bucket, status) {
      const content = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
      await ask({ method: 'PUT', bucket, subres: { versioning: '' }, mime: 'xml', content });
    },
    upload(bucket, key, text, tags = {}) {
      const tagging = new URLSearchParams(tags).toString();
      const headers = tagging === '' ? {} : { 'x-oss-tagging': tagging };
      return ask({ method: 'PUT', bucket, object: key, headers, content: text });
    },
    async append(bucket, key, text) {
      const subres = { append: '', position: '0' };
      await ask({ method: 'POST', bucket, object: key, subres, content: text });
    },
    async fill(bucket, [first = '', ...others]) {
      await harness.upload(bucket, first, '');
      copyVersions(server.store, bucket, first, others);
    },
    remove(bucket, key, version) {
      const subres: Record<string, string> = version === undefined ? {} : { versionId: version };
      return ask({ method: 'DELETE', bucket, object: key, subres });
    },
    fail: (operation, effect, times = 1) => server.oss.faults.add({ operation, effect, times }),
    operations() {
      const names = server.oss.requests.list().map(({ operation }) => operation);
      server.oss.requests.clear();
      return names;
    },
    async close() {
      oss.close();
      await server.close();
    },
  };
  return harness;
}
