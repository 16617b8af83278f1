import * as z from 'zod';
import { allIssues } from '../../shared/platform/first-issue.ts';
import type { Weather } from '../fc/weather.ts';
import type { Faults } from '../oss/faults/index.ts';
import { type Answer, BadRequest, type Routes } from './answer.ts';

/**
 * Makes the routes of what goes wrong. A rule with a kind is the functions' weather, of every platform; one without is
 * the object store's.
 */
export function faultRoutes(faults: Faults, [first, ...others]: readonly [Weather, ...Weather[]]): Routes {
  const weathers = [first, ...others];
  const list = () => [...faults.list(), ...first.list()];

  const add: Answer = ({ body }) => {
    const kind = z.object({ kind: z.string() }).safeParse(body).success;
    try {
      if (kind) for (const weather of weathers) weather.add(body);
      else faults.add(body);
    } catch (error) {
      const reason = error instanceof z.ZodError ? allIssues(error, 'the body') : String(error);
      throw new BadRequest(
        `this is no fault rule: ${reason}`,
        'send {"operation":"HeadObject","effect":{…}}, {"kind":"events","lose":0.1,"seed":1} or {"kind":"instances","killRate":0.1}',
      );
    }
    return list();
  };

  const remove: Answer = ({ body }) => {
    if (body === undefined) {
      faults.clear();
      for (const weather of weathers) weather.clear();
      return list();
    }
    const removed = [faults, ...weathers].map((each) => each.remove(body));
    if (!removed.includes(true)) {
      throw new BadRequest(
        'no rule like this is in force',
        'send a rule as GET /_local/faults lists it, or no body to end all of them',
        404,
      );
    }
    return list();
  };

  return { 'GET faults': list, 'POST faults': add, 'DELETE faults': remove };
}
