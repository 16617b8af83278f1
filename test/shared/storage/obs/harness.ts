import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { createObsStorage } from '../../../../shared/storage/obs/index.ts';
import { type Connections, directConnections } from '../../../../shared/storage/oss/connections.ts';
import { versionId } from '../../../../shared/storage/port.ts';
import { type ObsServer, startObs } from '../../../support/obs-server.ts';
import { copyVersions } from '../../../support/store.ts';
import type { StorageHarness } from '../harness.ts';

/** Names below `localhost` do not resolve everywhere. */
const toThisMachine = (connections: Connections): Connections => ({
  route: (origin) => connections.route({ ...origin, hostname: '127.0.0.1' }),
  close: () => connections.close(),
});

interface Asked {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The harness, and where its embedded OBS is. */
export interface ObsHarness extends StorageHarness {
  readonly endpoint: string;
  readonly server: ObsServer;
}

/**
 * The OBS adapter against the embedded OBS; objects are written by requests that are signed here, in path style.
 * @param wallNow the clock of whoever signs elsewhere; the virtual one unless given
 * @param host an IP address is addressed by path; below `obs.localhost` the bucket is part of the name
 * @param connections the way to it
 */
export async function embeddedObs(
  host: '127.0.0.1' | 'obs.localhost',
  wallNow?: () => Date,
  connections = directConnections(),
): Promise<ObsHarness> {
  const server = await startObs(undefined, wallNow && { wallNow });
  const clock = { now: () => server.now(), sleep: () => Promise.resolve() };
  const endpoint = `http://${host}:${server.port}`;
  const obs = createObsStorage({
    region: 'cn-north-4',
    endpoint,
    credentials: { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' },
    clock,
    connections: host === '127.0.0.1' ? connections : toThisMachine(connections),
  });

  /** Sends a request and gives the version id of its reply. */
  const ask = (method: string, path: string, { query = '', headers = {}, body }: Asked = {}) => {
    const own = { ...headers, 'x-obs-date': server.now().toUTCString() };
    const lines = Object.entries(own)
      .filter(([name]) => name.startsWith('x-obs-'))
      .sort();
    const text = lines.map(([name, value]) => `${name}:${value}\n`).join('');
    const target = query === '' ? path : `${path}?${query}`;
    const signature = createHmac('sha1', 'holdfast-secret')
      .update(`${method}\n\n${headers['content-type'] ?? ''}\n\n${text}${target}`)
      .digest('base64');
    return new Promise<ReturnType<typeof versionId> | undefined>((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: server.port,
          method,
          path: target,
          headers: { ...own, authorization: `OBS holdfast:${signature}` },
        },
        (response) => {
          const id = response.headers['x-obs-version-id'];
          response.resume().on('end', () => {
            if ((response.statusCode ?? 0) >= 300)
              reject(new Error(`${method} ${target}: ${response.statusCode}`));
            else resolve(typeof id === 'string' ? versionId(id) : undefined);
          });
        },
      );
      sent.on('error', reject).end(body);
    });
  };
  const pathOf = (bucket: string, key: string) =>
    `/${bucket}/${encodeURIComponent(key).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`;

  const harness: ObsHarness = {
    endpoint,
    server,
    storage: obs,
    direct: obs,
    region: 'cn-north-4',
    now: () => server.now(),
    advance: (ms) => server.advance(ms),
    async createBucket(name, { versioning } = {}) {
      await ask('PUT', `/${name}`);
      if (versioning !== undefined) await harness.setVersioning(name, versioning);
    },
    async setVersioning(bucket, status) {
      const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
      await ask('PUT', `/${bucket}`, { query: 'versioning', body });
    },
    upload(bucket, key, text, tags = {}) {
      const tagging = new URLSearchParams(tags).toString();
      const headers = tagging === '' ? {} : { 'x-obs-tagging': tagging };
      return ask('PUT', pathOf(bucket, key), { headers, body: text });
    },
    async append(bucket, key, text) {
      await ask('POST', pathOf(bucket, key), { query: 'append&position=0', body: text });
    },
    async fill(bucket, [first = '', ...others]) {
      await harness.upload(bucket, first, '');
      copyVersions(server.store, bucket, first, others);
    },
    remove: (bucket, key, version) =>
      ask('DELETE', pathOf(bucket, key), version === undefined ? {} : { query: `versionId=${version}` }),
    fail: (operation, effect, times = 1) => server.obs.faults.add({ operation, effect, times }),
    operations() {
      const names = server.obs.requests.list().map(({ operation }) => operation);
      server.obs.requests.clear();
      return names;
    },
    async close() {
      obs.close();
      await server.close();
    },
  };
  return harness;
}
