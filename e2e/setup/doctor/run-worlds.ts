import { after, test } from 'node:test';
import type { DoctorSite } from './doctor-site.ts';
import { healSite } from './heal-site.ts';
import { expectVerdict, judgeWorld } from './judge-world.ts';
import type { World } from './world.ts';

/** Declares the tests of a site: it is healthy, then each world, then it is healthy again. */
export function testWorlds(site: DoctorSite, worlds: readonly World[]): void {
  after(() => site.stop());
  const table: string[] = [];

  test('nothing is broken', async () => {
    table.push(row('healthy', '', '', await expectVerdict(site)));
  });

  for (const world of worlds)
    test(`${world.name}: ${world.link}`, async () => {
      const { name, link, code } = world;
      try {
        table.push(row(name, link, code, await judgeWorld(site, world)));
      } catch (thrown) {
        await healSite(site, world);
        throw thrown;
      }
    });

  test('nothing is broken after all worlds', async (t) => {
    table.push(row('healthy again', '', '', await expectVerdict(site)));
    for (const line of ['| world | link | finding | ms |', '|---|---|---|---|', ...table]) t.diagnostic(line);
  });
}

function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
