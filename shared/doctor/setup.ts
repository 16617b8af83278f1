import { component } from '../deploy/tools.ts';
import { failure, hasCode } from '../platform/errors.ts';
import { type Check, fromError, linesOf } from './finding.ts';

const rulesLines = linesOf('rules');
const templateLines = linesOf('s.yaml');

/** The rules can be read and have no mistake. */
export const rulesCheck: Check = {
  name: 'rules',
  async run({ rules, rulesPlace }) {
    const { objects, buckets } = await rules.load();
    return [
      rulesLines.ok(rulesPlace, `valid: ${objects.length} object rule(s), ${buckets.length} bucket rule(s)`),
    ];
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
    return [templateLines.ok(templatePlace, `valid: ${functions.length} function(s)`)];
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
