import {
  AddClientIDToOpenIDConnectProviderCommand,
  type AddClientIDToOpenIDConnectProviderCommandInput,
  AttachRolePolicyCommand,
  type AttachRolePolicyCommandInput,
  CreateOpenIDConnectProviderCommand,
  type CreateOpenIDConnectProviderCommandInput,
  CreateRoleCommand,
  type CreateRoleCommandInput,
  DeleteOpenIDConnectProviderCommand,
  type DeleteOpenIDConnectProviderCommandInput,
  DeleteRoleCommand,
  type DeleteRoleCommandInput,
  DeleteRolePolicyCommand,
  type DeleteRolePolicyCommandInput,
  DetachRolePolicyCommand,
  type DetachRolePolicyCommandInput,
  type IAMClient,
  PutRolePermissionsBoundaryCommand,
  type PutRolePermissionsBoundaryCommandInput,
  PutRolePolicyCommand,
  type PutRolePolicyCommandInput,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  type RemoveClientIDFromOpenIDConnectProviderCommandInput,
  TagOpenIDConnectProviderCommand,
  type TagOpenIDConnectProviderCommandInput,
  TagRoleCommand,
  type TagRoleCommandInput,
  UntagRoleCommand,
  type UntagRoleCommandInput,
  UpdateAssumeRolePolicyCommand,
  type UpdateAssumeRolePolicyCommandInput,
  UpdateOpenIDConnectProviderThumbprintCommand,
  type UpdateOpenIDConnectProviderThumbprintCommandInput,
  UpdateRoleCommand,
  type UpdateRoleCommandInput,
} from '@aws-sdk/client-iam';

interface IamInputs {
  CreateOpenIDConnectProvider: CreateOpenIDConnectProviderCommandInput;
  AddClientIDToOpenIDConnectProvider: AddClientIDToOpenIDConnectProviderCommandInput;
  RemoveClientIDFromOpenIDConnectProvider: RemoveClientIDFromOpenIDConnectProviderCommandInput;
  UpdateOpenIDConnectProviderThumbprint: UpdateOpenIDConnectProviderThumbprintCommandInput;
  TagOpenIDConnectProvider: TagOpenIDConnectProviderCommandInput;
  DeleteOpenIDConnectProvider: DeleteOpenIDConnectProviderCommandInput;
  CreateRole: CreateRoleCommandInput;
  UpdateRole: UpdateRoleCommandInput;
  UpdateAssumeRolePolicy: UpdateAssumeRolePolicyCommandInput;
  PutRolePermissionsBoundary: PutRolePermissionsBoundaryCommandInput;
  TagRole: TagRoleCommandInput;
  UntagRole: UntagRoleCommandInput;
  AttachRolePolicy: AttachRolePolicyCommandInput;
  DetachRolePolicy: DetachRolePolicyCommandInput;
  PutRolePolicy: PutRolePolicyCommandInput;
  DeleteRolePolicy: DeleteRolePolicyCommandInput;
  DeleteRole: DeleteRoleCommandInput;
}

type IamOperation = keyof IamInputs;

/** A write to IAM as data: what a plan holds until it is applied. */
export interface IamCallOf<Operation extends IamOperation> {
  readonly service: 'iam';
  readonly operation: Operation;
  readonly input: IamInputs[Operation];
}

export type IamCall = { [Operation in IamOperation]: IamCallOf<Operation> }[IamOperation];

const SENDERS: {
  readonly [Operation in IamOperation]: (iam: IAMClient, input: IamInputs[Operation]) => Promise<unknown>;
} = {
  CreateOpenIDConnectProvider: (iam, input) => iam.send(new CreateOpenIDConnectProviderCommand(input)),
  AddClientIDToOpenIDConnectProvider: (iam, input) =>
    iam.send(new AddClientIDToOpenIDConnectProviderCommand(input)),
  RemoveClientIDFromOpenIDConnectProvider: (iam, input) =>
    iam.send(new RemoveClientIDFromOpenIDConnectProviderCommand(input)),
  UpdateOpenIDConnectProviderThumbprint: (iam, input) =>
    iam.send(new UpdateOpenIDConnectProviderThumbprintCommand(input)),
  TagOpenIDConnectProvider: (iam, input) => iam.send(new TagOpenIDConnectProviderCommand(input)),
  DeleteOpenIDConnectProvider: (iam, input) => iam.send(new DeleteOpenIDConnectProviderCommand(input)),
  CreateRole: (iam, input) => iam.send(new CreateRoleCommand(input)),
  UpdateRole: (iam, input) => iam.send(new UpdateRoleCommand(input)),
  UpdateAssumeRolePolicy: (iam, input) => iam.send(new UpdateAssumeRolePolicyCommand(input)),
  PutRolePermissionsBoundary: (iam, input) => iam.send(new PutRolePermissionsBoundaryCommand(input)),
  TagRole: (iam, input) => iam.send(new TagRoleCommand(input)),
  UntagRole: (iam, input) => iam.send(new UntagRoleCommand(input)),
  AttachRolePolicy: (iam, input) => iam.send(new AttachRolePolicyCommand(input)),
  DetachRolePolicy: (iam, input) => iam.send(new DetachRolePolicyCommand(input)),
  PutRolePolicy: (iam, input) => iam.send(new PutRolePolicyCommand(input)),
  DeleteRolePolicy: (iam, input) => iam.send(new DeleteRolePolicyCommand(input)),
  DeleteRole: (iam, input) => iam.send(new DeleteRoleCommand(input)),
};

/** Makes the call. @throws what the SDK throws */
export async function sendIamCall<Operation extends IamOperation>(
  iam: IAMClient,
  { operation, input }: IamCallOf<Operation>,
): Promise<void> {
  await SENDERS[operation](iam, input);
}
