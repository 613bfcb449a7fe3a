import assert from 'node:assert/strict';
import type { Finding } from '../../../doctor/chain/finding.ts';
import type { Verdict } from '../../../doctor/judge/verdict.ts';
import type { DoctorResult } from '../../../doctor/render/for-programs.ts';
import { runPodrole } from '../run-podrole.ts';
import type { DoctorSite } from './doctor-site.ts';
import type { World } from './world.ts';

/** The only chain of `podrole doctor -o json`. */
type Diagnosis = DoctorResult['chains'][number];

type Env = Readonly<Record<string, string>>;

/**
 * Breaks the world, and asserts what doctor says about it; repairs it as doctor says, and asserts health.
 * @returns time of the diagnosis of the broken world, in ms
 */
export async function judgeWorld(site: DoctorSite, world: World): Promise<number> {
  await world.breakIt(site);
  await site.settle();
  const { diagnosis, tookMs } = await diagnose(site, { ...site.env, ...world.env });
  const finding = expectFinding(diagnosis, world);
  const env = { ...site.env, ...world.envAfter?.(site) };
  if (world.remedy === 'commands') await runCommands(site, finding, env);
  else await world.remedy(site);
  await site.settle();
  await expectVerdict(site, { env, verdict: world.verdictAfter, without: finding });
  await world.tidyUp?.(site);
  await site.settle();
  return tookMs;
}

interface ExpectedVerdict {
  readonly env?: Env;
  readonly verdict?: Verdict | undefined;
  /** Must not be found any more. */
  readonly without?: Finding;
}

/** Asserts what doctor says about a site in which nothing is broken. @returns its time in ms */
export async function expectVerdict(
  site: DoctorSite,
  { env = site.env, verdict = 'healthy', without }: ExpectedVerdict = {},
): Promise<number> {
  const { diagnosis, tookMs } = await diagnose(site, env);
  const said = describe(diagnosis.chain);
  assert.equal(diagnosis.verdict, verdict, said);
  assert.ok(!without || !diagnosis.chain.some(({ code }) => code === without.code), said);
  return tookMs;
}

/** Exit codes by verdict. */
const EXIT_CODE = { healthy: 0, broken: 1, unknown: 3 } as const;

async function diagnose(site: DoctorSite, env: Env): Promise<{ diagnosis: Diagnosis; tookMs: number }> {
  await site.sts.refresh();
  const began = performance.now();
  const { code, stdout, stderr } = await runPodrole(
    ['doctor', 'deployment/web', '-n', 'shop', '-o', 'json'],
    env,
  );
  const tookMs = Math.round(performance.now() - began);
  try {
    const { chains } = JSON.parse(stdout) as DoctorResult;
    const [diagnosis] = chains;
    assert.ok(diagnosis);
    assert.equal(code, EXIT_CODE[diagnosis.verdict]);
    return { diagnosis, tookMs };
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw new Error(`podrole doctor printed no JSON: ${stdout}${stderr}`, { cause: thrown });
  }
}

function expectFinding({ chain }: Diagnosis, { link, code, state: named, alsoBroken }: World): Finding {
  const state = named ?? 'broken';
  const said = describe(chain);
  const [first] = chain.filter((each) => each.state === state);
  assert.ok(first, `something is ${state}:\n${said}`);
  assert.deepEqual({ link: first.link, code: first.code }, { link, code }, said);
  const broken = chain.filter(isBroken).map((each) => each.link);
  if (state === 'warning') assert.deepEqual(broken, alsoBroken ? [alsoBroken] : [], said);
  assert.ok(first.remedy, `${code} has a remedy`);
  return first;
}

async function runCommands(site: DoctorSite, { code, remedy }: Finding, env: Env): Promise<void> {
  const { text = '', commands = [] } = remedy ?? {};
  assert.ok(commands.length > 0, `commands for ${code}: ${text}`);
  for (const command of commands) {
    const { code: exitCode, stdout, stderr } = await site.shell(command, env);
    assert.equal(exitCode, 0, `${command}\n${stdout}${stderr}`);
  }
}

function isBroken({ state }: Finding): boolean {
  return state === 'broken';
}

function describe(chain: readonly Finding[]): string {
  return chain
    .map(({ link, state, code = '', object, expected, found, details, remedy }) =>
      [
        `${link} ${state} ${code}: ${object} ${found}${expected && `; expected: ${expected}`}`,
        ...details,
        ...(remedy ? [`-> ${remedy.text}`, ...remedy.commands.map((command) => `$ ${command}`)] : []),
      ].join('\n    '),
    )
    .join('\n');
}
