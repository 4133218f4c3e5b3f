import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPTIONS, type OptionName } from './options.ts';

const root = new URL('../../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const captures = (text: string, expression: RegExp): string[] =>
  [...text.matchAll(expression)].map(([, found]) => found!);
const packageOf = (folder: string): { workspaces?: string[]; dependencies?: Record<string, string> } =>
  JSON.parse(read(`${folder}package.json`));

const settings = new Set(['NODE_ENV', 'ASSENT_CONFIG']);
for (const name of Object.keys(OPTIONS) as OptionName[]) {
  const spec = OPTIONS[name];
  settings.add(spec.env);
  if ('secret' in spec && spec.secret) settings.add(`${spec.env}_FILE`);
}

describe('deploy/assent-log.service', () => {
  const unit = read('deploy/assent-log.service');

  it('starts a program that is there, with settings that there are', () => {
    const programs = captures(unit, /^ExecStart=\S+(?: --\S+)* \/opt\/assent\/(\S+) serve$/gm);
    expect(programs).toHaveLength(1);
    expect(existsSync(new URL(programs[0]!, root))).toBe(true);
    const variables = captures(unit, /^Environment=([A-Z_]+)=/gm);
    expect(variables.length).toBeGreaterThan(4);
    for (const variable of variables) expect(settings).toContain(variable);
  });

  it('hands over every secret that it names', () => {
    const used = captures(unit, /=%d\/(\S+)$/gm);
    expect(used.sort()).toEqual(captures(unit, /^LoadCredential=([^:]+):/gm).sort());
    expect(used).toContain('log-key-passphrase');
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('has every workspace for npm ci, and takes what the server needs of them', () => {
    const { workspaces = [] } = packageOf('');
    expect(captures(dockerfile, /^COPY ([a-z-]+)\/package\.json /gm).sort()).toEqual([...workspaces].sort());
    const needed = new Set(['log-server']);
    for (const folder of needed) {
      for (const dependency of Object.keys(packageOf(`${folder}/`).dependencies ?? {})) {
        if (dependency.startsWith('@assent/')) needed.add(dependency.slice('@assent/'.length));
      }
    }
    const taken = captures(dockerfile, /^COPY --from=build \/src\/([a-z-]+)\/dist /gm);
    expect(taken.sort()).toEqual([...needed].sort());
    const omitted = captures(dockerfile, /--workspace=@assent\/([a-z-]+)/g);
    expect(omitted.sort()).toEqual([...needed].sort());
  });

  it('copies what is there or is built, and names settings that there are', () => {
    for (const source of captures(dockerfile, /^COPY --from=build \/src\/(\S+) /gm)) {
      const isBuilt = /(^|\/)(dist|node_modules)$/.test(source);
      expect(isBuilt || existsSync(new URL(source, root)), source).toBe(true);
    }
    for (const variable of captures(dockerfile, /\b(ASSENT_[A-Z_]+|DATABASE_URL[A-Z_]*)/g)) {
      expect(settings).toContain(variable);
    }
  });
});
