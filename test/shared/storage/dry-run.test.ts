import { afterAll, beforeAll, expect, test } from 'vitest';
import { dryRunWormId, type PlannedWrite, readOnly } from '../../../shared/storage/dry-run.ts';
import { createOssStorage, type OssStorage } from '../../../shared/storage/oss/index.ts';
import { type Storage, type StorageWrites, versionId, wormId } from '../../../shared/storage/port.ts';
import { type ScriptedServer, scriptedServer } from '../../support/scripted-server.ts';

const at = { bucket: 'examplebucket', key: 'a', versionId: versionId('V1') };
const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;
const worm = wormId('W1');

/** Every write of the port with its arguments; the compiler asks for a new one here. */
const writes: { readonly [Name in keyof StorageWrites]: Parameters<StorageWrites[Name]> } = {
  putRetention: [at, retention],
  putObjectWorm: ['examplebucket', {}],
  initiatePolicy: ['examplebucket', 365],
  lockPolicy: ['examplebucket', worm],
  extendPolicy: ['examplebucket', worm, 730],
  abortPolicy: ['examplebucket'],
};

let server: ScriptedServer;
let plain: OssStorage;
let storage: Storage;
const held: PlannedWrite[] = [];

beforeAll(async () => {
  server = await scriptedServer();
  plain = createOssStorage({
    region: 'cn-hangzhou',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'id', accessKeySecret: 'secret' },
  });
  storage = readOnly(plain, (write) => held.push(write));
});
afterAll(async () => {
  plain.close();
  await server.close();
});

test('a dry run sends no write, and records each with its arguments', async () => {
  server.script({ status: 200 });
  expect(await storage.putRetention(...writes.putRetention)).toEqual({ sent: false, requestId: undefined });
  expect(await storage.putObjectWorm(...writes.putObjectWorm)).toMatchObject({ sent: false });
  expect(await storage.initiatePolicy(...writes.initiatePolicy)).toMatchObject({
    sent: false,
    id: dryRunWormId,
  });
  expect(await storage.lockPolicy(...writes.lockPolicy)).toMatchObject({ sent: false });
  expect(await storage.extendPolicy(...writes.extendPolicy)).toMatchObject({ sent: false });
  expect(await storage.abortPolicy(...writes.abortPolicy)).toMatchObject({ sent: false });
  expect(server.requests).toHaveLength(0);
  expect(held).toEqual(Object.entries(writes).map(([operation, args]) => ({ operation, args })));
});

test('a dry run reads for real', async () => {
  server.script({
    status: 200,
    body: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
  });
  expect(await storage.getVersioning('examplebucket')).toBe('Enabled');
  expect(server.requests.map(({ method }) => method)).toEqual(['GET']);
});

test('a dry run has the calls of the port and no other, so that nothing slips through', () => {
  const { close: _close, ...calls } = plain;
  expect(Object.keys(storage).sort()).toEqual(Object.keys(calls).sort());
});
