import { type Command, command } from './objects.ts';

/** Ways in which a call fails. */
export const effects = [
  { status: 500, code: 'InternalError' },
  { status: 503, code: 'QpsLimitExceeded', after: true },
  { reset: 'before' },
  { reset: 'after' },
  { cut: 0.5 },
];

/** The service fails some of the next calls of the function, or of the repair. */
export const breakCalls = (effect: unknown, skip: number, times: number): Command =>
  command(
    `break ${times} calls after ${skip}: ${JSON.stringify(effect)}`,
    (model, { cloud, functionPrincipal: principal }) => {
      model.stormy = true;
      cloud.oss.faults.add({ principal, skip, times, effect });
      cloud.oss.faults.add({ principal: 'user repair', skip, times: Math.min(times, 4), effect });
    },
    ({ stormy }) => !stormy, // the repair tries five times: two bouts together would end it
  );

/** The service fails no more. */
export const calm = (): Command =>
  command('calm', (model, { cloud }) => {
    model.stormy = false;
    cloud.oss.faults.clear();
  });
