import { opener, performer, receipt } from '../oss/call.ts';
import type { OssCredentials } from '../oss/options.ts';
import { type Deadline, type Transport, transportTo } from '../oss/transport.ts';
import { listVersions } from '../oss/versions.ts';
import type { ObjectStore, Receipt } from '../port.ts';
import { obsApi } from './api.ts';
import { obsBucketCalls } from './buckets.ts';
import { obsObjectCalls } from './objects.ts';
import { type ObsStorageOptions, obsWire } from './wire.ts';

export type { ObsStorageOptions } from './wire.ts';

/** The storage port over OBS, with connections of its own. It has no bucket policies. */
export interface ObsStorage extends ObjectStore {
  /** Closes the idle connections. The storage stays usable: a later call opens new ones. */
  close(): void;
}

/** Connections to OBS, over which storages for single pieces of work are made. */
export interface ObsConnection {
  /**
   * Makes the storage for a piece of work; it costs next to nothing.
   * @param deadline no request lasts longer, and none begins afterwards (NO_TIME_LEFT)
   * @param credentials sign the requests instead of those of the options
   * @throws CONFIG_INVALID for credentials that cannot be used
   */
  storage(deadline?: Deadline, credentials?: OssCredentials): ObjectStore;
}

/**
 * Returns the storage port over Huawei OBS: signatures OBS, HTTPS unless the endpoint says `http://`. Nothing is
 * retried here, and no redirect is followed.
 * @param deadline no request lasts longer, and none begins afterwards (NO_TIME_LEFT)
 * @throws CONFIG_INVALID for a region, an endpoint or credentials that cannot be used
 */
export function createObsStorage(options: ObsStorageOptions, deadline?: Deadline): ObsStorage {
  const transport = transportTo(obsWire(options), options);
  return { ...obsCalls(transport, deadline), close: () => transport.close() };
}

/**
 * Makes the connections that the storages of many pieces of work share; otherwise like {@link createObsStorage}.
 * @throws CONFIG_INVALID for a region, an endpoint or credentials that cannot be used
 */
export function connectObs(options: ObsStorageOptions): ObsConnection {
  const transport = transportTo(obsWire(options), options);
  return {
    storage: (deadline, credentials) =>
      obsCalls(credentials === undefined ? transport : transport.as(credentials), deadline),
  };
}

/** Sets buckets up, which the storage port does not do. */
export interface ObsSetup {
  /**
   * Turns versioning on. Nobody can turn it off again once WORM is on.
   * @throws what the service refuses
   */
  enableVersioning(bucket: string): Promise<Receipt>;
  /** Closes the idle connections. */
  close(): void;
}

/**
 * Returns the calls that set buckets up; otherwise like {@link createObsStorage}.
 * @throws CONFIG_INVALID for a region, an endpoint or credentials that cannot be used
 */
export function createObsSetup(options: ObsStorageOptions): ObsSetup {
  const transport = transportTo(obsWire(options), options);
  const perform = performer(transport, undefined, obsApi);
  return {
    enableVersioning: (bucket) =>
      perform('enableVersioning', {
        method: 'PUT',
        bucket,
        query: { versioning: '' },
        xml: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
        success: [200],
        read: receipt,
      }),
    close: () => transport.close(),
  };
}

function obsCalls(transport: Transport, deadline: Deadline | undefined): ObjectStore {
  const perform = performer(transport, deadline, obsApi);
  const buckets = obsBucketCalls(perform);
  return {
    cloud: 'obs',
    ...obsObjectCalls(perform, opener(transport, deadline, obsApi), buckets.getObjectWorm),
    ...buckets,
    listVersions: listVersions(perform, typeOfListed),
  };
}

/** A list names the type only of what can be appended to, and in capitals. */
const typeOfListed = (type: string | undefined): string =>
  type === 'APPENDABLE' ? 'Appendable' : (type ?? 'Normal');
