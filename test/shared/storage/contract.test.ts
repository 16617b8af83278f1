import { readOnly } from '../../../shared/storage/dry-run.ts';
import { undiciConnections } from '../../../shared/storage/oss/undici-connections.ts';
import { withRetry } from '../../../shared/storage/retry.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { storageContract } from './contract.ts';
import { embeddedOss, referenceStorage, undiciStorage } from './harness.ts';
import { embeddedObs } from './obs/harness.ts';

storageContract('OSS, addressed by Host header', () => embeddedOss('127.0.0.1'));
storageContract('OSS, addressed by path', () => embeddedOss('localhost'));
storageContract('OSS by undici, addressed by Host header', () =>
  embeddedOss('127.0.0.1', undefined, undiciStorage),
);
storageContract('OSS by undici, addressed by path', () => embeddedOss('localhost', undefined, undiciStorage));
storageContract('OSS by the official client, addressed by Host header', () =>
  embeddedOss('127.0.0.1', undefined, referenceStorage),
);
storageContract('OSS by the official client, addressed by path', () =>
  embeddedOss('localhost', undefined, referenceStorage),
);
storageContract('OSS with retry', () =>
  embeddedOss('127.0.0.1', (storage) => withRetry(storage, { clock: manualClock('2026-11-21T00:00:00Z') })),
);
storageContract('OBS, addressed by host', () => embeddedObs('obs.localhost'), 'reads and writes', false);
storageContract('OBS, addressed by path', () => embeddedObs('127.0.0.1'), 'reads and writes', false);
storageContract(
  'OBS by undici, addressed by host',
  () => embeddedObs('obs.localhost', undefined, undiciConnections()),
  'reads and writes',
  false,
);
storageContract(
  'OBS by undici, addressed by path',
  () => embeddedObs('127.0.0.1', undefined, undiciConnections()),
  'reads and writes',
  false,
);
storageContract(
  'OSS in a dry run',
  () => embeddedOss('127.0.0.1', (storage) => readOnly(storage, () => undefined)),
  'reads',
);
