import { basename } from 'node:path';
import type { Path } from '../rules/problem.ts';
import { keys, keysBetween, type Language } from '../rules/warnings/language.ts';
import { bucketsOfPattern, readFilterPattern } from './event-pattern.ts';
import type { FunctionProps, Trigger } from './template.ts';

/** This is what one trigger hands to `object-created`. */
export interface Delivery {
  readonly trigger: string;
  /** This is where the trigger stands in s.yaml. */
  readonly path: Path;
  /** undefined: any bucket, or one that nobody can know before the deployment. */
  readonly bucket: string | undefined;
  readonly events: readonly string[];
  readonly keys: Language;
  /** This is how the trigger chooses keys, in words; undefined: it passes all. */
  readonly filter: string | undefined;
}

/** A function of s.yaml under its name there. */
export interface Resource {
  readonly name: string;
  readonly props: FunctionProps;
}

/** Returns the function that a resource deploys: the folder of its code. */
export const isFunction = (name: string, { props }: Resource): boolean => basename(props.code) === name;

/**
 * Returns everything that reaches `object-created`.
 * @param isOpen whether the trigger's bucket depends on a variable that is not set
 */
export function deliveries(resources: readonly Resource[], isOpen: (path: Path) => boolean): Delivery[] {
  return resources
    .filter((resource) => isFunction('object-created', resource))
    .flatMap(({ name, props }) =>
      props.triggers.flatMap((trigger, index): Delivery[] => {
        const path = ['resources', name, 'props', 'triggers', index];
        return deliveryOf(trigger, path, isOpen(path));
      }),
    );
}

function deliveryOf(trigger: Trigger, path: Path, open: boolean): Delivery[] {
  switch (trigger.triggerType) {
    case 'timer':
      return [];
    case 'eventbridge': {
      const { triggerEnable, eventRuleFilterPattern } = trigger.triggerConfig;
      const pattern = readFilterPattern(eventRuleFilterPattern);
      if (!triggerEnable || pattern === undefined) return [];
      const all = { trigger: trigger.triggerName, path, events: pattern.type, keys: keys(undefined) };
      const buckets = open ? [undefined] : (bucketsOfPattern(pattern) ?? [undefined]);
      return buckets.map((bucket) => ({ ...all, bucket, filter: undefined }));
    }
    case 'oss': {
      const { events, filter } = trigger.triggerConfig;
      const { prefix, suffix } = filter.key;
      return [
        {
          trigger: trigger.triggerName,
          path,
          bucket: open ? undefined : trigger.sourceArn.split(':').at(-1),
          events,
          keys: keysBetween(prefix, suffix),
          filter: inWords(prefix, suffix),
        },
      ];
    }
  }
}

function inWords(prefix: string, suffix: string): string | undefined {
  const parts = [
    ...(prefix === '' ? [] : [`begin with "${prefix}"`]),
    ...(suffix === '' ? [] : [`end with "${suffix}"`]),
  ];
  return parts.length === 0 ? undefined : parts.join(' and ');
}
