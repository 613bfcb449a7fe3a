import {
  type $Command,
  AddClientIDToOpenIDConnectProviderCommand,
  AttachRolePolicyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  type IAMClient,
  type IAMClientResolvedConfig,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  TagOpenIDConnectProviderCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';

/** Every write to IAM that a plan may hold. */
const SENDERS = {
  CreateOpenIDConnectProvider: sender(CreateOpenIDConnectProviderCommand),
  AddClientIDToOpenIDConnectProvider: sender(AddClientIDToOpenIDConnectProviderCommand),
  RemoveClientIDFromOpenIDConnectProvider: sender(RemoveClientIDFromOpenIDConnectProviderCommand),
  UpdateOpenIDConnectProviderThumbprint: sender(UpdateOpenIDConnectProviderThumbprintCommand),
  TagOpenIDConnectProvider: sender(TagOpenIDConnectProviderCommand),
  DeleteOpenIDConnectProvider: sender(DeleteOpenIDConnectProviderCommand),
  CreateRole: sender(CreateRoleCommand),
  UpdateRole: sender(UpdateRoleCommand),
  UpdateAssumeRolePolicy: sender(UpdateAssumeRolePolicyCommand),
  PutRolePermissionsBoundary: sender(PutRolePermissionsBoundaryCommand),
  TagRole: sender(TagRoleCommand),
  UntagRole: sender(UntagRoleCommand),
  AttachRolePolicy: sender(AttachRolePolicyCommand),
  DetachRolePolicy: sender(DetachRolePolicyCommand),
  PutRolePolicy: sender(PutRolePolicyCommand),
  DeleteRolePolicy: sender(DeleteRolePolicyCommand),
  DeleteRole: sender(DeleteRoleCommand),
} as const;

/** Pairs the input of an operation with the command that takes it. */
function sender<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  Command: new (
    input: Input,
  ) => $Command<Input, Output, IAMClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>,
): (iam: IAMClient, input: Input) => Promise<unknown> {
  return (iam, input) => iam.send(new Command(input));
}

type IamOperation = keyof typeof SENDERS;
type IamInputs = { [Operation in IamOperation]: Parameters<(typeof SENDERS)[Operation]>[1] };

/** A write to IAM as data: what a plan holds until it is applied. */
export interface IamCallOf<Operation extends IamOperation> {
  readonly service: 'iam';
  readonly operation: Operation;
  readonly input: IamInputs[Operation];
  /** Account of `--target-profile`, whose credentials make the call. Left out: those of the command. */
  readonly account?: string;
}

export type IamCall = { [Operation in IamOperation]: IamCallOf<Operation> }[IamOperation];

/** The table once more, indexed so that TypeScript sees that operation and input belong together. */
type IamSenders = {
  readonly [Operation in IamOperation]: (iam: IAMClient, input: IamInputs[Operation]) => Promise<unknown>;
};

/** Makes the call. @throws what the SDK throws */
export async function sendIamCall<Operation extends IamOperation>(
  iam: IAMClient,
  { operation, input }: IamCallOf<Operation>,
): Promise<void> {
  const senders: IamSenders = SENDERS;
  await senders[operation](iam, input);
}
