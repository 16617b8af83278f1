import { channel } from 'node:diagnostics_channel';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openHoldWorld } from '../../cli/hold/world.ts';
import { requestChannels } from '../../shared/storage/oss/request-channels.ts';
import { folderWith } from '../support/cli.ts';
import { holdRules } from '../support/hold-world.ts';
import { rawServer } from '../support/raw-server.ts';

const answer =
  'HTTP/1.1 200 OK\r\nx-oss-request-id: R1\r\ncontent-length: 26\r\n\r\n<VersioningConfiguration/>';

test('a pass over the versions of a matter sends its many requests by undici', async () => {
  const server = await rawServer((socket) => void socket.write(answer));
  onTestFinished(() => server.close());
  vi.stubEnv('ALIBABA_CLOUD_ACCESS_KEY_ID', 'id');
  vi.stubEnv('ALIBABA_CLOUD_ACCESS_KEY_SECRET', 'secret');
  onTestFinished(() => void vi.unstubAllEnvs());
  const started = channel(requestChannels.started); // tells only of requests that do not go over node:http
  let heard = 0;
  const hear = () => {
    heard += 1;
  };
  started.subscribe(hear);
  onTestFinished(() => void started.unsubscribe(hear));

  const { storage } = await openHoldWorld({
    cloud: 'oss',
    region: 'cn-hangzhou',
    endpoint: server.endpoint,
    rules: join(folderWith({ 'rules.yaml': holdRules }), 'rules.yaml'),
    concurrency: 64,
  });
  const send = () => storage.getVersioning('examplebucket');
  for (let sent = 0; sent < 300; sent += 1) await send(); // one of them begins to load undici
  await vi.dynamicImportSettled();
  const before = heard;
  await send();
  expect(heard).toBe(before + 1);
});
