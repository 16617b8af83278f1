import { second } from '../platform/instant.ts';
import { aroundPages } from '../storage/listing.ts';
import type { ObjectStore } from '../storage/port.ts';

/** The clock that follows the service may be 2.5 seconds behind it, since the service says its time in whole seconds. */
const clockLag = 3 * second;

/** Tells whether something was stored after an instant, by the time that the service gives it. Pure. */
export const isStoredLater = (lastModified: Date, at: Date): boolean =>
  lastModified.getTime() > at.getTime() + clockLag;

/** Returns a storage whose lists have only what was there at an instant: versions and delete markers that came later are left out. */
export const storageAsOf = <Lists extends Pick<ObjectStore, 'listVersions'>>(
  storage: Lists,
  at: Date,
): Lists => ({
  ...storage,
  listVersions: (...args) =>
    aroundPages(storage.listVersions(...args), async (fetch) => {
      const page = await fetch();
      return { ...page, items: page.items.filter(({ lastModified }) => !isStoredLater(lastModified, at)) };
    }),
});
