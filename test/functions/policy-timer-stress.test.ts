import { it } from 'vitest';
import { stressTimer } from '../support/policy-timer-stress.ts';

it('160 buckets with a fifth of all calls failing: three runs lock every acceptable policy in time, none twice, no other', () =>
  stressTimer(160));
