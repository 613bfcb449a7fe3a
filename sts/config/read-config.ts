import { dirname, resolve } from 'node:path';
import { type Fault, messageOf, PodroleError } from '../../lib/errors.ts';
import { readSettingFile } from '../../lib/settings/settings.ts';
import { placesIn } from '../../lib/text/place-in-text.ts';
import { parseYamlDocuments } from '../../lib/yaml/yaml-documents.ts';
import { yamlFault } from '../../lib/yaml/yaml-fault.ts';
import { parseStsConfig, type StsConfig } from './config.ts';

/**
 * Reads a configuration from its YAML file; the paths in it are relative to that file.
 * @throws PodroleError `UNREADABLE_FILE`; `INVALID_FILE` if it is not one YAML document; what parseStsConfig
 *   throws
 */
export function readStsConfig(file: string): StsConfig {
  const content = readSettingFile('--config', file);
  const readText = (path: string) => readSettingFile('file', resolve(dirname(file), path));
  return parseStsConfig(onlyDocument(content, `--config ${file}`), file, readText);
}

function onlyDocument(content: string, object: string): unknown {
  const refuse = ({ problem, remedy }: Pick<Fault, 'problem' | 'remedy'>) =>
    new PodroleError({ code: 'INVALID_FILE', object, problem, remedy });
  const [document, second] = parseYamlDocuments(content);
  const [error] = document?.errors ?? [];
  if (error) throw refuse(yamlFault(error, placesIn(content)));
  if (second) throw refuse({ problem: 'has more than one document', remedy: 'leave one of them' });
  try {
    return document?.toJS({ maxAliasCount: 100 }) ?? null;
  } catch (thrown) {
    throw refuse({ problem: messageOf(thrown), remedy: 'fix its anchors and aliases' });
  }
}
