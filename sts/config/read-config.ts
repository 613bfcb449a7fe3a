import { dirname, resolve } from 'node:path';
import { readSettingFile } from '../../lib/settings/settings.ts';
import { parseYamlDocuments } from '../../lib/yaml-documents.ts';
import { orInvalidFile } from '../invalid-file.ts';
import { parseStsConfig, type StsConfig } from './config.ts';

/**
 * Reads a configuration from its YAML file; the paths in it are relative to that file.
 * @throws PodroleError `INVALID_FILE` if it is not one YAML document; what parseStsConfig throws
 */
export function readStsConfig(file: string): StsConfig {
  const content = readSettingFile('--config', file);
  const readText = (path: string) => readSettingFile('file', resolve(dirname(file), path));
  return parseStsConfig(
    orInvalidFile('--config', file, () => onlyDocument(content)),
    file,
    readText,
  );
}

function onlyDocument(content: string): unknown {
  const [document, second] = parseYamlDocuments(content);
  const [error] = document?.errors ?? [];
  if (error) throw error;
  if (second) throw new Error('has more than one document');
  return document?.toJS({ maxAliasCount: 100 }) ?? null;
}
