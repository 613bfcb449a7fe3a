/** Parts of an error of Node that the words are made of. */
interface SystemError extends Error {
  readonly code: string;
  readonly syscall?: unknown;
  readonly hostname?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  /** Of OpenSSL. */
  readonly reason?: unknown;
}

/** Words for a file or folder, as the rest of a sentence that begins with its path. */
const OF_FILES: Readonly<Record<string, string>> = {
  EACCES: 'may not be opened by this user',
  EBUSY: 'is in use',
  EDQUOT: 'does not fit: the disk quota of this user is exhausted',
  EEXIST: 'exists already',
  EFBIG: 'is too large for its file system',
  EINVAL: 'is not a path that the system can use',
  EIO: 'cannot be read from or written to its disk',
  EISDIR: 'is a directory',
  ELOOP: 'is a circle of symbolic links',
  EMFILE: 'cannot be opened: this process has too many files open',
  ENAMETOOLONG: 'has a name that is too long',
  ENFILE: 'cannot be opened: the system has too many files open',
  ENODEV: 'is a device that does not exist',
  ENOENT: 'does not exist',
  ENOSPC: 'does not fit: the disk is full',
  ENOTDIR: 'is a path through a file that is not a folder',
  ENOTEMPTY: 'is a folder that is not empty',
  ENXIO: 'is a pipe, socket or device that nobody serves',
  EPERM: 'may not be changed by this user',
  EROFS: 'is on a read-only file system',
  ESTALE: 'is on a network file system that no longer has it',
  ETXTBSY: 'is a program that is running',
  EXDEV: 'is on another file system',
};

/** Words for a connection; `where` is an address, or `the other side`. */
const OF_CONNECTIONS: Readonly<Record<string, (where: string) => string>> = {
  EADDRNOTAVAIL: (where) => `${where} cannot be reached from an address of this machine`,
  ECONNABORTED: (where) => `the connection to ${where} was closed before an answer`,
  ECONNREFUSED: (where) => `${where} refuses connections`,
  ECONNRESET: (where) => `${where} closed the connection before its answer`,
  EHOSTDOWN: (where) => `${where} is down`,
  EHOSTUNREACH: (where) => `no route leads to ${where}`,
  ENETDOWN: (where) => `the network to ${where} is down`,
  ENETUNREACH: (where) => `no route leads to ${where}`,
  EPIPE: (where) => `${where} closed the connection`,
  EPROTO: (where) => `${where} does not speak TLS, or another version of it`,
  ETIMEDOUT: (where) => `${where} does not answer`,
};

/** Words for a name that DNS could not resolve. */
const OF_NAMES: Readonly<Record<string, (name: string) => string>> = {
  EAI_AGAIN: (name) => `the name ${name} cannot be looked up: DNS does not answer`,
  EAI_FAIL: (name) => `the name ${name} cannot be looked up: DNS failed`,
  EAI_NODATA: (name) => `the name ${name} has no address in DNS`,
  EAI_NONAME: (name) => `the name ${name} does not exist in DNS`,
  ENODATA: (name) => `the name ${name} has no address in DNS`,
  ENOTFOUND: (name) => `the name ${name} does not exist in DNS`,
};

const ON_CONNECTIONS = ['connect', 'read', 'write', 'shutdown'];

/**
 * Says in words what an error of the system means. Node's own message begins with the name of a constant, and
 * repeats system call and path. The result continues a sentence about a file; about a connection, it is a
 * sentence of its own.
 * @returns undefined for any other error
 */
export function systemWords(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  if (thrown.name === 'TimeoutError' && thrown instanceof DOMException) return 'no answer in time';
  if (!isSystemError(thrown)) return undefined;
  if (thrown.code.startsWith('HPE_')) return 'the answer is not HTTP';
  if (thrown.code.startsWith('ERR_OSSL_') && typeof thrown.reason === 'string') {
    return thrown.reason === 'no start line' ? 'it has no BEGIN line' : thrown.reason;
  }
  if (thrown.code.startsWith('ERR_SSL_')) return tlsWords(thrown.code);
  const { code, syscall, hostname, address, port } = thrown;
  const name = OF_NAMES[code];
  if (name && /^(?:getaddrinfo|query)/.test(String(syscall))) return name(String(hostname ?? 'of the host'));
  const ofFile = OF_FILES[code];
  // A read of a file and of a connection have the same name; only a connection has these codes.
  const ofConnection = OF_CONNECTIONS[code];
  if (ofConnection && (syscall === undefined || ON_CONNECTIONS.includes(String(syscall)))) {
    return ofConnection(
      typeof address === 'string' ? `${hostIn(address)}:${String(port)}` : 'the other side',
    );
  }
  return syscall === undefined ? undefined : ofFile;
}

function isSystemError(thrown: Error): thrown is SystemError {
  return 'code' in thrown && typeof thrown.code === 'string';
}

/** OpenSSL's message repeats the name of its function; the code names the reason. */
function tlsWords(code: string): string {
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') return OF_CONNECTIONS['EPROTO']?.('the other side') ?? code;
  return `the TLS handshake failed: ${code.replace('ERR_SSL_', '').replaceAll('_', ' ').toLowerCase()}`;
}

function hostIn(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
