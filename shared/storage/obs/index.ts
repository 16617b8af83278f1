import { opener, performer } from '../oss/call.ts';
import { type Deadline, transportTo } from '../oss/transport.ts';
import { listVersions } from '../oss/versions.ts';
import type { ObjectStore } from '../port.ts';
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

/**
 * The storage port over Huawei OBS: signatures OBS, HTTPS unless the endpoint says `http://`. Nothing is retried here, and no
 * redirect is followed.
 * @param deadline no request lasts longer, and none begins afterwards (NO_TIME_LEFT)
 * @throws CONFIG_INVALID for a region, an endpoint or credentials that cannot be used
 */
export function createObsStorage(options: ObsStorageOptions, deadline?: Deadline): ObsStorage {
  const transport = transportTo(obsWire(options), options);
  const perform = performer(transport, deadline, obsApi);
  const buckets = obsBucketCalls(perform);
  return {
    cloud: 'obs',
    ...obsObjectCalls(perform, opener(transport, deadline, obsApi), buckets.getObjectWorm),
    ...buckets,
    listVersions: listVersions(perform, typeOfListed),
    close: () => transport.close(),
  };
}

/** A list names the type only of what can be appended to, and in capitals. */
const typeOfListed = (type: string | undefined): string =>
  type === 'APPENDABLE' ? 'Appendable' : (type ?? 'Normal');
