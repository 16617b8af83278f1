import { expect, it } from 'vitest';
import {
  DecidedOtherwise,
  holdsWithLastLook,
  untilSent,
  withLastLook,
} from '../../../shared/storage/last-look.ts';
import { type LastLook, type LegalHolds, type Retention, versionId } from '../../../shared/storage/port.ts';

const at = { bucket: 'records', key: 'a', versionId: versionId('V') };
const retention: Retention = { mode: 'COMPLIANCE', until: new Date('2030-01-01T00:00:00Z') };
const receipt = { sent: true, requestId: 'R' };

/** A service that asks each last look it is given, and remembers what it was sent. */
function service() {
  const sent: unknown[] = [];
  const take = async (what: unknown, lastLook?: LastLook) => {
    await lastLook?.();
    sent.push(what);
    return receipt;
  };
  const holds: LegalHolds = {
    getHold: ({ key }) => Promise.resolve(key === 'a'),
    putHold: (to, status, lastLook) => take([to, status], lastLook),
  };
  const putRetention = (to: typeof at, given: Retention, lastLook?: LastLook) => take([to, given], lastLook);
  return { sent, holds, storage: { putRetention, holds } };
}

const refuse = () => Promise.reject(new DecidedOtherwise());

it('retentions and legal holds are sent with their last look, and as they are', async () => {
  const { sent, storage } = service();
  const looks: string[] = [];
  const looked = withLastLook({ ...storage, cloud: 'oss' }, () => Promise.resolve(void looks.push('look')));
  expect(looked.cloud).toBe('oss');
  expect(await looked.putRetention(at, retention)).toBe(receipt);
  expect(await looked.holds.putHold(at, 'ON')).toBe(receipt);
  expect(sent).toEqual([
    [at, retention],
    [at, 'ON'],
  ]);
  expect(looks).toEqual(['look', 'look']);
});

it('nothing is sent where the last look ends it; reading a hold needs none', async () => {
  const { sent, storage, holds } = service();
  const looked = withLastLook(storage, refuse);
  const alone = holdsWithLastLook(holds, refuse);
  const writes = [
    looked.putRetention(at, retention),
    looked.holds.putHold(at, 'ON'),
    alone.putHold(at, 'OFF'),
  ];
  for (const write of writes) await expect(write).rejects.toMatchObject({ name: 'DecidedOtherwise' });
  expect(sent).toEqual([]);
  expect(await looked.holds.getHold(at)).toBe(true);
  expect(await alone.getHold({ ...at, key: 'b' })).toBe(false);
});

it('a service without legal holds has none with a last look either', () => {
  const { putRetention } = service().storage;
  const without: { readonly putRetention: typeof putRetention; readonly holds?: LegalHolds } = {
    putRetention,
  };
  expect(withLastLook({ ...without, holds: undefined }, refuse).holds).toBeUndefined();
});

it('the last look is asked again until an attempt may have taken effect', async () => {
  const asked: string[] = [];
  const until = untilSent(
    () => Promise.resolve(void asked.push('look')),
    (error) => error instanceof RangeError,
  );
  const attempt = (error: Error) =>
    until
      .attempt(async (look) => {
        await look();
        throw error;
      })
      .catch(() => asked.push('failed'));
  await attempt(new RangeError('not begun'));
  await attempt(new TypeError('reset'));
  await attempt(new TypeError('reset'));
  expect(asked).toEqual(['look', 'failed', 'look', 'failed', 'failed']);
});
