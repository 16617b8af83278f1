import * as z from 'zod';
import { type CloudName, isCloudName } from '../../shared/platform/address.ts';
import type { FunctionRuntime } from '../fc/runtime.ts';
import type { Store } from '../oss/store/store.ts';
import { bucketView } from '../views/buckets.ts';
import { functionView } from '../views/functions.ts';
import { type LettersAt, lettersView } from '../views/letters.ts';
import { versionsPage } from '../views/versions.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { type Answer, BadRequest, type Routes } from './answer.ts';

/** The parts of the embedded cloud that the console looks at. */
export interface LookTargets {
  readonly time: VirtualTime;
  /** The object store of each served cloud. */
  readonly stores: ReadonlyMap<CloudName, Store>;
  readonly fc: FunctionRuntime;
  readonly graph: FunctionRuntime;
  /** The folders that dead letters are kept in, by the rules in force. */
  letterPlaces(): Promise<readonly LettersAt[]>;
}

const defaultPage = 100;
const largestPage = 1000;

const pageSize = z.coerce.number().int().min(1).max(largestPage);

/** Makes the routes that only read: buckets, versions, functions and dead letters. */
export function lookRoutes({ time, stores, fc, graph, letterPlaces }: LookTargets): Routes {
  const buckets: Answer = () =>
    [...stores].flatMap(([cloud, store]) =>
      store
        .buckets()
        .filter(({ isOfService }) => isOfService !== true)
        .map((bucket) => bucketView(cloud, bucket, time.now())),
    );

  const versions: Answer = ({ query }) => {
    const cloud = query.get('cloud') ?? 'oss';
    const store = isCloudName(cloud) ? stores.get(cloud) : undefined;
    const name = query.get('bucket') ?? '';
    const bucket = store?.bucket(name);
    if (store === undefined || bucket === undefined) {
      throw new BadRequest(`there is no bucket ${cloud}://${name}`, 'GET /_local/buckets lists them', 404);
    }
    const key = query.get('key-marker');
    const wanted = {
      prefix: query.get('prefix') ?? '',
      limit: limitOf(query),
      after: key === null ? undefined : { key, versionId: query.get('version-id-marker') ?? '' },
    };
    return versionsPage(store, bucket, wanted, time.now());
  };

  const functions: Answer = () => [
    ...[...fc.functions.values()].map((each) => functionView('oss', each)),
    ...[...graph.functions.values()].map((each) => functionView('obs', each)),
  ];

  return {
    'GET buckets': buckets,
    'GET versions': versions,
    'GET functions': functions,
    'GET letters': async () => await lettersView(await letterPlaces()),
  };
}

/** Returns how many items a page is to have. */
export function limitOf(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null) return defaultPage;
  const size = pageSize.safeParse(text);
  if (size.success) return size.data;
  throw new BadRequest(`"${text}" is no number of items`, `send limit=1 to limit=${largestPage}`);
}
