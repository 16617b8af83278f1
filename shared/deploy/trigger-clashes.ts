import type { FunctionProps, OssTrigger, Trigger } from './schema.ts';

/** A mistake that two triggers make together, and where the second stands. */
interface Clash {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

interface Placed {
  readonly trigger: OssTrigger;
  readonly path: readonly PropertyKey[];
}

/** The most native triggers of one bucket (Function Compute, "Overview of OSS triggers": limits). */
export const mostOfOneBucket = 10;

/**
 * Finds native OSS triggers of one bucket that Function Compute refuses to create beside each other: an event of both is
 * the same, and so are prefix and suffix as far as the shorter of each goes. An absent prefix or suffix matches all.
 * Source: Function Compute, "Overview of OSS triggers", trigger conflict rules.
 */
export function triggerClashes(
  resources: readonly (readonly [name: string, resource: { readonly props: FunctionProps }])[],
): Clash[] {
  const placed = resources.flatMap(([name, { props }]) =>
    props.triggers.flatMap((trigger, index): Placed[] =>
      trigger.triggerType === 'oss'
        ? [{ trigger, path: ['resources', name, 'props', 'triggers', String(index)] }]
        : [],
    ),
  );
  return placed.flatMap(({ trigger, path }, index) => {
    const before = placed.slice(0, index).filter((one) => one.trigger.sourceArn === trigger.sourceArn);
    const bucket = trigger.sourceArn.split(':').at(-1);
    const other = before.find((one) => triggersOverlap(one.trigger, trigger))?.trigger;
    if (other !== undefined) {
      const message =
        `triggers ${other.triggerName} and ${trigger.triggerName} of bucket ${bucket} overlap in event, prefix and ` +
        'suffix, and Function Compute refuses the second: make their filters exclude each other, or use EventBridge (TRIGGERS_OVERLAP)';
      return [{ path, message }];
    }
    if (before.length < mostOfOneBucket) return [];
    return [
      { path, message: `bucket ${bucket} has more than ${mostOfOneBucket} native triggers; use EventBridge` },
    ];
  });
}

/** Tells a native OSS trigger from the others. */
export const isOssTrigger = (trigger: Trigger): trigger is OssTrigger => trigger.triggerType === 'oss';

/** Tells for two native triggers of one bucket if they would fire for the same event, which the service lets no two do. */
export function triggersOverlap(
  { triggerConfig: one }: OssTrigger,
  { triggerConfig: other }: OssTrigger,
): boolean {
  const [a, b] = [one.filter.key, other.filter.key];
  return (
    one.events.some((event) => other.events.some((also) => covers(event, also) || covers(also, event))) &&
    (a.prefix.startsWith(b.prefix) || b.prefix.startsWith(a.prefix)) &&
    (a.suffix.endsWith(b.suffix) || b.suffix.endsWith(a.suffix))
  );
}

const covers = (event: string, other: string): boolean =>
  event === other || (event.endsWith(':*') && other.startsWith(event.slice(0, -1)));
