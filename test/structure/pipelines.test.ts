import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { commandLine } from '../../scripts/docs/command-line.ts';

const read = (file: string): unknown => parse(readFileSync(file, 'utf8'));
const input = z.strictObject({ description: z.string(), default: z.string() });

/** The form of a composite action (GitHub, "Metadata syntax"). */
const action = z.strictObject({
  name: z.string(),
  description: z.string(),
  inputs: z.record(z.string(), input),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({
    using: z.literal('composite'),
    steps: z.array(
      z.strictObject({
        name: z.string(),
        id: z.string().optional(),
        if: z.string().optional(),
        shell: z.literal('bash'),
        env: z.record(z.string(), z.string()),
        run: z.string(),
      }),
    ),
  }),
});

/** The form of hooks (pre-commit, "Creating new hooks"). */
const hooks = z.array(
  z.strictObject({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    entry: z.string(),
    language: z.literal('system'),
    files: z.string(),
    pass_filenames: z.boolean().optional(),
  }),
);

const pipeline = z.object({ holdfast: z.object({ image: z.string(), script: z.array(z.string()) }) });

let program: Command;
beforeAll(async () => {
  program = await commandLine();
});

/** Every `holdfast` command of a script is one that there is, with options that it has. */
function expectCommands(scripts: readonly string[]): void {
  const found = scripts.flatMap((text) => [...text.matchAll(/holdfast ([a-z]+)([^\n>]*)/g)]);
  expect(found.length).toBeGreaterThan(0);
  for (const [, name, rest = ''] of found) {
    const command = program.commands.find((each) => each.name() === name);
    expect(command, name).toBeDefined();
    const known = command?.options.map(({ long }) => long) ?? [];
    for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(known).toContain(option);
  }
}

describe('what pipelines take from here', () => {
  it('action.yml is a composite action, which takes no input into a script but by the environment', () => {
    const { inputs, runs } = action.parse(read('action.yml'));
    expectCommands(runs.steps.map(({ run }) => run));
    for (const { run, env } of runs.steps) {
      expect(run).not.toContain('${{');
      for (const value of Object.values(env))
        expect(Object.keys(inputs).map((name) => `\${{ inputs.${name} }}`)).toContain(value);
    }
  });

  it('.pre-commit-hooks.yaml has hooks that fire for rules alone', () => {
    const all = hooks.parse(read('.pre-commit-hooks.yaml'));
    expectCommands(all.map(({ entry }) => entry));
    for (const { files } of all) {
      expect('config/rules.yaml').toMatch(new RegExp(files));
      expect('s.yaml').not.toMatch(new RegExp(files));
    }
  });

  it('the example for GitLab has a script of commands that there are', () => {
    expectCommands(pipeline.parse(read('examples/gitlab-ci.yml')).holdfast.script);
  });
});
