import { keepWasmCompilerSmall } from '../../platform/memory.ts';
import { type Connections, directConnections } from './connections.ts';

/**
 * Most commands send fewer. Loading undici takes as much CPU as it saves in 300 requests: the first requests are the dearest, and those over
 * `node:http` warm nothing up for undici. A run over 8,000 versions took an eighth less CPU than with a change after 1,000.
 */
const usualAfter = 200;

/**
 * Returns connections straight to the service that begin with `node:http`, and change to undici once a command turns out to
 * send many requests. What is under way then ends where it began.
 * @param after so many requests
 */
export function undiciLater(after = usualAfter): Connections & { readonly loaded: () => Promise<void> } {
  const direct = directConnections();
  let current = direct;
  let requests = 0;
  let loading: Promise<void> | undefined;
  const load = async () => {
    keepWasmCompilerSmall();
    const { undiciConnections } = await import('./undici-connections.ts');
    current = undiciConnections();
  };
  return {
    straight: true,
    route(origin) {
      requests += 1;
      // Where it cannot be loaded, everything goes on over node:http.
      if (requests > after) loading ??= load().catch(() => undefined);
      return current.route(origin);
    },
    close() {
      direct.close();
      current.close();
    },
    /** Resolves when a change that has begun is made. */
    loaded: () => loading ?? Promise.resolve(),
  };
}
