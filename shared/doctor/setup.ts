import { component } from '../deploy/tools.ts';
import { failure, hasCode } from '../platform/errors.ts';
import { quantity } from '../platform/quantity.ts';
import { lastDay } from '../rules/warnings/reviews.ts';
import { type Check, fromError, linesOf } from './finding.ts';

const rulesLines = linesOf('rules');
const templateLines = linesOf('s.yaml');

/** The rules can be read and have no mistake. */
export const rulesCheck: Check = {
  name: 'rules',
  async run({ rules, rulesPlace }) {
    const { objects, buckets, defaults } = await rules.load();
    const counts = [
      quantity(objects.length, 'object rule'),
      quantity(buckets.length, 'bucket rule'),
      ...(defaults.length === 0 ? [] : [quantity(defaults.length, 'default retention')]),
    ];
    return [rulesLines.ok(rulesPlace, `valid: ${counts.join(', ')}`)];
  },
};

const reviewLines = linesOf('review');

/** Checks that no rule is past the date on which somebody was to look at it again. */
export const reviewsCheck: Check = {
  name: 'review',
  async run({ rules, clock }) {
    const now = clock.now();
    const { objects, buckets, defaults } = await rules.need();
    return [...objects, ...buckets, ...defaults].flatMap(({ name, owner, review }) => {
      if (review === undefined) return [];
      if (review > now) return [reviewLines.ok(name, `due by ${lastDay(review)}`)];
      const whom = owner === undefined ? '' : ` with ${owner}`;
      const mend = `find out${whom} whether the rule still holds, and set a new date in the rules`;
      return [reviewLines.warning(name, `was due by ${lastDay(review)}`, mend)];
    });
  },
};

/** Checks the functions that are deployed against s.yaml. */
export const templateCheck: Check = {
  name: 's.yaml',
  async run({ template, templatePlace }) {
    const { functions, unpinned } = await template.load();
    if (unpinned !== undefined) {
      const error = failure('COMPONENT_UNPINNED', { resources: unpinned.join(', '), component });
      return [fromError(templateLines, templatePlace, error)];
    }
    return [templateLines.ok(templatePlace, `valid: ${quantity(functions.length, 'function')}`)];
  },
};

const catalogLines = linesOf('Function Compute');

/** Checks that the place of the functions is known, before anything about them is asked. */
export const catalogCheck: Check = {
  name: 'Function Compute',
  async run({ catalog, region }) {
    try {
      await catalog.load();
      return [catalogLines.ok(region, 'is asked what is deployed')];
    } catch (error) {
      if (!hasCode(error, 'USAGE')) return [fromError(catalogLines, region, error)];
      return [catalogLines.unchecked(region, 'its address is not known', error.message)];
    }
  },
};
