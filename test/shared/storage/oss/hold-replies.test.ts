import { describe, expect, test } from 'vitest';
import { holdsOf } from '../../../../shared/storage/holds.ts';
import { createObsStorage } from '../../../../shared/storage/obs/index.ts';
import type { OssStorage } from '../../../../shared/storage/oss/index.ts';
import { versionId } from '../../../../shared/storage/port.ts';
import { refusal } from '../../../support/scripted-server.ts';
import { ok, scriptedStorage, unexpected } from '../../../support/scripted-storage.ts';

// The replies are those of the recordings of multicloudj (aliblobstoreit_*), and what a service without the call may say.

const at = { bucket: 'examplebucket', key: 'a', versionId: versionId('V1') };
const scripted = scriptedStorage();
const get = ({ holds }: OssStorage) => holds.getHold(at);
const put = ({ holds }: OssStorage) => holds.putHold(at, 'ON');
const document = (status: string) =>
  ok(`<?xml version="1.0" encoding="UTF-8"?>\n<LegalHold>\n  <Status>${status}</Status>\n</LegalHold>\n`);

describe('the legal hold of a version', () => {
  test('is written as the recorded request', async () => {
    await scripted.on({ status: 200, headers: { 'x-oss-request-id': 'R1' } }, put);
    const [request] = scripted.server.requests;
    expect(request).toMatchObject({ method: 'PUT', body: '<LegalHold><Status>ON</Status></LegalHold>' });
    const parameters = new URLSearchParams(request?.target.split('?')[1]);
    expect([...parameters.keys()].sort()).toEqual(['legalHold', 'versionId']);
    expect(parameters.get('versionId')).toBe('V1');
  });

  test.each([
    ['ON', true],
    ['OFF', false],
  ])('is read from status %s', async (status, on) => {
    expect(await scripted.on(document(status), get)).toBe(on);
  });

  test('is off where it was never set', async () => {
    expect(await scripted.on(refusal(404, 'NoSuchObjectLegalHoldConfiguration'), get)).toBe(false);
  });

  test.each(['', 'on', 'MAYBE'])('is not guessed from status "%s"', async (status) => {
    await expect(scripted.on(document(status), get)).rejects.toMatchObject(unexpected);
  });

  test.each([
    [400, 'InvalidRequest', 'HOLD_NOT_OFFERED'],
    [501, 'NotImplemented', 'HOLD_NOT_OFFERED'],
    [403, 'AccessDenied', 'ACCESS_DENIED'],
    [400, 'OperationNotSupported', 'REQUEST_REFUSED'],
    [405, 'MethodNotAllowed', 'IS_DELETE_MARKER'],
    [404, 'NoSuchKey', 'NO_SUCH_OBJECT'],
  ])('is refused by status %i, %s, as %s', async (status, answer, code) => {
    await expect(scripted.on(refusal(status, answer), put)).rejects.toMatchObject({ code });
    await expect(scripted.on(refusal(status, answer), get)).rejects.toMatchObject({ code });
  });

  test('is not offered on OBS, and nothing is sent', async () => {
    const credentials = { accessKeyId: 'i', accessKeySecret: 's' };
    const obs = createObsStorage({ region: 'cn-north-4', endpoint: 'http://127.0.0.1:1', credentials });
    const at = { bucket: 'examplebucket', key: 'a', versionId: versionId('v') };
    const refused = {
      code: 'HOLD_NOT_OFFERED',
      message: expect.stringContaining('obs://examplebucket'),
    };
    await expect(holdsOf(obs).putHold(at, 'ON')).rejects.toMatchObject(refused);
    await expect(holdsOf(obs).getHold(at)).rejects.toMatchObject(refused);
  });
});
