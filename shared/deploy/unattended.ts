import type { Rules } from '../rules/types.ts';
import { type Warning, warn } from '../rules/warnings/codes.ts';
import { isFunction, type Resource } from './deliveries.ts';

/** Rules whose work no function of s.yaml ever begins. A rule that locks without a timer is a mistake, told elsewhere. */
export function unattended(
  { objects, buckets, defaults, deadLetters }: Rules,
  resources: readonly Resource[],
): Warning[] {
  const fires = (name: string) =>
    resources.some((resource) => isFunction(name, resource) && resource.props.triggers.length > 0);
  const timed = resources.some(
    (resource) => isFunction('policy-timer', resource) && resource.props.triggers.some(isTimer),
  );
  const keepsLetters = resources.some((resource) => isFunction('dead-letter', resource));
  return [
    ...objects.flatMap(({ name, extend }, index) =>
      extend === undefined || fires('protect-existing')
        ? []
        : [
            warn(
              'never-extended',
              ['objects', index, 'extend'],
              `rule ${name}: nothing in s.yaml runs protect-existing, which extends; give it a trigger, or run ` +
                '`holdfast protect` every day',
            ),
          ],
    ),
    ...objects.flatMap(({ name, retain }, index) =>
      retain.kind !== 'from-tag' || retain.whileOpen === undefined || fires('protect-existing')
        ? []
        : [
            warn(
              'never-renewed',
              ['objects', index, 'retain', 'whileOpen'],
              `rule ${name}: nothing in s.yaml runs protect-existing, which renews what is held open and sets final dates; ` +
                'give it a trigger, or run `holdfast protect` every day',
            ),
          ],
    ),
    ...buckets.flatMap(({ name, policy }, index) =>
      timed || policy.lockAfterMs !== undefined
        ? []
        : [
            warn(
              'no-timer',
              ['buckets', index, 'policy'],
              `rule ${name}: s.yaml has no enabled timer for policy-timer, so nothing looks at its buckets`,
            ),
          ],
    ),
    ...defaults.flatMap(({ name }, index) =>
      timed
        ? []
        : [
            warn(
              'no-timer',
              ['defaults', index],
              `rule ${name}: s.yaml has no enabled timer for policy-timer, so nothing keeps its default retention in place`,
            ),
          ],
    ),
    ...(keepsLetters && deadLetters === undefined
      ? [
          warn(
            'no-dead-letters',
            [],
            'events that failed to the end are kept nowhere, although s.yaml hands them on: ' +
              'add deadLetters: oss://my-bucket/dead-letters/',
          ),
        ]
      : []),
  ];
}

const isTimer = (trigger: Resource['props']['triggers'][number]): boolean =>
  trigger.triggerType === 'timer' && trigger.triggerConfig.enable;

/**
 * Finds a timer whose failed runs become dead letters. The warning stands at the setting of s.yaml that makes them.
 */
export function timerLetters(resources: readonly Resource[]): Warning[] {
  return resources.flatMap((resource) =>
    isFunction('policy-timer', resource) &&
    resource.props.asyncInvokeConfig.destinationConfig?.onFailure !== undefined
      ? [
          warn(
            'timer-letters',
            ['resources', resource.name, 'props', 'asyncInvokeConfig', 'destinationConfig', 'onFailure'],
            `${resource.name} has a failure destination: each run that fails makes a dead letter, up to 96 a day, and the ` +
              'next run repeats it anyway; remove destinationConfig, and set maxAsyncRetryAttempts: 0',
          ),
        ]
      : [],
  );
}
