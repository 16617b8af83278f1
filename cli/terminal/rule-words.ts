import { visible } from '../../shared/platform/visible.ts';

/** Returns the name of a rule with the reason that it gives, as people read it. */
export const ruleWithReason = (name: string, because: string | undefined): string =>
  visible(because === undefined ? name : `${name}, because of ${because}`);
