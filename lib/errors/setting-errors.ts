import type { ErrorCatalogue } from './catalogue.ts';

/** Command line and files, for every command alike. */
export const settingErrors = {
  FILE_EXISTS: {
    happened:
      'A key, the token of `podrole token --file`, or the folder of `podrole doctor --save`, would be written where something exists. podrole never overwrites a key: tokens may need it.',
    remedy: 'Name another folder with `--out` or `--save`, or another file with `--file`.',
  },
  FOLDER_REFUSED: {
    happened:
      'The folder of `podrole token --watch` holds something else, belongs to another user, may be written by every user, or is written by another process too.',
    remedy: 'Name a file in a folder of its own. podrole creates the folder.',
  },
  INVALID_NAME: {
    happened:
      'A name from a flag, a file or the cluster is empty, `.` or `..`, and would lead to another address of the API server.',
    remedy: 'Find the flag, file or object that the name comes from, and correct it.',
  },
  INVALID_SETTING: {
    happened: 'A flag or variable has a value that podrole cannot use, or it contradicts another one.',
    remedy: 'Correct the value that the message names. [Settings](settings.md) lists every flag.',
  },
  LISTEN_FAILED: {
    happened: 'podrole cannot listen on a port: another process uses it, or this user may not.',
    remedy: 'Choose a free port, 1024 or above for a user other than root.',
  },
  MISSING_SETTING: {
    happened: 'A required flag or operand is not set.',
    remedy: 'Give the flag that the message names, or set its variable.',
  },
  NOT_WRITTEN: {
    happened:
      'A file could not be written, by `podrole inject`, `podrole keys create`, `podrole token` or `podrole doctor --save`, or the output of a command.',
    remedy:
      'Give this user write access to the folder, and check the free space of its disk. If it is the output, the command has run to its end.',
  },
  PROXY_FAILED: {
    happened:
      'A proxy that `HTTPS_PROXY`, `HTTP_PROXY` or the kubeconfig names did not connect podrole to the target: the proxy cannot be reached, asks for credentials, or refuses.',
    remedy: 'See [Proxies](proxies.md). For a target that needs no proxy, add its host to `NO_PROXY`.',
  },
  UNEXPECTED: {
    happened: 'podrole failed at a place where it expects no failure. This is a bug.',
    remedy: 'Report it with the output. Check first that the output holds no secrets.',
  },
  UNREADABLE_FILE: {
    happened:
      'A file or folder that a setting names does not exist, is too large, is not a regular file, is not UTF-8, or may not be read by this user.',
    remedy: 'Name a file that this user may read. In a pod, check the volume mount and the user ID.',
  },
  USAGE: {
    happened: 'The command line has an unknown command, option or operand, or it lacks one or its value.',
    remedy: 'Compare it with `podrole COMMAND --help`.',
  },
} as const satisfies ErrorCatalogue;
