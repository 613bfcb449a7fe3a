import { compareText } from '../../lib/text/compare.ts';
import type { MigrationModel } from '../model.ts';
import { cleanUpFiles } from './clean-up/clean-up-page.ts';
import { namespaceFiles } from './namespaces/namespace-files.ts';
import { movesOf } from './parts/moves.ts';
import type { StepFile } from './parts/step-file.ts';
import { stepsPage } from './steps-page.ts';
import { trustStep } from './trust/trust-files.ts';

/** Returns the files of the three steps, in the order of their paths. */
export function stepFiles(model: MigrationModel): readonly StepFile[] {
  const { moves, left } = movesOf(model);
  const byNamespace = Map.groupBy(moves, ({ workload }) => workload.namespace);
  const splits = Map.groupBy(model.splits, ({ namespace }) => namespace);
  const rules = new Map(model.namespaces.map((rule) => [rule.name, rule]));
  const namespaces = [...byNamespace.keys()].sort(compareText);
  const trust = trustStep(moves, model);
  const files = [
    { path: 'README.md', text: stepsPage({ trust, namespaces, left }, model) },
    ...trust.files,
    ...namespaces.flatMap((namespace) =>
      namespaceFiles(
        {
          namespace,
          moves: byNamespace.get(namespace) ?? [],
          splits: splits.get(namespace) ?? [],
          rule: rules.get(namespace),
        },
        model,
      ),
    ),
    ...cleanUpFiles(moves, model),
  ];
  return files.sort((one, other) => compareText(one.path, other.path));
}
