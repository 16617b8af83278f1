import type { RequestListener } from 'node:http';
import type { CloudName } from '../../shared/platform/address.ts';
import { type Listener, listen } from '../http.ts';
import { createObs, type Obs, type ObsOptions } from './index.ts';

/** An embedded OBS and where it is reached. */
export interface ServedObs {
  readonly url: string;
  readonly region: string;
  readonly server: Obs;
}

/** Makes the OBS of an embedded cloud; undefined when it is not served. */
export function serveObs(
  clouds: readonly CloudName[],
  { url, ...options }: ObsOptions & { readonly url: string },
): ServedObs | undefined {
  if (!clouds.includes('obs')) return undefined;
  return { url, region: options.region, server: createObs(options) };
}

/** The ports of an embedded cloud. */
export interface Ports {
  readonly first: Listener;
  /** It is the listener of OBS beside OSS. */
  readonly second: Listener | undefined;
  close(): Promise<void>;
}

/**
 * Opens one port, or two where both clouds are served.
 * @param answerAs makes what answers on the port of a cloud
 * @throws the system's error when a port is taken; then none is open
 */
export async function openPorts(
  clouds: readonly CloudName[],
  host: string,
  { port = 0, obsPort = 0 }: { readonly port?: number; readonly obsPort?: number },
  answerAs: (cloud: CloudName) => RequestListener,
): Promise<Ports> {
  const isOss = clouds.includes('oss');
  const first = await listen(answerAs(isOss ? 'oss' : 'obs'), host, port);
  const isBoth = isOss && clouds.includes('obs');
  const open = async () => (isBoth ? await listen(answerAs('obs'), host, obsPort) : undefined);
  const second = await open().catch(async (error) => {
    await first.close();
    throw error;
  });
  return {
    first,
    second,
    async close() {
      await first.close();
      await second?.close();
    },
  };
}
