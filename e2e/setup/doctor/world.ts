import type { FindingCode } from '../../../doctor/explanations/finding-code.ts';
import type { Verdict } from '../../../doctor/judge/verdict.ts';
import type { LinkId } from '../../../doctor/link-ids.ts';
import type { DoctorSite } from './doctor-site.ts';

/** One fault of a site that is healthy otherwise, and what `podrole doctor` has to say about it. */
export interface World {
  readonly name: string;
  readonly link: LinkId;
  readonly code: FindingCode;
  /** `warning`: pods get their role, but the finding says what has to change. Default: `broken`. */
  readonly state?: 'warning';
  /** Link that is broken although the cause is only a warning, since podrole cannot check it. */
  readonly alsoBroken?: LinkId;
  readonly breakIt: (site: DoctorSite) => Promise<unknown>;
  /**
   * `commands`: those of the finding are run as printed. Else what its text asks for, which no command of
   * podrole or kubectl can do: in the configuration of a web server, of API servers, or of AWS.
   */
  readonly remedy: 'commands' | ((site: DoctorSite) => Promise<unknown>);
  /** Difference of the operator's environment while the world is broken. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that the remedy adds to the operator's environment. */
  readonly envAfter?: (site: DoctorSite) => Readonly<Record<string, string>>;
  /** Verdict of the repaired world; default: `healthy`. */
  readonly verdictAfter?: Verdict;
  /** Runs after the proof: takes back what a remedy need not take back. */
  readonly tidyUp?: (site: DoctorSite) => Promise<unknown>;
}
