import type { Bucket } from './state.ts';
import type { Store } from './store/store.ts';

/** No address and no source of a copy can name it: a bucket's name ends where a slash is. */
const NAME = 'account/';

/** Returns what is kept of the account itself. It has the form of a bucket, which no list shows. */
export function accountRecord(store: Store): Bucket {
  return store.bucket(NAME) ?? empty;
}

const empty: Bucket = {
  name: NAME,
  createdAt: new Date(0),
  storageClass: 'Standard',
  versioning: 'Unversioned',
  isOfService: true,
};
