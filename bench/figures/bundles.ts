import { statSync } from 'node:fs';
import type { Figure } from './figure.ts';

const goals = { 'object-created': 250_000, 'protect-existing': 450_000 } as const;

/** The size of the functions whose start is waited for, minified, as they are deployed. */
export const bundles: Figure = () =>
  Object.entries(goals).map(([name, goal]) => {
    const { size } = statSync(`dist/${name}/index.js`);
    return {
      what: `bundle of ${name}`,
      value: `${Math.round(size / 1000)} KB`,
      reference: '',
      measured: size,
      goal,
    };
  });
