import { expect, test } from 'vitest';
import { dryRunWormId, type PlannedWrite, readOnly } from '../../../shared/storage/dry-run.ts';
import { holdsOf } from '../../../shared/storage/holds.ts';
import { policiesOf } from '../../../shared/storage/policies.ts';
import {
  type BucketPolicies,
  type LegalHolds,
  type StorageWrites,
  versionId,
  wormId,
} from '../../../shared/storage/port.ts';
import { scriptedStorage } from '../../support/scripted-storage.ts';

const at = { bucket: 'examplebucket', key: 'a', versionId: versionId('V1') };
const retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') } as const;
const worm = wormId('W1');

interface Writes extends StorageWrites, Omit<BucketPolicies, 'getPolicy'>, Omit<LegalHolds, 'getHold'> {}

/** Every write of the port with its arguments; the compiler asks for a new one here. */
const writes: { readonly [Name in keyof Writes]: Parameters<Writes[Name]> } = {
  putRetention: [at, retention],
  writeText: [{ bucket: 'examplebucket', key: 'a' }, 'text'],
  putObjectWorm: ['examplebucket', {}],
  initiatePolicy: ['examplebucket', 365],
  lockPolicy: ['examplebucket', worm],
  extendPolicy: ['examplebucket', worm, 730],
  abortPolicy: ['examplebucket'],
  putHold: [at, 'ON'],
};

const scripted = scriptedStorage();
const held: PlannedWrite[] = [];
const dry = () => readOnly(scripted.storage, (write) => held.push(write));

test('a dry run sends no write, and records each with its arguments', async () => {
  scripted.server.script({ status: 200 });
  const storage = dry();
  const policies = policiesOf(storage, 'examplebucket');
  expect(await storage.putRetention(...writes.putRetention)).toEqual({ sent: false, requestId: undefined });
  expect(await storage.writeText(...writes.writeText)).toMatchObject({ sent: false });
  expect(await storage.putObjectWorm(...writes.putObjectWorm)).toMatchObject({ sent: false });
  expect(await policies.initiatePolicy(...writes.initiatePolicy)).toMatchObject({
    sent: false,
    id: dryRunWormId,
  });
  expect(await policies.lockPolicy(...writes.lockPolicy)).toMatchObject({ sent: false });
  expect(await policies.extendPolicy(...writes.extendPolicy)).toMatchObject({
    sent: false,
  });
  expect(await policies.abortPolicy(...writes.abortPolicy)).toMatchObject({ sent: false });
  const holds = holdsOf(storage);
  expect(await holds.putHold(...writes.putHold)).toEqual({ sent: false, requestId: undefined });
  expect(scripted.server.requests).toHaveLength(0);
  expect(held).toEqual(Object.entries(writes).map(([operation, args]) => ({ operation, args })));
});

test('a dry run reads for real', async () => {
  scripted.server.script({
    status: 200,
    body: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
  });
  expect(await dry().getVersioning('examplebucket')).toBe('Enabled');
  expect(scripted.server.requests.map(({ method }) => method)).toEqual(['GET']);
});

test('a dry run has the calls of the port and no other, so that nothing slips through', () => {
  const { close: _close, ...calls } = scripted.storage;
  expect(Object.keys(dry()).sort()).toEqual(Object.keys(calls).sort());
  expect(Object.keys(dry().policies ?? {}).sort()).toEqual(Object.keys(calls.policies).sort());
  expect(Object.keys(dry().holds ?? {}).sort()).toEqual(Object.keys(calls.holds).sort());
});
