import { createOssStorage } from '../../shared/storage/oss/index.ts';
import { undiciConnections } from '../../shared/storage/oss/undici-connections.ts';
import { type Storage, versionId } from '../../shared/storage/port.ts';
import { bareClient } from './bare-client.ts';
import { cpuMs, type Figure, median } from './figure.ts';
import { inTurns } from './in-turns.ts';
import { retentionServer } from './retention-server.ts';

const objects = 3000;
const underWay = 64;
const rounds = 5;
const credentials = { accessKeyId: 'holdfast', accessKeySecret: 'holdfast-secret' };
const until = new Date('2066-01-01T00:00:00Z');

/** CPU for HEAD and PutObjectRetention of each object, against a bare client that signs and sends the same. */
export const transport: Figure = async () => {
  const server = await retentionServer(0);
  try {
    const endpoint = `http://127.0.0.1:${server.port}`;
    const options = { region: 'cn-hangzhou', endpoint, credentials };
    const bare = bareClient(server.port);
    const theirs: number[] = [];
    const ways = [
      { name: 'transport of the functions', storage: createOssStorage(options), ms: [] as number[] },
      {
        name: 'transport of bulk commands',
        storage: createOssStorage({ ...options, connections: undiciConnections() }),
        ms: [] as number[],
      },
    ];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await cpuFor(bare.headAndPut));
      for (const { storage, ms } of ways) ms.push(await cpuFor((key) => protect(storage, key)));
    }
    const each = (values: readonly number[]) => (median(values) / objects) * 1000;
    return ways.map(({ name, ms }) => ({
      what: `${name}, CPU for HEAD and PutObjectRetention`,
      value: `${each(ms).toFixed(0)} µs`,
      reference: `bare client, ${each(theirs).toFixed(0)} µs`,
      measured: each(ms) / each(theirs),
      goal: 1.25,
      ours: true,
    }));
  } finally {
    server.close();
  }
};

async function protect(storage: Storage, key: string): Promise<void> {
  await storage.headObject({ bucket: 'bench', key, versionId: versionId('V') });
  await storage.putRetention(
    { bucket: 'bench', key, versionId: versionId('V') },
    { mode: 'COMPLIANCE', until },
  );
}

async function cpuFor(each: (key: string) => Promise<void>): Promise<number> {
  const before = cpuMs();
  await inTurns(objects, underWay, each);
  return cpuMs() - before;
}
