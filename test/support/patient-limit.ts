import type { TimeLimit } from '../../local/fc/instance.ts';

/**
 * Ends a request of a function long after its time limit. A busy machine may keep a function that ends by itself for a while; one that
 * does not is ended all the same.
 */
export const patientLimit: TimeLimit = (ms, expire) => {
  const timer = setTimeout(expire, 4 * ms);
  return () => clearTimeout(timer);
};
