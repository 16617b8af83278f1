import { expect, test } from 'vitest';
import { withCircuit } from '../../../shared/storage/circuit.ts';
import { policiesOf } from '../../../shared/storage/policies.ts';
import { refusal } from '../../support/scripted-server.ts';
import { scriptedStorage } from '../../support/scripted-storage.ts';

const bucket = 'examplebucket';
const broken = refusal(500, 'InternalError');
const denied = refusal(403, 'AccessDenied');
const versioned = { status: 200, body: '<VersioningConfiguration/>' };

const scripted = scriptedStorage();

test('after so many transient failures in a row nothing more is sent, and every call says so', async () => {
  const storage = withCircuit(scripted.storage, 3);
  const sent = scripted.server.requests.length;
  scripted.server.script(broken, broken, broken);
  await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code: 'SERVICE_FAILED' });
  await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code: 'SERVICE_FAILED' });
  const outage = {
    code: 'OUTAGE',
    message: expect.stringMatching(/^3 calls in a row failed.*SERVICE_FAILED/),
  };
  await expect(storage.getVersioning(bucket)).rejects.toMatchObject(outage);
  await expect(storage.getVersioning(bucket)).rejects.toMatchObject(outage);
  await expect(policiesOf(storage, bucket).abortPolicy(bucket)).rejects.toMatchObject(outage);
  expect(scripted.server.requests).toHaveLength(sent + 3);
});

test.each([
  ['an answer', versioned],
  ['a refusal, which is an answer too,', denied],
])('%s in between starts the count anew', async (_what, between) => {
  const storage = withCircuit(scripted.storage, 2);
  for (const reply of [broken, between, broken]) {
    scripted.server.script(reply);
    await storage.getVersioning(bucket).catch((error: unknown) => {
      expect(error).not.toMatchObject({ code: 'OUTAGE' });
    });
  }
  scripted.server.script(broken);
  await expect(storage.getVersioning(bucket)).rejects.toMatchObject({ code: 'OUTAGE' });
});
