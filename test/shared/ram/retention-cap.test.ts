import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluate, parsePolicy } from '../../../shared/ram/policy.ts';
import { capStatement, mostRemainingDays } from '../../../shared/ram/retention-cap.ts';
import { addDuration, parseDuration } from '../../../shared/rules/duration.ts';
import type { Duration } from '../../../shared/rules/types.ts';

function period(text: string): Duration {
  const parsed = parseDuration(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
}

it.each([
  ['10y', 3654],
  ['1y', 367],
  ['365d', 366],
  ['1mo', 32],
  ['1y6mo', 551],
])('a cap of %s comes to %i days at most, begun days counted', (text, days) => {
  expect(mostRemainingDays(period(text))).toBe(days);
});

it('no date that the cap allows is denied, and a date of two days more is', () => {
  const allow = {
    Effect: 'Allow',
    Action: 'oss:PutObjectRetention',
    Resource: 'acs:oss:*:*:bucket/*',
  };
  const starts = fc.date({ min: new Date('2024-01-01Z'), max: new Date('2060-01-01Z'), noInvalidDate: true });
  const periods = fc.constantFrom('30d', '1mo', '18mo', '7y', '1y6mo15d', '10y');
  fc.assert(
    fc.property(starts, periods, (now, text) => {
      const cap = period(text);
      const policy = parsePolicy(
        JSON.stringify({ Version: '1', Statement: [allow, capStatement(cap)] }),
        'p',
      );
      const verdict = (days: number) =>
        evaluate(policy, 'oss:PutObjectRetention', 'acs:oss:*:1:bucket/k', {
          'oss:object-remaining-retention-days': days,
        });
      const remaining = Math.ceil((addDuration(now, cap).getTime() + 999 - now.getTime()) / 86_400_000);
      expect(verdict(remaining)).toBe('Allow');
      expect(verdict(mostRemainingDays(cap) + 1)).toBe('ExplicitDeny');
      expect(mostRemainingDays(cap) - remaining).toBeLessThanOrEqual(5);
    }),
  );
});
