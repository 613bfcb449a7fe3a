import { createServer, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  CreateOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  GetOpenIDConnectProviderCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { drain, listen } from '../../../../lib/http/serve.ts';

const ADD_CLIENT_ID = 'AddClientIDToOpenIDConnectProvider';

/**
 * Starts an IAM in front of moto that has the one action of `podrole provider ensure` that moto lacks:
 * AddClientIDToOpenIDConnectProvider. All others go to moto unchanged.
 * @param iam client of moto
 * @param upstream URL of moto, without a path
 */
export async function startIamFront(
  iam: IAMClient,
  upstream: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer(async (incoming, response) => {
    const { method, headers, url = '/' } = incoming;
    const sent = await text(incoming);
    const form = new URLSearchParams(sent);
    try {
      if (form.get('Action') === ADD_CLIENT_ID) {
        await addClientId(iam, form);
        response.writeHead(200, { 'content-type': 'text/xml' }).end(ADDED);
        return;
      }
      const onward = httpRequest(`${upstream}${url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      onward.end(sent);
    } catch {
      response.destroy();
    }
  });
  const port = await listen(server, 0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}`, stop: () => drain(server, 0) };
}

const ADDED = `<${ADD_CLIENT_ID}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ResponseMetadata><RequestId>e2e</RequestId></ResponseMetadata></${ADD_CLIENT_ID}Response>`;

/** Creates the provider again, with one client ID more. */
async function addClientId(iam: IAMClient, form: URLSearchParams): Promise<void> {
  const provider = { OpenIDConnectProviderArn: form.get('OpenIDConnectProviderArn') ?? '' };
  const {
    Url,
    ClientIDList = [],
    ThumbprintList,
    Tags,
  } = await iam.send(new GetOpenIDConnectProviderCommand(provider));
  await iam.send(new DeleteOpenIDConnectProviderCommand(provider));
  await iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: `https://${Url}`,
      ClientIDList: [...ClientIDList, form.get('ClientID') ?? ''],
      ...{ ThumbprintList, Tags },
    }),
  );
}
