import { it } from 'vitest';
import { stressTimer } from '../support/policy-timer-stress.ts';

it(
  '2,000 buckets with a fifth of all calls failing: three runs lock every acceptable policy in time, none twice, no other',
  () => stressTimer(2000),
  600_000,
); // a limit against hanging, on machines of any speed
