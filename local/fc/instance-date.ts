/**
 * Makes `Date` tell virtual time inside the process of a function instance, as libfaketime does for whole programs,
 * so that the function needs no hook for it and runs here exactly as it runs deployed.
 */

const RealDate = Date;

/**
 * Makes a `Date` which, with no arguments, and in `Date.now()`, is real time plus the offset.
 * @param offsetMs how far ahead of real time it is at the moment, in milliseconds
 */
export function virtualDate(offsetMs: () => number): DateConstructor {
  const now = () => RealDate.now() + offsetMs();
  return new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
}

/** Replaces the global `Date`, see {@link virtualDate}. */
export function installVirtualDate(offsetMs: () => number): void {
  const VirtualDate = virtualDate(offsetMs);
  RealDate.prototype.constructor = VirtualDate;
  globalThis.Date = VirtualDate;
}
