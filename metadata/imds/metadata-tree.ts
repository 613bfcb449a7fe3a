import type { SessionSource } from '../../credentials/session.ts';
import { type EndpointFacts, zoneOf } from '../endpoint-facts.ts';
import { rememberLast } from '../remember-last.ts';
import { METADATA_API_VERSIONS } from './api-versions.ts';
import { credentialsDocument } from './credentials-document.ts';
import { instanceIdentityDocument } from './instance-identity.ts';
import { instanceProfileDocument } from './instance-profile.ts';
import { directory, type MetadataNode, value } from './tree.ts';

/**
 * Returns everything that is emulated. Host name, MAC address, network, user data and other paths of the real
 * service do not exist here: a pod has no such thing, and clients would believe an invented one.
 *
 * Every version that the real service lists has the whole tree. Tools that ask for a dated version (Ohai
 * takes the newest one that it knows from the list at `/`) find what they would find there, and some paths
 * that were added later.
 */
export function metadataTree(facts: EndpointFacts, sessions: SessionSource): MetadataNode {
  const document = rememberLast(credentialsDocument);
  const constant = (text: string | undefined) => (text === undefined ? undefined : value(() => text));
  const version = directory(
    {
      dynamic: directory({
        'instance-identity': directory({ document: constant(instanceIdentityDocument(facts)) }),
      }),
      'meta-data': directory({
        iam: directory({
          info: constant(instanceProfileDocument(facts)),
          'security-credentials': directory({
            [facts.role.name]: value(async () => document(await sessions.current())),
          }),
        }),
        'instance-id': constant(facts.instanceId),
        placement: directory({
          'availability-zone': constant(zoneOf(facts)),
          'availability-zone-id': constant(facts.availabilityZoneId),
          region: constant(facts.region),
        }),
      }),
    },
    '',
  );
  return directory(Object.fromEntries(METADATA_API_VERSIONS.map((name) => [name, version])), '');
}
